using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Risk.Derive;

namespace DefiMonitor.Tests.Protocols.DeriveV2.Fake;

/// <summary>
/// Derive v2 in memory: two underlyings, the Standard Manager, one portfolio manager, five sub-accounts and two owners. Its state is its own; what its managers answer is the
/// model's figure of a book that it builds itself, cut to 18 decimals. The model is held to Derive's own figures elsewhere.
/// </summary>
internal sealed partial class FakeDerive : IFakeMarket
{
    public static readonly Address SubAccounts = At(0x31, 1);
    public static readonly Address Cash = At(0x32, 1);
    public static readonly Address CashToken = At(0x32, 2);
    public static readonly Address Auction = At(0x33, 1);
    public static readonly Address Standard = At(0x34, 1);
    public static readonly Address Portfolio2 = At(0x35, 1);
    public static readonly Address Library = At(0x36, 1);
    public static readonly Address StableFeed = At(0x37, 1);
    public static readonly Address RateFeed = At(0x38, 1);
    public static readonly Address[] People = [At(0xee, 1), At(0xee, 2)];

    private readonly Random random;
    private readonly List<Log> logs = [];

    // What is asked at a block is one multicall: what a call of it writes, the later ones see.
    private bool isAccruedByCall;

    /// <param name="isEmpty">True to begin with accounts that hold nothing.</param>
    public FakeDerive(int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        Header = HeaderOf(1_000, 1_750_000_000);
        Ethereum = new FakeUnderlying(1, Wad(2_000));
        Bitcoin = new FakeUnderlying(2, Wad(30_000));
        Expiries = [Header.Timestamp + 600, Header.Timestamp + 604_800, Header.Timestamp + 3_024_000];
        foreach (var underlying in new[] { Ethereum, Bitcoin })
        {
            foreach (var expiry in Expiries)
            {
                underlying.Volatilities[expiry] = Wad(1) * random.Next(40, 120) / 100;
            }
        }

        for (ulong id = 1; id <= 5; id++)
        {
            Accounts.Add(id, new FakeSubAccount(id, People[(int)id % 2], id <= 3 ? Standard : Portfolio2));
            if (!isEmpty)
            {
                Accounts[id][Cash, UInt256.Zero] = Wad(random.Next(5_000, 40_000));
                Trade(Accounts[id]);
                Trade(Accounts[id]);
            }
        }

        Owners = [.. Accounts.Keys.Select(KeyOf), .. People];
        logs.Clear();
    }

    public FakeUnderlying Ethereum { get; }

    public FakeUnderlying Bitcoin { get; }

    public ulong[] Expiries { get; }

    public SortedDictionary<ulong, FakeSubAccount> Accounts { get; } = [];

    public Int128 StablePrice { get; set; } = Wad(1);

    public bool IsStableStale { get; set; }

    /// <summary>By how much the managers' answers differ from the model's.</summary>
    public Int128 Offset { get; set; }

    public bool IsAccepted { get; set; } = true;

    /// <summary>When interest was accrued last; null = in the newest block.</summary>
    public ulong? AccruedAt { get; set; }

    /// <summary>Below this mark to market a bid takes everything.</summary>
    public Int128 MtmCutoff { get; set; }

    /// <summary>The discount at which an auction begins.</summary>
    public Int128 AuctionStart { get; set; } = Books.Wad(0.95);

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public static Address At(byte kind, int number) => FakeAddress.Of(kind, number);

    public static Int128 Wad(long whole) => whole * (Int128)1_000_000_000_000_000_000;

    public static Address KeyOf(ulong id)
    {
        var bytes = new byte[Address.Size];
        bytes[^1] = (byte)id;
        return Address.FromBytes(bytes);
    }

    public IProtocol NewProtocol() => new DeriveV2Protocol(
        new DeriveV2Deployment
        {
            Id = new DeploymentId("derive-v2", new ChainId(31337), "fake"),
            SubAccounts = SubAccounts,
            Cash = Cash,
            Auction = Auction,
            StandardManager = Standard,
            Pmrm2 = [Portfolio2],
        },
        new ProtocolOptions());

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        if (People.Contains(owner))
        {
            return [(UInt256)(ulong)Accounts.Values.Count(account => account.Owner == owner)];
        }

