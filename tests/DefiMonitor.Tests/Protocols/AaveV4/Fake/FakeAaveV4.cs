using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV4;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.AaveV4.Fake;

/// <summary>
/// One Spoke of Aave V4 in memory with two hubs, in which another Spoke acts as well. Its state is its own; from the product it borrows only formulas that are held to
/// the real code.
/// </summary>
internal sealed partial class FakeAaveV4 : IFakeMarket
{
    public static readonly Address Spoke = FakeAddress.Of(0x51, 1);
    public static readonly Address OtherSpoke = FakeAddress.Of(0x51, 2);
    public static readonly Address Oracle = FakeAddress.Of(0x52, 1);
    public static readonly Address Weth = FakeAddress.Of(0x53, 1);
    public static readonly Address Usdc = FakeAddress.Of(0x53, 2);
    public static readonly Address Wbtc = FakeAddress.Of(0x53, 3);
    public static readonly Address EthSource = FakeAddress.Of(0x54, 1);
    public static readonly Address UsdSource = FakeAddress.Of(0x54, 2);
    public static readonly Address BtcSource = FakeAddress.Of(0x54, 3);

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly Dictionary<(Address User, ushort Reserve), PositionRow> positions = [];
    private readonly Dictionary<Address, uint> riskPremiums = [];

    public FakeAaveV4(int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        Header = HeaderOf(1_000, 1_780_000_000);
        Owners = [.. Enumerable.Range(1, 8).Select(i => FakeAddress.Of(0xee, i))];
        Core = new FakeHub(FakeAddress.Of(0x55, 1));
        Prime = new FakeHub(FakeAddress.Of(0x55, 2));
        for (var i = 0; i < 3; i++)
        {
            Core.Add(Header.Timestamp, (ushort)(i * 1_000));
        }

        Prime.Add(Header.Timestamp, 500);
        Reserves =
        [
            new FakeReserve(0, Core, 0, Weth, 18, EthSource),
            new FakeReserve(1, Core, 1, Usdc, 6, UsdSource),
            new FakeReserve(2, Core, 2, Wbtc, 8, BtcSource) { Risk = 1_500 },
            new FakeReserve(3, Prime, 0, Usdc, 6, UsdSource) { Risk = 0 },
        ];
        ushort[] factors = [8_000, 7_800, 7_000, 7_500];
        foreach (var reserve in Reserves)
        {
            reserve.Keys.Add(new DynamicConfig(factors[reserve.Id], 10_500, 1_000));
            SupplyOther(reserve, Units(reserve, 5_000_000));
        }

        if (isEmpty)
        {
            return;
        }

        foreach (var owner in Owners)
        {
            foreach (var reserve in Reserves)
            {
                if (random.Next(3) > 0)
                {
                    Supply(owner, reserve, Units(reserve, random.Next(2_000, 50_000)));
                    SetCollateral(owner, reserve, true);
                }
            }

            var owed = Reserves[random.Next(Reserves.Count)];
            Borrow(owner, owed, Units(owed, random.Next(1_000, 60_000)));
        }
    }

    public FakeHub Core { get; }

    public FakeHub Prime { get; }

    public List<FakeReserve> Reserves { get; }

    /// <summary>By source, 8 decimals.</summary>
    public Dictionary<Address, ulong> Prices { get; } = new() { [EthSource] = 2_000_00000000, [UsdSource] = 99990000, [BtcSource] = 50_000_00000000 };

    /// <summary>Sources that revert.</summary>
    public HashSet<Address> Broken { get; } = [];

    public ulong Revision { get; set; } = 1;

    public LiquidationConfig Liquidation { get; private set; } = new(1_050_000_000_000_000_000, 900_000_000_000_000_000, 3_000);

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public IProtocol NewProtocol() => NewProtocol(new ProtocolOptions());

    public IProtocol NewProtocol(ProtocolOptions options) =>
        new AaveV4Protocol(new AaveV4Deployment { Id = new DeploymentId("aave-v4", new ChainId(31337), "fake"), Spoke = Spoke }, options);

    public PositionRow PositionOf(Address user, FakeReserve reserve) => positions.GetValueOrDefault((user, reserve.Id));

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine()
    {
        NextBlock(random.Next(10) == 0 ? (ulong)random.Next(86_400, 2_000_000) : (ulong)random.Next(1, 40));
        foreach (var source in Prices.Keys.ToList())
        {
            Prices[source] = Math.Max(1, (ulong)(Prices[source] * (UInt128)random.Next(9_800, 10_205) / 10_000));
        }

        for (var i = random.Next(1, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var data = DataOf(owner);
        return [.. Enumerable.Range(0, AccountData.WordCount).Select(data.Word)];
    }

    public bool IsBesideTheVerdict(Call call) =>
        AaveV4Abi.Symbol.Function.IsCall(call) || AaveV4Abi.GetSpokeConfig.Function.IsCall(call) || AaveV4Abi.GetLiquidationConfig.Function.IsCall(call);

    /// <summary>In the asset's units, so many dollars' worth at the first prices.</summary>
    public static UInt256 Units(FakeReserve reserve, int dollars) =>
        UInt256.Pow10(reserve.Decimals) * (ulong)dollars / (reserve.Underlying == Weth ? 2_000u : reserve.Underlying == Wbtc ? 50_000u : 1u);

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp}"), parent, timestamp);

    private AccountData DataOf(Address user)
    {
        var legs = new List<AccountLeg>();
        foreach (var reserve in Reserves)
        {
            var position = PositionOf(user, reserve);
            if (!position.IsCollateral && position.DrawnShares == 0)
            {
                continue;
            }

            var price = SharePrice.Of(reserve.State, Header.Timestamp);
            legs.Add(new AccountLeg(
                Prices[reserve.Source],
                UInt256.Pow10(18 - reserve.Decimals),
                position.IsCollateral ? reserve.Keys[(int)position.Key].CollateralFactor : 0u,
                reserve.Risk,
                price.ToAssets(position.SuppliedShares, Rounding.Down),
                position.SuppliedShares != 0,
                (position.DrawnShares * price.Index) + PremiumRay(position, price.Index),
                position.DrawnShares != 0));
        }

        return AccountData.Of([.. legs]);
    }

    private static UInt256 PremiumRay(in PositionRow position, in UInt256 index) => (position.PremiumShares * index) - position.PremiumOffsetRay;

    private void Emit(Address contract, AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(contract, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}
