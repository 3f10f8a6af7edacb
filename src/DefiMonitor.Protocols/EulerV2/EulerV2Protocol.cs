using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>One liability vault of the Euler Vault Kit, with every collateral that it lends on and the accounts of the Ethereum Vault Connector that borrow from it.</summary>
public sealed class EulerV2Protocol : IProtocol
{
    private readonly EulerMarket market;
    private readonly MarketOpening opening;
    private readonly HeadReads reads;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly AccountMirror mirror;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;
    private readonly LiquidationLogs liquidations;
    private readonly CollateralShares shares;
    private readonly ParameterList parameters;
    private readonly PriceFeeds feeds;

    public EulerV2Protocol(EulerV2Deployment deployment, ProtocolOptions options)
    {
        market = new EulerMarket(deployment, options);
        var quotes = new Quotes(market);
        var reasons = new UnknownReasons(market, quotes);
        var totals = new TotalsWriter(market.Tables);
        var accounts = new AccountWriter(market);
        opening = new MarketOpening(market);
        reads = new HeadReads(market);
        writer = new ReadWriter(market, totals, accounts, new QuoteCheck(market, quotes));
        folder = new LogFolder(market, totals, accounts);
        capture = new StateCapture(market, reasons, quotes);
        mirror = new AccountMirror(market.Tables);
        bulk = new BulkJudge(market, mirror, reasons, quotes);
        reports = new ReportBuilder(options);
        agreements = new Agreements(market);
        liquidations = new LiquidationLogs(market);
        shares = new CollateralShares(market.Tables);
        parameters = new ParameterList(market);
        feeds = new PriceFeeds(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    public bool IsOpen => market.Tables.Market.IsOpen;

    public IReadOnlyList<Address> Spenders => [market.Vault];

    /// <summary>The vault takes what is repaid; a deposit is taken by each collateral vault of that token.</summary>
    public IReadOnlyList<Address> SpendersOf(Address token) => IsOpen ? shares.SpendersOf(token, market.Vault) : [];

    /// <summary>The shares that can be collateral: in a wallet whose account owes nothing here, or whose price can't be read, they are no position, and must not be nothing.</summary>
    public IReadOnlyList<VenueToken> Tokens => IsOpen ? shares.All() : [];

    public IEnumerable<Call> Open(CallResults soFar) => opening.Next(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(block, log, touched);

    public MarginAccountId? Discover(Log log) =>
        log.Address == market.Vault && EulerAbi.Borrow.Matches(log) ? market.IdOf(EulerAbi.Borrow.Decode(log).Account) : null;

    public Liquidation? LiquidationOf(Log log) => liquidations.Of(log);

    /// <summary>The account with the owner's own address, the first of his 256.</summary>
    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public IEnumerable<Call> Feeds(CallResults soFar) => IsOpen ? feeds.Calls(soFar) : [];

    public IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => IsOpen ? feeds.Of(answers) : [];

    public void Parameters(ICollection<MarketParameter> into) => parameters.List(into);

    public bool Restore(in MarketParameter old) => parameters.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.Accounts.Contains(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => reads.Entry(market.UserOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => reads.Head(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((EulerV2State)state, at, shock);

    public int SlotOf(MarginAccountId account) => mirror.SlotOf(market.UserOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => reads.Confirm(market.UserOf(account));

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((EulerV2State)state, results);
}
