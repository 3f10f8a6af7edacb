using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3.Fake;

/// <summary>
/// A small Aave market in memory, of any revision. Its state is its own; from the product it borrows only the formulas that the contract's vectors hold.
/// </summary>
internal sealed partial class FakeAave : IFakeMarket
{
    public static readonly Address ProviderAddress = FakeAddress.Of(0x01, 1);
    public static readonly Address PoolAddress = FakeAddress.Of(0x02, 1);
    public static readonly Address ConfiguratorAddress = FakeAddress.Of(0x03, 1);
    public static readonly Address OracleAddress = FakeAddress.Of(0x04, 1);
    public static readonly Address SentinelAddress = FakeAddress.Of(0x05, 1);

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly Dictionary<Address, FakeUser> users = [];
    private IReadOnlyList<Address>? owners;

    /// <param name="isEmpty">True to begin without anybody's position.</param>
    /// <param name="people">How many there are.</param>
    public FakeAave(ulong revision, int seed, AaveVersion? formulas = null, bool isEmpty = false, int people = 8)
    {
        random = new Random(seed);
        Revision = revision;
        Forced = formulas;
        foreach (var (symbol, decimals, price) in new[] { ("WETH", 18, 2_500_00000000UL), ("WBTC", 8, 60_000_00000000UL), ("USDC", 6, 1_00000000UL), ("wstETH", 18, 2_900_00000000UL) })
        {
            AddReserve(symbol, decimals, price);
        }

        Reserves[3].EModeCategory = Reserves[0].EModeCategory = 1;
        EModes[1] = new FakeCategory(9_300, 9_500, 10_100) { Collateral = 0b1001 };
        for (var i = 1; i <= people; i++)
        {
            users.Add(FakeAddress.Of(0xee, i), new FakeUser());
        }

        Header = HeaderOf(1_000, 1_760_000_000);
        if (!isEmpty)
        {
            Begin();
        }
    }

    public ulong Revision { get; set; }

    public AaveVersion? Forced { get; }

    public AaveVersion Version => Forced ?? AaveVersions.OfRevision(Revision) ?? AaveVersions.Newest;

    public List<FakeReserve> Reserves { get; } = [];

    public Dictionary<byte, FakeCategory> EModes { get; } = [];

    public bool LiquidationAllowed { get; set; } = true;

    /// <summary>What symbol() answers, where it is not the reserve's name.</summary>
    public Dictionary<string, CallResult> Symbols { get; } = [];

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners => owners ??= [.. users.Keys];

    public FakeUser User(Address user) => users.TryGetValue(user, out var known) ? known : new FakeUser();

    public IProtocol NewProtocol() => NewProtocol(new ProtocolOptions());

    public IProtocol NewProtocol(ProtocolOptions options) => new AaveV3Protocol(
        new AaveV3Deployment { Id = new DeploymentId("aave-v3", new ChainId(31337), "fake"), PoolAddressesProvider = ProviderAddress, Formulas = Forced },
        options);

    /// <summary>A block without anything in it yet: what is done next is done in it.</summary>
    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine() => Mine(Reserves);

    /// <summary>One more block in which people and governors do things, and these prices move.</summary>
    public void Mine(IEnumerable<FakeReserve> moving)
    {
        NextBlock((ulong)random.Next(1, 40));
        foreach (var reserve in moving)
        {
            reserve.Price = UInt256.Max(UInt256.One, reserve.Price * (ulong)random.Next(9_800, 10_205) / 10_000u);
        }

        for (var i = random.Next(1, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var data = Data(owner);
        return Enumerable.Range(0, AccountData.WordCount).Select(data.Word).ToList();
    }

    public AccountData Data(Address owner)
    {
        var user = User(owner);
        EModes.TryGetValue(user.EMode, out var category);
        var legs = new List<AccountLeg>();
        foreach (var reserve in Reserves.Where(reserve => user.Configuration.Uses(reserve.Id) && !reserve.IsDropped))
        {
            var terms = LegTerms.Of(Version, reserve.Id, reserve.Configuration, user.Configuration, user.EMode, category?.ToCategory() ?? default);
            var source = category is { PriceSource.IsZero: false } && Version <= AaveVersion.V31 && terms.InEMode && !category.SourcePrice.IsZero;
            legs.Add(new AccountLeg(
                reserve.Id,
                reserve.Asset,
                Balances.OfSupply(Version, reserve.AToken.Scaled(owner), reserve.Indexes.NormalizedIncome(Header.Timestamp)),
                DebtOf(reserve, owner),
                source ? category!.SourcePrice : reserve.Price,
                reserve.Configuration.Unit,
                terms));
        }

        return AccountData.Of(Version, legs.ToArray());
    }

    public FakeReserve AddReserve(string symbol, int decimals, ulong price)
    {
        var reserve = new FakeReserve((ushort)Reserves.Count, symbol, decimals)
        {
            Price = price,
            Indexes = new ReserveIndexes(
                (UInt128)(FixedPoint.Ray + 12_345u), (UInt128)(FixedPoint.Ray / 50u), (UInt128)(FixedPoint.Ray + 67_891u), (UInt128)(FixedPoint.Ray / 25u), 1_759_999_000),
        };
        Reserves.Add(reserve);
        return reserve;
    }

    private UInt256 DebtOf(FakeReserve reserve, Address owner)
    {
        var debt = Balances.OfDebt(Version, reserve.DebtToken.Scaled(owner), reserve.Indexes.NormalizedDebt(Version, Header.Timestamp));
        return (IsDiscounted(reserve) ? Discounted(debt) : debt) + StableDebt(reserve, owner);
    }

    // GHO's discount, as 3.3 counts it.
    private bool IsDiscounted(FakeReserve reserve) => Version == AaveVersion.V33 && !reserve.HasVirtualAccounting;

    private static UInt256 Discounted(UInt256 debt) => debt - (debt / 50u);

    private UInt256 StableDebt(FakeReserve reserve, Address owner) =>
        Version <= AaveVersion.V31 && User(owner).StableDebts.TryGetValue(reserve.Id, out var stable) ? stable + (Header.Timestamp % 1_000u) : UInt256.Zero;

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp} {parent}"), parent, timestamp);

    private void Begin()
    {
        foreach (var owner in Owners)
        {
            Supply(owner, Reserves[random.Next(Reserves.Count)], 20_000);
            Borrow(owner, Reserves[random.Next(Reserves.Count)], 11_000);
        }
    }
}

internal sealed class FakeUser
{
    public UserConfiguration Configuration { get; set; }

    public byte EMode { get; set; }

    /// <summary>Up to 3.1, by reserve id; interest is the seconds of the clock.</summary>
    public Dictionary<ushort, UInt256> StableDebts { get; } = [];
}

internal sealed class FakeCategory(ushort ltv, ushort threshold, ushort bonus)
{
    public UInt128 Collateral { get; set; }

    public UInt128 Ltvzero { get; set; }

    public bool IsIsolated { get; set; }

    public ushort Threshold { get; set; } = threshold;

    /// <summary>Up to 3.1.</summary>
    public Address PriceSource { get; set; }

    public UInt256 SourcePrice { get; set; }

    public EModeCategory ToCategory() => new(ltv, Threshold, bonus, Collateral, Ltvzero, IsIsolated ? (byte)1 : (byte)0);
}
