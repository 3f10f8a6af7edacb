using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Derive v2: options, perpetuals and collateral of sub-accounts, judged by what their manager itself says at the block.</summary>
public sealed class DeriveV2Protocol : IProtocol
{
    private readonly DeriveMarket market;
    private readonly MarketOpening calls;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;

    public DeriveV2Protocol(DeriveV2Deployment deployment, ProtocolOptions options)
    {
        market = new DeriveMarket(deployment, options);
        var accounts = new AccountCalls(market);
        var reasons = new UnknownReasons(market, accounts);
        calls = new MarketOpening(market, accounts);
        writer = new ReadWriter(market);
        folder = new LogFolder(market);
        capture = new StateCapture(market, accounts, new BookReader(market, accounts), reasons);
        bulk = new BulkJudge(market, capture, reasons);
        reports = new ReportBuilder(options);
        agreements = new Agreements(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    /// <summary>Balances that went below 0: who owes cash, or is short.</summary>
    public IReadOnlyCollection<LogFilter> DiscoveryFilters => [new LogFilter([market.Deployment.SubAccounts], [DeriveAbi.BalanceAdjusted.Topic0])];

    public bool IsOpen => market.Tables.IsOpen;

    public IEnumerable<Call> Open(CallResults soFar) => calls.Open(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(log, touched);

    /// <summary>Under a manager that the configuration names alone: anybody may have a manager of his own, which would be asked whatever it likes to answer.</summary>
    public MarginAccountId? Discover(Log log) =>
        log.Address == market.Deployment.SubAccounts && DeriveAbi.Read(DeriveAbi.BalanceAdjusted, log) is { PostBalance: var after } adjusted
        && after.Sign < 0 && market.Deployment.KindOf(adjusted.Manager) != ManagerKind.Unknown && LogFolder.AccountIn(adjusted.AccountId) is { } account
            ? market.IdOf(account)
            : null;

    public Liquidation? LiquidationOf(Log log)
    {
        // A bid takes a share of everything; what it paid, or was paid, is all that the event has in cash.
        return log.Address == market.Deployment.Auction && DeriveAbi.Read(DeriveAbi.Bid, log) is { } bid && LogFolder.AccountIn(bid.AccountId) is { } account
            ? new Liquidation(market.IdOf(account), market.Deployment.Cash, bid.CashFromBidder, market.Deployment.Cash, bid.CashToBidder)
            : null;
    }

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public MarginAccountId? AccountNamed(string key) =>
        SubAccountKeys.TryParse(key, out var id) ? market.IdOf(SubAccountKeys.KeyOf(id)) : Address.TryParse(key, out var owner) ? market.IdOf(owner) : null;

    public bool HasEntered(MarginAccountId account) => market.Tables.Accounts.TryGet(market.KeyOf(account), out var row) && row.Fields == EntryFields.All;

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => calls.Entry(market.KeyOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => calls.Head();

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((DeriveV2State)state, at, shock);

    public int SlotOf(MarginAccountId account) => market.Held.SlotOf(market.KeyOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => calls.Confirm(market.KeyOf(account));

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((DeriveV2State)state, results);
}
