using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>One option market of Lyra v1 (Avalon), a venue that no longer trades: the options protocol whose contracts anybody can still run.</summary>
public sealed class LyraV1Protocol : IProtocol
{
    private readonly LyraMarket market;
    private readonly MarketOpening calls;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;
    private readonly ParameterList parameters;

    public LyraV1Protocol(LyraV1Deployment deployment, ProtocolOptions options)
    {
        market = new LyraMarket(deployment, options);
        var reasons = new UnknownReasons(market);
        calls = new MarketOpening(market);
        writer = new ReadWriter(market);
        folder = new LogFolder(market);
        capture = new StateCapture(market, reasons);
        bulk = new BulkJudge(market, reasons);
        reports = new ReportBuilder(options);
        agreements = new Agreements(market, calls);
        parameters = new ParameterList(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    public bool IsOpen => market.Tables.Market.IsOpen;

    public IEnumerable<Call> Open(CallResults soFar) => calls.Open();

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(log, touched);

    public MarginAccountId? Discover(Log log)
    {
        if (log.Address != market.Deployment.OptionToken || !LyraAbi.PositionUpdated.Matches(log))
        {
            return null;
        }

        var update = LyraAbi.PositionUpdated.Decode(log);
        return LyraAbi.TypeOf(update.Position.OptionType) >= OptionType.ShortCallBase ? AccountOf(update.Owner) : null;
    }

    public Liquidation? LiquidationOf(Log log)
    {
        if (log.Address != market.Deployment.OptionMarket || LyraAbi.LiquidationIn(log) is not { } taken)
        {
            return null;
        }

        var collateral = taken.Type == OptionType.ShortCallBase ? market.Deployment.BaseAsset : market.Deployment.QuoteAsset;
        return new Liquidation(market.IdOf(taken.Owner), market.Deployment.BaseAsset, taken.Amount, collateral, taken.Taken)
        {
            Option = new LiquidatedOption(taken.Type == OptionType.ShortPutQuote ? OptionKind.Put : OptionKind.Call, taken.Strike, taken.Expiry),
        };
    }

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public void Parameters(ICollection<MarketParameter> into) => parameters.List(into);

    public bool Restore(in MarketParameter old) => parameters.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.Accounts.Contains(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => calls.Entry(market.UserOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => calls.Head();

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((LyraV1State)state, at, shock);

    public int SlotOf(MarginAccountId account) => market.Owned.SlotOf(market.UserOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => calls.Confirm(market.UserOf(account));

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((LyraV1State)state, results);
}
