using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.CompoundV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.CompoundV3.Fake;

/// <summary>
/// One Comet in memory. Its state is its own; from the product it borrows only the formulas that the contract's vectors hold.
/// </summary>
internal sealed partial class FakeComet : IFakeMarket
{
    public static readonly Address Comet = FakeAddress.Of(0x31, 1);
    public static readonly Address BaseToken = FakeAddress.Of(0x32, 1);
    public static readonly Address BaseFeed = FakeAddress.Of(0x33, 1);

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly Dictionary<Address, Int128> principals = [];
    private readonly Dictionary<(Address User, int Asset), UInt128> collaterals = [];

    /// <param name="assets">How many collaterals; above 16 the bits of some stand in what was reserved.</param>
    /// <param name="people">How many accounts.</param>
    /// <param name="isEmpty">True to begin without anybody's position.</param>
    public FakeComet(int assets, int seed, bool isEmpty = false, int people = 8)
    {
        random = new Random(seed);
        Owners = [.. Enumerable.Range(1, people).Select(i => FakeAddress.Of(0xee, i))];
        Header = HeaderOf(1_000, 1_760_000_000);
        Totals = new BaseTotals(BaseTotals.IndexScale + 12_345_678, BaseTotals.IndexScale + 98_765_432, 0, 0, Header.Timestamp - 100, PauseFlags.None);
        Assets = [.. Enumerable.Range(0, assets).Select(AssetOf)];
        Prices = [.. Assets.Select(static (_, i) => (UInt256?)(200_000_000_000u / (ulong)(i + 1)))];
        if (!isEmpty)
        {
            SupplyBase(Owners[0], 20_000_000);
            foreach (var owner in Owners.Skip(1))
            {
                SupplyCollateral(owner, random.Next(assets), 100);
                SupplyCollateral(owner, random.Next(assets), 20);
                WithdrawBase(owner, (ulong)random.Next(100, 40_000));
            }
        }
    }

    public BaseTotals Totals { get; set; }

    public InterestRates Rates { get; } = new()
    {
        SupplyKink = 800_000_000_000_000_000, SupplySlopeLow = 1_030_568_239, SupplySlopeHigh = 12_683_916_793, SupplyBase = 0,
        BorrowKink = 800_000_000_000_000_000, BorrowSlopeLow = 1_109_842_719, BorrowSlopeHigh = 7_927_447_995, BorrowBase = 475_646_879,
    };

    public List<AssetInfoAnswer> Assets { get; }

    /// <summary>Of each asset; null = its feed reverts.</summary>
    public List<UInt256?> Prices { get; }

    public UInt256? BasePrice { get; set; } = 100_000_000u;

    public UInt256 BaseBorrowMin { get; set; } = 100_000_000u;

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public Int128 PrincipalOf(Address user) => principals.GetValueOrDefault(user);

    public UInt128 CollateralOf(Address user, int asset) => collaterals.GetValueOrDefault((user, asset));

    public BaseTotals Accrued => Totals.Accrue(Rates, Header.Timestamp);

    public IProtocol NewProtocol() => NewProtocol(new ProtocolOptions());

