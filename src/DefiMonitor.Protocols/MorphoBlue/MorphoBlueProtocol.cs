using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>One market of Morpho Blue v1.0.0, with any oracle and rate model.</summary>
public sealed class MorphoBlueProtocol : IProtocol
{
    private readonly MorphoMarket market;
    private readonly MarketOpening calls;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly AccountMirror mirror;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;
    private readonly BorrowTotal total;
    private readonly ParameterList listed;

    public MorphoBlueProtocol(MorphoBlueDeployment deployment, ProtocolOptions options)
    {
        market = new MorphoMarket(deployment, options);
        var reasons = new UnknownReasons(market);
        calls = new MarketOpening(market);
        writer = new ReadWriter(market);
        folder = new LogFolder(market);
        capture = new StateCapture(market, reasons);
        mirror = new AccountMirror(market.Tables);
        bulk = new BulkJudge(market, mirror, reasons, capture);
        reports = new ReportBuilder(options);
        agreements = new Agreements(market);
        total = new BorrowTotal(market);
        listed = new ParameterList(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    public bool IsOpen => market.Tables.Market.IsOpen;

    public IEnumerable<Call> Open(CallResults soFar) => calls.Next(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(block, log, touched);

    public MarginAccountId? Discover(Log log) =>
        log.Address == market.Deployment.Morpho && folder.IsOfMarket(log) && MorphoAbi.Borrow.Matches(log) ? AccountOf(MorphoAbi.Borrow.Decode(log).OnBehalf) : null;

    public IReadOnlyCollection<LogFilter> DiscoveryFilters => [new LogFilter([market.Deployment.Morpho], [MorphoAbi.Borrow.Topic0])];

    public Liquidation? LiquidationOf(Log log)
    {
        if (log.Address != market.Deployment.Morpho || !folder.IsOfMarket(log) || !MorphoAbi.Liquidate.Matches(log))
        {
            return null;
        }

        var call = MorphoAbi.Liquidate.Decode(log);
        var parameters = market.Tables.Market.Parameters;
        return new Liquidation(market.IdOf(call.Borrower), parameters.LoanToken, call.RepaidAssets, parameters.CollateralToken, call.SeizedAssets);
    }

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public IReadOnlyList<Address> Spenders => [market.Deployment.Morpho];

    public IReadOnlyList<VenueToken> Tokens
    {
        get
        {
            var row = market.Tables.Market;
            return row.IsOpen
                ? [new(row.Parameters.LoanToken, row.Loan.Symbol.ToString(), row.Loan.Decimals), new(row.Parameters.CollateralToken, row.Collateral.Symbol.ToString(), row.Collateral.Decimals)]
                : [];
        }
    }

    public void Parameters(ICollection<MarketParameter> into) => listed.List(into);

    public bool Restore(in MarketParameter old) => listed.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.Accounts.Contains(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => calls.Entry(market.UserOf(account));

    public IEnumerable<Call> Reads(BlockHeader head) => calls.Head(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((MorphoBlueState)state, at, shock);

    public int SlotOf(MarginAccountId account) => mirror.SlotOf(market.UserOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => calls.Confirm(market.UserOf(account));

    public IEnumerable<Call> Totals() => IsOpen ? [total.Call] : [];

    public IReadOnlyList<Completeness> Complete(CallResults totals) => IsOpen ? [total.Complete(totals)] : [];

    public IEnumerable<Call> Feeds(CallResults soFar) => IsOpen ? FeedWalk.Calls(market.Tables.Market.Parameters.Oracle, soFar) : [];

    public IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => !IsOpen ? []
        : FeedWalk.Of(market.Tables.Market.Parameters.CollateralToken, market.Tables.Market.Collateral.Symbol.ToString(), market.Tables.Market.Parameters.Oracle, answers);

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((MorphoBlueState)state, results);
}
