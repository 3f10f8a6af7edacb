using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>A market whose own state can never be read.</summary>
internal sealed class ClosedProtocol(DeploymentId id) : IProtocol
{
    public DeploymentId Id => id;

    public IReadOnlyList<IStateTable> Tables => [];

    public IReadOnlyCollection<LogFilter> Filters => [];

    public bool IsOpen => false;

    public IEnumerable<Call> Open(CallResults soFar) => [new Call(Toy.Market, new byte[] { 99 })];

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        // It listens to nothing.
    }

    public MarginAccountId? Discover(Log log) => null;

    public MarginAccountId AccountOf(Address owner) => new(id, owner.ToHex());

    public bool HasEntered(MarginAccountId account) => false;

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => [];

    public IEnumerable<Call> Reads(BlockHeader head) => [];

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        // Whatever is answered does not open it.
    }

    public AccountState Capture(MarginAccountId account, BlockHeader block) => throw new InvalidOperationException("Nobody is in.");

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => throw new InvalidOperationException("Nobody is in.");

    public int SlotOf(MarginAccountId account) => throw new InvalidOperationException("Nobody is in.");

    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => verdicts.Clear();

    public IEnumerable<Call> Confirm(MarginAccountId account) => [];

    public Agreement Compare(AccountState state, CallResults results) => new(AgreementKind.Unreadable, "", [], null);
}