    public IProtocol NewProtocol(ProtocolOptions options) =>
        new CompoundV3Protocol(new CompoundV3Deployment { Id = new DeploymentId("compound-v3", new ChainId(31337), "fake"), Comet = Comet }, options);

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(0, 40));
        for (var i = 0; i < Prices.Count; i++)
        {
            Prices[i] = Prices[i] is { } price ? UInt256.Max(UInt256.One, price * (ulong)random.Next(9_800, 10_205) / 10_000u) : null;
        }

        for (var i = random.Next(0, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var accrued = Accrued;
        var principal = PrincipalOf(owner);
        var health = HealthOf(owner, accrued);
        var seen = HealthOf(owner, Totals);
        var balance = BaseBalance.Of(principal, accrued);
        return
        [
            Totals.TotalSupply, Totals.TotalBorrow, (UInt128)Int128.Max(0, principal), (UInt128)Int128.Max(0, -principal), HeldBits(owner),
            (UInt128)Int128.Max(0, balance), (UInt128)Int128.Max(0, -balance), health.DebtValue, health.LiquidationValue, health.BorrowValue,
            seen.IsLiquidatable ? UInt256.One : UInt256.Zero, seen.IsBorrowCollateralized ? UInt256.One : UInt256.Zero,
        ];
    }

    public bool IsBesideTheVerdict(Call call) => CometAbi.Symbol.Function.IsCall(call);

    public bool IsFolded(Completeness equation) => equation.What != "totalBorrowBase";

    public CallResult Answer(Call call)
    {
        if (CometAbi.LatestRoundData.Function.IsCall(call))
        {
            var price = call.To == BaseFeed ? BasePrice : Prices[Assets.FindIndex(asset => asset.PriceFeed == call.To)];
            return price is { } answer ? AbiWords.Answer(7u, answer, 0u, Header.Timestamp - 5, 7u) : AbiWords.Reverted;
        }

        if (CometAbi.Symbol.Function.IsCall(call))
        {
            return AbiWords.Text(call.To == BaseToken ? "USDC" : $"C{Assets.FindIndex(asset => asset.Asset == call.To)}");
        }

        // A feed asked whether it is an adapter.
        if (call.To == BaseFeed || Assets.Exists(asset => asset.PriceFeed == call.To))
        {
            return AbiWords.Reverted;
        }

        call.To.ShouldBe(Comet);
        return OfMarket(call) ?? OfUser(call);
    }

    private static AssetInfoAnswer AssetOf(int i) => new(
        (byte)i, FakeAddress.Of(0x34, i + 1), FakeAddress.Of(0x33, i + 2), i % 3 == 2 ? 100_000_000ul : 1_000_000_000_000_000_000,
        800_000_000_000_000_000 - ((ulong)i * 10_000_000_000_000_000), 850_000_000_000_000_000 - ((ulong)i * 10_000_000_000_000_000), 930_000_000_000_000_000,
        (UInt128)(100_000u * (i % 3 == 2 ? UInt256.Pow10(8) : UInt256.Pow10(18))));

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp}"), parent, timestamp);

    // As an int104 stands in a word: with its sign through all of it.
    private static UInt256 Word(Int128 value) => value >= 0 ? (UInt128)value : UInt256.MaxValue - (UInt128)(-value) + UInt256.One;

    private CallResult? OfMarket(Call call)
    {
        if (CometAbi.TotalsBasic.Function.IsCall(call))
        {
            return AbiWords.Answer(
                Totals.SupplyIndex, Totals.BorrowIndex, 0u, 0u, Totals.TotalSupply, Totals.TotalBorrow, Totals.LastAccrualTime, (byte)Totals.PauseFlags);
        }

        if (CometAbi.GetAssetInfo.Function.IsCall(call))
        {
            var asset = Assets[CallArguments.Byte(call)];
            return AbiWords.Answer(
                asset.Offset, asset.Asset, asset.PriceFeed, asset.Scale, asset.BorrowCollateralFactor, asset.LiquidateCollateralFactor, asset.LiquidationFactor,
                asset.SupplyCap);
        }

        if (CometAbi.TotalsCollateral.Function.IsCall(call))
        {
            return AbiWords.Answer(TotalSupplied(Assets.FindIndex(asset => asset.Asset == CallArguments.First(call))), 0u);
        }

        var plain = new (AbiFunction Function, object Word)[]
        {
            (CometAbi.BaseToken.Function, BaseToken), (CometAbi.BaseTokenPriceFeed.Function, BaseFeed), (CometAbi.NumAssets.Function, Assets.Count),
            (CometAbi.BaseScale.Function, 1_000_000u), (CometAbi.BaseBorrowMin.Function, BaseBorrowMin),
            (CometAbi.SupplyKink.Function, Rates.SupplyKink), (CometAbi.SupplySlopeLow.Function, Rates.SupplySlopeLow),
            (CometAbi.SupplySlopeHigh.Function, Rates.SupplySlopeHigh), (CometAbi.SupplyRateBase.Function, Rates.SupplyBase),
            (CometAbi.BorrowKink.Function, Rates.BorrowKink), (CometAbi.BorrowSlopeLow.Function, Rates.BorrowSlopeLow),
            (CometAbi.BorrowSlopeHigh.Function, Rates.BorrowSlopeHigh), (CometAbi.BorrowRateBase.Function, Rates.BorrowBase),
        };
        var found = plain.FirstOrDefault(pair => pair.Function.IsCall(call));
        return found.Function is null ? null : AbiWords.Answer(found.Word);
    }

    private CallResult OfUser(Call call)
    {
        var user = CallArguments.First(call);
        if (CometAbi.UserBasic.Function.IsCall(call))
        {
            var bits = HeldBits(user);
            return AbiWords.Answer(Word(PrincipalOf(user)), 0u, 0u, (ushort)bits, (byte)(bits >> 16));
        }

        if (CometAbi.UserCollateral.Function.IsCall(call))
        {
            return AbiWords.Answer(CollateralOf(user, Assets.FindIndex(asset => asset.Asset == CallArguments.Second(call))), 0u);
        }

        var balance = BaseBalance.Of(PrincipalOf(user), Accrued);
        if (CometAbi.BalanceOf.Function.IsCall(call))
        {
            return AbiWords.Answer((UInt128)Int128.Max(0, balance));
        }

        if (CometAbi.BorrowBalanceOf.Function.IsCall(call))
        {
            return AbiWords.Answer((UInt128)Int128.Max(0, -balance));
        }

        var seen = HealthOf(user, Totals);
        if (CometAbi.IsLiquidatable.Function.IsCall(call))
        {
            return AbiWords.Answer(seen.IsLiquidatable);
        }

        CometAbi.IsBorrowCollateralized.Function.IsCall(call).ShouldBeTrue($"the fake market knows no {call}");
        return AbiWords.Answer(seen.IsBorrowCollateralized);
    }

    private UInt128 TotalSupplied(int asset) => collaterals.Where(pair => pair.Key.Asset == asset).Aggregate(UInt128.Zero, static (sum, pair) => sum + pair.Value);

    private uint HeldBits(Address user)
    {
        var bits = 0u;
        for (var i = 0; i < Assets.Count; i++)
        {
            bits |= CollateralOf(user, i) != 0 ? 1u << i : 0;
        }

        return bits;
    }

    private HeldAsset[] HeldOf(Address user) =>
        [.. Enumerable.Range(0, Assets.Count).Where(i => CollateralOf(user, i) != 0).Select(i => new HeldAsset(Assets[i].Terms, CollateralOf(user, i), Prices[i]!.Value))];

    private Health HealthOf(Address user, in BaseTotals totals) =>
        Health.Of((UInt128)Int128.Max(0, -BaseBalance.Of(PrincipalOf(user), totals)), BasePrice!.Value, 1_000_000, HeldOf(user));

    private void Emit(AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        (indexed.Length + data.Length).ShouldBe(definition.Inputs.Count, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(Comet, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}