        var one = Accounts.Values.Single(account => KeyOf(account.Id) == owner);
        var (maintenance, initial, mark) = Margin(one);
        return [Size(maintenance), Size(initial), Size(mark), Size(one.Interest), one.AuctionSince];
    }

    public bool TellsTotals => false;

    public bool HasFeeds => false;

    public bool HasParameters => false;

    public bool IsBesideTheVerdict(Call call) => DeriveAbi.Symbol.Function.IsCall(call);

    /// <summary>What the account's manager answers, whatever the feeds say of their age.</summary>
    public (Int128 Maintenance, Int128 Initial, Int128 MarkToMarket) Margin(FakeSubAccount account)
    {
        if (account.Kept is { } kept)
        {
            return kept;
        }

        var margin = BookOf(account).Margin(BookMove.None).Value!.Value;
        Int128 Cut(double figure) => (Int128)(figure * 1e18) + Offset;
        return (Cut(margin.Maintenance), Cut(margin.Initial), Cut(margin.MarkToMarket));
    }

    public DeriveBook BookOf(FakeSubAccount account)
    {
        var cash = account[Cash, UInt256.Zero];
        return account.Manager == Standard
            ? new StandardBook
            {
                At = Header.Timestamp,
                Cash = cash,
                StablePrice = StablePrice,
                DepegThreshold = Books.Wad(0.98),
                DepegFactor = Books.Wad(1.2),
                Markets =
                [
                    .. from underlying in new[] { Ethereum, Bitcoin }
                       where account.Balances.Exists(one => one.Asset == underlying.Option || one.Asset == underlying.Perp || one.Asset == underlying.Base)
                       select new StandardMarket(
                           underlying.Spot, underlying.Confidence, Perp(account, underlying), account[underlying.Base, UInt256.Zero], Lines(account, underlying, Wad(0)), Books.StandardTerms),
                ],
            }
            : new PortfolioBook
            {
                At = Header.Timestamp,
                Cash = cash,
                StablePrice = StablePrice,
                Spot = Ethereum.Spot,
                SpotConfidence = Ethereum.Confidence,
                Perp = Perp(account, Ethereum),
                Collaterals = account[Ethereum.Base, UInt256.Zero] is var held && held != 0
                    ? [new CollateralLine(held, Ethereum.Spot, Ethereum.Confidence, true, Books.Wad(0.1), Books.Wad(0.05))]
                    : [],
                Lines = Lines(account, Ethereum, Books.Wad(0.04)),
                Terms = Books.PortfolioTerms,
                Scenarios = Books.Scenarios,
            };
    }

    private static UInt256 Size(Int128 figure) => (UInt256)(UInt128)Int128.Abs(figure);

    private static PerpLine Perp(FakeSubAccount account, FakeUnderlying underlying) => account[underlying.Perp, UInt256.Zero] is var held && held != 0
        ? new PerpLine(held, underlying.PerpPrice, underlying.Confidence, underlying.Unsettled(held))
        : default;

    private List<ExpiryLines> Lines(FakeSubAccount account, FakeUnderlying underlying, Int128 rate) =>
    [
        .. from one in account.Balances
           where one.Asset == underlying.Option
           let option = OptionSubId.From(one.SubId)!.Value
           group (one.Balance, option) by option.Expiry into expiry
           orderby expiry.Key
           let forward = ForwardOf(underlying, expiry.Key)
           select new ExpiryLines(
               expiry.Key, forward.Fixed, forward.Variable, rate, underlying.Confidence,
               [.. expiry.Select(held => new OptionLine(held.option.IsCall, (Int128)(UInt128)held.option.Strike, held.Balance, underlying.Volatilities[expiry.Key]))]),
    ];

    private (Int128 Fixed, Int128 Variable) ForwardOf(FakeUnderlying underlying, ulong expiry) =>
        underlying.Settled.TryGetValue(expiry, out var settled) ? (settled, 0) : (0, underlying.Spot + (underlying.Spot * (Int128)((expiry - Math.Min(expiry, Header.Timestamp)) / 3_600) / 1_000_000));

    private static BlockHeader HeaderOf(ulong number, ulong time, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"derive {number}"), parent, time);
}
