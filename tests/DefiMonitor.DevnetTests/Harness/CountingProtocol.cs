using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>The real adapter, with a count of what is asked about single accounts: event folding alone asks nothing.</summary>
internal sealed class CountingProtocol(IProtocol inner) : IProtocol
{
    private readonly HashSet<MarginAccountId> snapshots = [];

    /// <summary>Snapshots begun since the last <see cref="Forget"/>.</summary>
    public int Snapshots => snapshots.Count;

    /// <summary>Reads at heads whose calldata names an account, since the last <see cref="Forget"/>.</summary>
    public int AccountReads { get; private set; }

    public HashSet<Address> Owners { get; } = [];

    /// <summary>Logs that are lost on the way; null = none.</summary>
    public Predicate<Log>? Withheld { get; set; }

    public DeploymentId Id => inner.Id;

    public IReadOnlyList<IStateTable> Tables => inner.Tables;

    public IReadOnlyCollection<LogFilter> Filters => inner.Filters;

    public bool IsOpen => inner.IsOpen;

    public void Forget()
    {
        snapshots.Clear();
        AccountReads = 0;
    }

    public IEnumerable<Call> Open(CallResults soFar) => inner.Open(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (Withheld?.Invoke(log) != true)
        {
            inner.Apply(block, log, touched);
        }
    }

    public MarginAccountId? Discover(Log log) => inner.Discover(log);

    public Liquidation? LiquidationOf(Log log) => inner.LiquidationOf(log);

    public MarginAccountId AccountOf(Address owner)
    {
        Owners.Add(owner);
        return inner.AccountOf(owner);
    }

    public void Parameters(ICollection<MarketParameter> into) => inner.Parameters(into);

    public bool Restore(in MarketParameter old) => inner.Restore(old);

    public bool HasEntered(MarginAccountId account) => inner.HasEntered(account);

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar)
    {
        snapshots.Add(account);
        return inner.Snapshot(account, soFar);
    }

    public IEnumerable<Call> Reads(BlockHeader head)
    {
        foreach (var call in inner.Reads(head))
        {
            AccountReads += NamesAccount(call) ? 1 : 0;
            yield return call;
        }
    }

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => inner.ApplyRead(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => inner.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => inner.Evaluate(state, at, shock);

    public int SlotOf(MarginAccountId account) => inner.SlotOf(account);

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => inner.JudgeMany(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) => inner.Confirm(account);

    public IEnumerable<Call> Totals() => inner.Totals();

    public IReadOnlyList<Completeness> Complete(CallResults totals) => inner.Complete(totals);

    public IEnumerable<Call> Feeds(CallResults soFar) => inner.Feeds(soFar);

    public IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => inner.FeedsOf(answers);

    public Agreement Compare(AccountState state, CallResults results) => inner.Compare(state, results);

    // Calldata is a selector of 4 bytes and words of 32.
    private bool NamesAccount(Call call)
    {
        for (var at = 4; at + 32 <= call.Data.Length; at += 32)
        {
            if (call.Data.Span.Slice(at, 12).IndexOfAnyExcept((byte)0) < 0 && Owners.Contains(Address.FromBytes(call.Data.Span.Slice(at + 12, 20))))
            {
                return true;
            }
        }

        return false;
    }
}
