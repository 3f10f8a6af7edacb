using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Tests.Protocols.OpynGamma.Fake;

/// <summary>
/// The Gamma protocol in memory: address book, controller, calculator, oracle, pricers and feeds. Its state is its own; from the product it borrows only the formulas, which
/// the contract's vectors hold.
/// </summary>
internal sealed partial class FakeGamma : IFakeMarket
{
    public static readonly Address Book = FakeAddress.Of(0x31, 1);
    public static readonly Address Controller = FakeAddress.Of(0x31, 2);
    public static readonly Address Usdc = FakeAddress.Of(0x32, 1);
    public static readonly Address Weth = FakeAddress.Of(0x32, 2);
    public static readonly Address Yield = FakeAddress.Of(0x32, 3);

    /// <summary>A second underlying, whose pricer names the feed of the first.</summary>
    public static readonly Address Staked = FakeAddress.Of(0x32, 4);

    private static readonly Address StakedPricer = FakeAddress.Of(0x33, 9);

    private readonly Random random;
    private readonly HashSet<Address> retired = [];
    private UInt128 phase = 1;
    private ulong lastRound;
    private readonly List<Log> logs = [];
    private readonly List<FakeSeries> series = [];
    private readonly SortedDictionary<VaultKey, FakeVault> vaults = new(Comparer<VaultKey>.Create(static (a, b) => a.Owner == b.Owner ? a.Id.CompareTo(b.Id) : a.Owner.CompareTo(b.Owner)));
    private readonly Dictionary<Address, ulong> counters = [];
    private readonly Dictionary<(Address, ulong), FakeSettled> settled = [];

    /// <param name="isEmpty">True to begin with nobody's vault.</param>
    public FakeGamma(int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        Owners = [.. Enumerable.Range(1, 6).Select(i => FakeAddress.Of(0xee, i))];
        Header = HeaderOf(1_000, 1_630_000_000);
        Write(2_000_00000000);
        List(28 * 86_400, 2_000, isPut: true);
        List(28 * 86_400, 2_000, isPut: false);
        if (!isEmpty)
        {
            List(600, 1_900, isPut: true);
            List(700, 2_100, isPut: false);
            foreach (var owner in Owners)
            {
                Open(owner);
            }
        }

        logs.Clear();
    }

    public Address Calculator { get; private set; } = FakeAddress.Of(0x31, 3);

    public Address Oracle { get; private set; } = FakeAddress.Of(0x31, 4);

    public Address Pricer { get; private set; } = FakeAddress.Of(0x33, 1);

    public Address Feed { get; private set; } = FakeAddress.Of(0x34, 1);

    public int FeedDecimals { get; set; } = 8;

    /// <summary>OTokens without getOtokenDetails.</summary>
    public bool IsFirstVersion { get; init; }

    /// <summary>27 decimals, for each product alike.</summary>
    public UInt256 SpotShock { get; private set; } = FixedPoint.Ray * 3u / 4u;

    /// <summary>Upstream's own table (test/unit-tests, 7 to 56 days), and half a year at the end of it.</summary>
    public SortedDictionary<ulong, UInt256> Steps { get; } = new()
    {
        [7 * 86_400] = Ray4(1_678), [14 * 86_400] = Ray4(2_370), [28 * 86_400] = Ray4(3_326), [42 * 86_400] = Ray4(4_032), [56 * 86_400] = Ray4(4_603), [182 * 86_400] = Ray4(8_000),
    };

    public UInt256 Deviation { get; private set; } = FixedPoint.Ray / 50u;

    public UInt256 UsdcDust { get; set; } = 100_000_000u;

    public bool IsPaused { get; private set; }

    /// <summary>Dollars with 8 decimals.</summary>
    public UInt256 Spot { get; private set; }

    public List<RoundState> Rounds { get; } = [];

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public IReadOnlyDictionary<VaultKey, FakeVault> Vaults => vaults;

    public IReadOnlyList<FakeSeries> Series => series;

    public static UInt256 Ray4(ulong part) => FixedPoint.Ray * part / 10_000u;

