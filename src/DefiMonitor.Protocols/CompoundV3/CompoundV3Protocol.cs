using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>One market of Compound III, of either build: Comet.sol with up to 12 collaterals, CometWithExtendedAssetList.sol with up to 24.</summary>
public sealed class CompoundV3Protocol : IProtocol
{
    private readonly CometMarket market;
    private readonly MarketOpening calls;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly AccountMirror mirror;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;
    private readonly MarketSums sums;
    private readonly ParameterList parameters;
    private readonly TokenSources sources;

    public CompoundV3Protocol(CompoundV3Deployment deployment, ProtocolOptions options)
    {
        market = new CometMarket(deployment, options);
        var reasons = new UnknownReasons(market);
        calls = new MarketOpening(market);
        writer = new ReadWriter(market);
        folder = new LogFolder(market);
        capture = new StateCapture(market, reasons);
        mirror = new AccountMirror(market.Tables);
        bulk = new BulkJudge(market, mirror, reasons);
        reports = new ReportBuilder(deployment, options);
        agreements = new Agreements(market);
        sums = new MarketSums(market);
        parameters = new ParameterList(market);
        sources = new TokenSources(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    public bool IsOpen => market.Tables.Market.IsOpen;

    public IEnumerable<Call> Open(CallResults soFar) => calls.Next(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(block, log, touched);

    public MarginAccountId? Discover(Log log) => folder.Discover(log) is { } user ? AccountOf(user) : null;

    public Liquidation? LiquidationOf(Log log) => folder.LiquidationOf(log);

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    /// <summary>Comet itself takes what is supplied and repaid.</summary>
    public IReadOnlyList<Address> Spenders => [market.Deployment.Comet];

    public IReadOnlyList<VenueToken> Tokens => IsOpen ? sources.Tokens() : [];

    public IEnumerable<Call> Feeds(CallResults soFar) => IsOpen ? sources.Calls(soFar) : [];

    public IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => IsOpen ? sources.Of(answers) : [];

    public void Parameters(ICollection<MarketParameter> into) => parameters.List(into);

    public bool Restore(in MarketParameter old) => parameters.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.Accounts.Contains(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => calls.Entry(market.UserOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => calls.Head(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((CompoundV3State)state, at, shock);

    public int SlotOf(MarginAccountId account) => mirror.SlotOf(market.UserOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => calls.Confirm(market.UserOf(account));

    public IEnumerable<Call> Totals() => IsOpen ? sums.Calls() : [];

    public IReadOnlyList<Completeness> Complete(CallResults totals) => IsOpen ? sums.Complete(totals) : [];

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((CompoundV3State)state, results);
}
