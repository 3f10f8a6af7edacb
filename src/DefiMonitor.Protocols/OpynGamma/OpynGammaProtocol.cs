using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>One deployment of the Gamma protocol of Opyn (Rysk uses the same contracts): options written out of vaults, of which only the naked ones can be liquidated.</summary>
public sealed class OpynGammaProtocol : IProtocol
{
    private readonly GammaMarket market;
    private readonly VenueCalls calls;
    private readonly Entry entry;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly Agreements agreements;
    private readonly ParameterList parameters;

    public OpynGammaProtocol(OpynGammaDeployment deployment, ProtocolOptions options)
    {
        market = new GammaMarket(deployment, options);
        var reasons = new UnknownReasons(market);
        calls = new VenueCalls(market);
        entry = new Entry(market, calls);
        writer = new ReadWriter(market);
        folder = new LogFolder(market);
        capture = new StateCapture(market, reasons);
        bulk = new BulkJudge(market, reasons);
        reports = new ReportBuilder(options);
        agreements = new Agreements(market);
        parameters = new ParameterList(market);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    public bool IsOpen => market.Tables.Venue.IsOpen;

    /// <summary>Only a vault that is opened as a naked one can ever be liquidated.</summary>
    public IReadOnlyCollection<LogFilter> DiscoveryFilters => IsOpen ? [new([market.Tables.Venue.Controller], [GammaAbi.VaultOpened.Topic0])] : [];

    public IEnumerable<Call> Open(CallResults soFar) => calls.Open(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(log, touched);

    public MarginAccountId? Discover(Log log) =>
        IsOpen && log.Address == market.Tables.Venue.Controller && GammaAbi.VaultOpened.Matches(log) && GammaAbi.VaultOpened.Decode(log) is { } opened && opened.VaultType == UInt256.One
            ? AccountOf(opened.AccountOwner)
            : null;

    public Liquidation? LiquidationOf(Log log)
    {
        if (!IsOpen || log.Address != market.Tables.Venue.Controller || !GammaAbi.VaultLiquidated.Matches(log))
        {
            return null;
        }

        var taken = GammaAbi.VaultLiquidated.Decode(log);

        // Of a vault that nobody has seen yet the tokens are not known: the event names none.
        market.Tables.Vaults.TryGet(new VaultKey(taken.VaultOwner, ReadWriter.Seconds(taken.VaultId)), out var vault);
        var isKnown = market.Tables.Series.TryGet(vault.Short, out var series);
        return new Liquidation(market.IdOf(taken.VaultOwner), isKnown ? series.Underlying : vault.Short, taken.DebtAmount, vault.Collateral, taken.CollateralPayout)
        {
            Option = isKnown ? new LiquidatedOption(series.IsPut ? OptionKind.Put : OptionKind.Call, series.StrikePrice, series.Expiry) : null,
        };
    }

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public void Parameters(ICollection<MarketParameter> into) => parameters.List(into);

    public bool Restore(in MarketParameter old) => parameters.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.Accounts.TryGet(market.UserOf(account), out var row) && !row.MustEnter;

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => entry.Calls(market.UserOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => calls.Head(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((OpynGammaState)state, at, shock);

    public int SlotOf(MarginAccountId account) => market.Owned.SlotOf(market.UserOf(account));

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => calls.Confirm(market.UserOf(account));

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((OpynGammaState)state, results);
}
