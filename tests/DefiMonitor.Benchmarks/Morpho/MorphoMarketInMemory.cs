using System.Runtime.InteropServices;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.MorphoBlue;

namespace DefiMonitor.Benchmarks.Morpho;

/// <summary>Two tokens, the loan-to-value in thousandths, the price of a whole collateral token in hundred-millionths of a whole loan token, and what one of either is worth in dollars.</summary>
public sealed record MorphoPair(string Name, int LoanDecimals, int CollateralDecimals, int Lltv, ulong Price, double LoanDollars, double CollateralDollars);

/// <summary>
/// A market of Morpho Blue made of random accounts, the same for the same seed, with an adapter that has all of it in its tables as if it had followed the chain. Most
/// accounts are healthy, a few are not; some interest is due.
/// </summary>
public sealed class MorphoMarketInMemory
{
    public const ulong Now = 1_760_000_000;

    private readonly Random random;

    private MorphoMarketInMemory(MorphoPair pair, int accounts, int seed)
    {
        random = new Random(seed);
        Pair = pair;
        Header = new BlockHeader(1_000, Keccak256.HashUtf8("the block"), Keccak256.HashUtf8("its parent"), Now);
        Price = pair.Price * UInt256.Pow10(36 + pair.LoanDecimals - pair.CollateralDecimals - 8);
        var irm = AddressOf(3, 1);
        Protocol = new MorphoBlueProtocol(
            new MorphoBlueDeployment
            {
                Id = new DeploymentId("morpho-blue", new ChainId(31337), pair.Name),
                Morpho = AddressOf(1, 1),
                AdaptiveCurveIrm = irm,
                MarketId = Keccak256.HashUtf8(pair.Name),
            },
            new ProtocolOptions());
        Parameters = new MarketParameters(AddressOf(4, 1), AddressOf(4, 2), AddressOf(5, 1), irm, FixedPoint.Wad * (ulong)pair.Lltv / 1_000u);
        Positions = new (UInt128, UInt128)[accounts];
        for (var account = 0; account < accounts; account++)
        {
            Positions[account] = Next();
        }

        var shares = Positions.Aggregate(UInt256.Zero, static (sum, position) => sum + position.BorrowShares);
        var borrowed = shares * 1_031_415_926u / 1_000_000_000u / 1_000_000u;
        var supplied = borrowed * 10u / 9u;
        Totals = new MarketTotals((UInt128)supplied, (UInt128)(supplied * 980_000u), (UInt128)borrowed, (UInt128)shares, Now - 1_234, 0);
        RateAtTarget = 1_268_391_679;
        Load();
        Accounts = [.. Enumerable.Range(0, accounts).Select(account => Protocol.AccountOf(UserOf(account)))];
    }

    public static IReadOnlyList<MorphoPair> Pairs { get; } =
    [
        new("WETH-USDC", 6, 18, 860, 251_234_567_890, 1, 2_512),
        new("wstETH-WETH", 18, 18, 945, 120_314_159, 2_512, 3_022),
        new("WBTC-USDC", 6, 8, 860, 9_876_543_210_987, 1, 98_765),
        new("WBTC-WETH", 18, 8, 915, 3_931_415_926, 2_512, 98_765),
    ];

    public MorphoPair Pair { get; }

    public MorphoBlueProtocol Protocol { get; }

    /// <summary>The block that everything was read at; the price is fresh there.</summary>
    public BlockHeader Header { get; }

    public MarketParameters Parameters { get; }

    public MarketTotals Totals { get; }

    public UInt256 RateAtTarget { get; }

    public UInt256 Price { get; }

    public (UInt128 BorrowShares, UInt128 Collateral)[] Positions { get; }

    public MarginAccountId[] Accounts { get; }

    /// <summary>One market of each pair, the accounts shared out among them.</summary>
    public static MorphoMarketInMemory[] BuildAll(int accounts, int seed = 1) =>
        [.. Pairs.Select((pair, i) => new MorphoMarketInMemory(pair, accounts / Pairs.Count, seed + i))];

    private static Address UserOf(int account) => AddressOf(0xee, account + 1);

    private static Address AddressOf(byte kind, int number)
    {
        Span<byte> bytes = stackalloc byte[20];
        bytes.Clear();
        bytes[0] = kind;
        MemoryMarshal.Write(bytes[16..], in number);
        return Address.FromBytes(bytes);
    }

    // Debts are spread evenly over their orders of magnitude; the health factor lies between 0.9 and 5.
    private (UInt128 BorrowShares, UInt128 Collateral) Next()
    {
        var dollars = 10 * Math.Pow(100_000, random.NextDouble());
        var health = 0.9 + (4.1 * Math.Pow(random.NextDouble(), 2));
        var shares = dollars / Pair.LoanDollars * Math.Pow(10, Pair.LoanDecimals) * 1e6 / 1.0314;
        var collateral = dollars * health / (Pair.Lltv / 1e3) / Pair.CollateralDollars * Math.Pow(10, Pair.CollateralDecimals);
        return ((UInt128)shares + (uint)random.Next(1, 1_000_000), (UInt128)collateral + 1);
    }

    private void Load()
    {
        Load<byte, MarketRow>("market", 0, new MarketRow
        {
            IsOpen = true, Fields = MarketFields.All, ChangedBlock = Header.Number, Parameters = Parameters, Totals = Totals, TotalsBlock = Header.Number,
            RateAtTarget = RateAtTarget, RateAtTargetBlock = Header.Number,
            Loan = new TokenFace(Text32.From("LOAN"), (byte)Pair.LoanDecimals), Collateral = new TokenFace(Text32.From("COLL"), (byte)Pair.CollateralDecimals),
        });
        Load("price", Parameters.Oracle, new PriceRow(Price, Header.Number, true));
        var accounts = Protocol.Tables.Single(static table => table.Name == "account");
        for (var account = 0; account < Positions.Length; account++)
        {
            Load(accounts, UserOf(account), new AccountRow(Positions[account].BorrowShares, Positions[account].Collateral));
        }
    }

    private void Load<TKey, TRow>(string table, TKey key, TRow row)
        where TKey : unmanaged
        where TRow : unmanaged =>
        Load(Protocol.Tables.Single(found => found.Name == table), key, row);

    private static void Load<TKey, TRow>(IStateTable table, TKey key, TRow row)
        where TKey : unmanaged
        where TRow : unmanaged =>
        table.Load(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), MemoryMarshal.AsBytes(new ReadOnlySpan<TRow>(in row)));
}
