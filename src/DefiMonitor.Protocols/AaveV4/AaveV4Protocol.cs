using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>One Spoke of Aave V4, with the hubs that its reserves draw on.</summary>
public sealed class AaveV4Protocol : IProtocol
{
    private readonly AaveV4Market market;
    private readonly MarketOpening opening;
    private readonly HeadReads reads;
    private readonly ReadWriter writer;
    private readonly SpokeFolder spoke;
    private readonly HubFolder hubs;
    private readonly StateCapture capture;
    private readonly AccountMirror mirror;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;
    private readonly DebtTotals totals;
    private readonly PriceFeeds feeds;
    private readonly ParameterList parameters;

    public AaveV4Protocol(AaveV4Deployment deployment, ProtocolOptions options)
    {
        market = new AaveV4Market(deployment, options);
        var reasons = new UnknownReasons(market);
        opening = new MarketOpening(market);
        reads = new HeadReads(market);
        writer = new ReadWriter(market, new AccountWriter(market));
        spoke = new SpokeFolder(market);
        hubs = new HubFolder(market);
        capture = new StateCapture(market, reasons);
        mirror = new AccountMirror(market.Tables, reasons);
        bulk = new BulkJudge(market, mirror, reasons);
        reports = new ReportBuilder(options);
        agreements = new Agreements(market);
        totals = new DebtTotals(market);
        feeds = new PriceFeeds(market);
        parameters = new ParameterList(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public bool IsOpen => market.Tables.Market.IsOpen;

    /// <summary>The Spoke from the start; its hubs once they are read. Never fewer than before.</summary>
    public IReadOnlyCollection<LogFilter> Filters
    {
        get
        {
            var filters = new List<LogFilter> { new([market.Spoke], spoke.Topics) };
            var known = new List<Address>();
            foreach (var (hub, _) in market.Tables.Hubs)
            {
                known.Add(hub);
            }

            if (known.Count > 0)
            {
                filters.Add(new LogFilter(known, hubs.Topics));
            }

            return filters;
        }
    }

    public IReadOnlyCollection<LogFilter> DiscoveryFilters => [new LogFilter([market.Spoke], [AaveV4Abi.Borrow.Topic0])];

    /// <summary>The Spoke takes what is supplied or repaid, and passes it on to the hub.</summary>
    public IReadOnlyList<Address> Spenders => IsOpen ? [market.Spoke] : [];

    public IReadOnlyList<VenueToken> Tokens
    {
        get
        {
            var tokens = new Dictionary<Address, VenueToken>();
            foreach (var (id, reserve) in market.Tables.Reserves)
            {
                var isPriced = market.Tables.Prices.TryGet(id, out var price) && price.IsRead;
                tokens.TryAdd(reserve.Underlying, new VenueToken(reserve.Underlying, reserve.Symbol.ToString(), reserve.Decimals)
                {
                    DollarPrice = isPriced ? price.Price : null,
                    DollarDecimals = ValueScale.Decimals,
                });
            }

            return IsOpen ? [.. tokens.Values] : [];
        }
    }

    public IEnumerable<Call> Open(CallResults soFar) => opening.Next(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count == 0)
        {
            return;
        }

        if (log.Address == market.Spoke)
        {
            spoke.Apply(block, log, touched);
        }
        else if (market.Tables.Hubs.Contains(log.Address))
        {
            hubs.Apply(block, log);
        }
    }

    public MarginAccountId? Discover(Log log) =>
        log.Address == market.Spoke && AaveV4Abi.Borrow.Matches(log) && Read(AaveV4Abi.Borrow, log) is { } borrow ? market.IdOf(borrow.User) : null;

    public Liquidation? LiquidationOf(Log log)
    {
        if (log.Address != market.Spoke || !AaveV4Abi.LiquidationCall.Matches(log) || Read(AaveV4Abi.LiquidationCall, log) is not { } call)
        {
            return null;
        }

        return new Liquidation(
            market.IdOf(call.User), AssetOf(call.DebtReserveId), call.DebtAmountRestored, AssetOf(call.CollateralReserveId), call.CollateralAmountRemoved);
    }

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public void Parameters(ICollection<MarketParameter> into) => parameters.List(into);

    public bool Restore(in MarketParameter old) => parameters.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.HasEntered(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => reads.Entry(market.UserOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => reads.All(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((AaveV4State)state, at, shock);

    public int SlotOf(MarginAccountId account) => mirror.SlotOf(market.UserOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => agreements.Calls(account);

    public IEnumerable<Call> Totals() => IsOpen ? totals.Calls() : [];

    public IReadOnlyList<Completeness> Complete(CallResults answers) => IsOpen ? totals.Complete(answers) : [];

    public IEnumerable<Call> Feeds(CallResults soFar) => IsOpen ? feeds.Next(soFar) : [];

    public IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => IsOpen ? feeds.Of(answers) : [];

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((AaveV4State)state, results);

    // Null for a log that this ABI can't read: folding it refuses it.
    private static T? Read<T>(AbiEvent<T> shape, Log log)
        where T : struct
    {
        try
        {
            return shape.Decode(log);
        }
        catch (AbiException)
        {
            return null;
        }
    }

    private Address AssetOf(in UInt256 reserve) =>
        reserve < (UInt256)ushort.MaxValue && market.Tables.Reserves.TryGet((ushort)(ulong)reserve, out var row) ? row.Underlying : Address.Zero;
}