    public IProtocol NewProtocol() => new OpynGammaProtocol(new OpynGammaDeployment(new DeploymentId("opyn-gamma", new ChainId(31337), "fake"), Book), new ProtocolOptions());

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(1, 40));
        if (random.Next(3) > 0)
        {
            Write(Spot * (ulong)random.Next(9_700, 10_310) / 10_000u);
        }

        for (var i = random.Next(1, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var words = new List<UInt256>();
        foreach (var (key, vault) in vaults.Where(pair => pair.Key.Owner == owner && !pair.Value.IsEmpty))
        {
            var state = StateOf(key.Id, vault);
            words.AddRange([state.ShortAmount, state.LongAmount, state.CollateralAmount]);
            if (VaultMargin.Proceed(state, Header.Timestamp) is { } proceed)
            {
                words.Add(proceed);
            }

            if (state.IsLiveNaked(Header.Timestamp))
            {
                words.Add(Fpi.ToScaledUint(VaultMargin.NakedRequired(state, Spot, Header.Timestamp), state.Short!.Collateral.Decimals, roundDown: false));
            }
        }

        return words;
    }

    public bool TellsTotals => false;

    public bool TellsGaps(MarginReport report) => report.Triggers.Any(static trigger => trigger.Unknown is not null || trigger.Unarmed is not null);

    public bool HasFeeds => false;

    public bool IsBesideTheVerdict(Call call) => GammaAbi.Symbol.Function.IsCall(call);

    /// <summary>The vault as the contract would judge it, by this market's own state.</summary>
    public VaultState StateOf(ulong id, FakeVault vault)
    {
        var about = vault.Short ?? vault.Long;
        var usable = Rounds.Where(round => round.UpdatedAt > vault.LatestUpdate).OrderBy(static round => round.Price).ToList();
        return new VaultState
        {
            Id = id,
            Type = vault.Type,
            Short = vault.Short is { } sold ? StateOf(sold) : null,
            Long = vault.Long is { } bought ? StateOf(bought) : null,
            Collateral = vault.Collateral is { } token ? StateOf(token) : null,
            ShortAmount = vault.ShortAmount,
            LongAmount = vault.LongAmount,
            CollateralAmount = vault.CollateralAmount,
            LatestUpdate = vault.LatestUpdate,
            Dust = vault.Collateral is { } held ? DustOf(held) : UInt256.Zero,
            SpotShock = SpotShock,
            UpperBounds = [.. Steps.Select(static step => new UpperBound(step.Key, step.Value))],
            Newest = Rounds[^1],
            Lowest = usable.Count > 0 ? usable[0] : null,
            Highest = usable.Count > 0 ? usable[^1] : null,
            Settled = about is null ? default : SettledOf(about),
        };
    }

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp}"), parent, timestamp);

    private static string SymbolOf(Address token) => token == Usdc ? "USDC" : token == Weth ? "WETH" : token == Staked ? "stWETH" : "yvUSDC";

    private static int DecimalsOf(Address token) => token == Weth || token == Staked ? 18 : 6;

    private UInt256 PriceOf(Address token) => token == Weth || token == Staked ? Spot : token == Usdc ? 1_00000000u : 1_02000000u + ((Header.Number % 1_000) * 10);

    private UInt256 DustOf(Address token) => token == Usdc ? UsdcDust : UInt256.Zero;

    private TokenState StateOf(Address token) => new(token, SymbolOf(token), DecimalsOf(token), PriceOf(token));

    private SeriesState StateOf(FakeSeries of) =>
        new(of.Otoken, StateOf(of.Underlying), StateOf(Usdc), StateOf(of.Collateral), of.StrikePrice, of.Expiry, of.IsPut);

    private FakeSettled SettledAt(Address asset, ulong expiry) =>
        asset == Usdc ? new FakeSettled(1_00000000u, true) : settled.TryGetValue((asset, expiry), out var price) ? price : new FakeSettled(UInt256.Zero, false);

    private SettledPrices SettledOf(FakeSeries of)
    {
        var (weth, collateral) = (SettledAt(Weth, of.Expiry), SettledAt(of.Collateral, of.Expiry));
        return new SettledPrices(weth.Price, 1_00000000u, collateral.Price, weth.IsFinal && collateral.IsFinal);
    }

    private void Emit(Address contract, AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(contract, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}

internal sealed record FakeSeries(Address Otoken, Address Underlying, Address Collateral, UInt256 StrikePrice, ulong Expiry, bool IsPut);

internal sealed record FakeSettled(UInt256 Price, bool IsFinal);

internal sealed class FakeVault
{
    public required ulong Type { get; init; }

    public FakeSeries? Short { get; set; }

    public FakeSeries? Long { get; set; }

    public Address? Collateral { get; set; }

    public UInt256 ShortAmount { get; set; }

    public UInt256 LongAmount { get; set; }

    public UInt256 CollateralAmount { get; set; }

    public ulong LatestUpdate { get; set; }

    public bool IsEmpty => Short is null && Long is null && Collateral is null;
}
