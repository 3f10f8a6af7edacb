using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>One pool of Panoptic v2: perpetual options out of Uniswap liquidity, judged by the pool's own decision at each block.</summary>
public sealed class PanopticV2Protocol : IProtocol
{
    private readonly PanopticMarket market;
    private readonly PoolCalls calls;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly UnknownReasons reasons;
    private readonly ReportBuilder reports = new();
    private readonly Agreements agreements;

    public PanopticV2Protocol(PanopticV2Deployment deployment, ProtocolOptions options)
    {
        market = new PanopticMarket(deployment, options);
        reasons = new UnknownReasons(market);
        calls = new PoolCalls(market);
        writer = new ReadWriter(market);
        folder = new LogFolder(market);
        capture = new StateCapture(market, calls, reasons);
        agreements = new Agreements(market, calls);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public IReadOnlyCollection<LogFilter> Filters => folder.Filters;

    public IReadOnlyCollection<LogFilter> DiscoveryFilters => [new([market.Deployment.Pool], [PanopticAbi.OptionMinted.Topic0])];

    public bool IsOpen => market.Tables.Pool.IsOpen;

    public IEnumerable<Call> Open(CallResults soFar) => calls.Open(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(log, touched);

    public MarginAccountId? Discover(Log log) =>
        log.Address == market.Deployment.Pool && PanopticAbi.OptionMinted.Matches(log) ? AccountOf(PanopticAbi.OptionMinted.Decode(log).Recipient) : null;

    /// <summary>The event tells the liquidator's bonus alone: what was closed stands in the burns beside it.</summary>
    public Liquidation? LiquidationOf(Log log) =>
        IsOpen && log.Address == market.Deployment.Pool && PanopticAbi.AccountLiquidated.Matches(log)
            ? new Liquidation(AccountOf(PanopticAbi.AccountLiquidated.Decode(log).Liquidatee), market.Tables.Pool.Token0, UInt256.Zero, market.Tables.Pool.Token1, UInt256.Zero)
            : null;

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public bool HasEntered(MarginAccountId account) => market.Tables.Users.Contains(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => IsOpen ? calls.Entry(market.UserOf(account), soFar) : [];

    public IEnumerable<Call> Reads(BlockHeader head) => calls.Head(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((PanopticV2State)state, at, shock);

    public int SlotOf(MarginAccountId account) => market.PositionsOf.SlotOf(market.UserOf(account));

    /// <summary>The pool has decided already: what is left is to tell it, account by account.</summary>
    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            var report = reports.Build(capture.Capture(market.IdOf(market.PositionsOf.OwnerAt(slots[i])), block), at, Shock.None);
            verdicts[i] = report.Status == MarginStatus.Unknown
                ? new Verdict(MarginStatus.Unknown, UInt256.Zero)
                : new Verdict(report.Status, report.HealthFactor ?? UInt256.MaxValue);
        }
    }

    public IEnumerable<Call> Confirm(MarginAccountId account) => calls.Confirm(market.UserOf(account));

    /// <summary>Positions stand in no view: those folded are kept, and an entry holds them against the pool's own count of the user's legs.</summary>
    public void Distrust()
    {
        foreach (var table in Tables)
        {
            if (table != market.Tables.Positions)
            {
                table.RemoveAll();
            }
        }
    }

    public Agreement Compare(AccountState state, CallResults results) => agreements.Compare((PanopticV2State)state, results);
}
