using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Holds what all borrowers of a market owe against the contract's own total, for the markets whose borrowers are all followed: a lost log, or a borrower who was never
/// found, shows as debt outside the list. The totals are read with a head's other reads, once in a while, because adding up walks through every balance.
/// </summary>
internal sealed class CompletenessCheck(IReadOnlyList<IProtocol> protocols, Census census, ChainLoopOptions options, TimeProvider time)
{
    // In looks that did not settle it.
    private const ulong StaleAfter = 10;

    private readonly SortedDictionary<DeploymentId, CompletenessVitals> last = [];
    private readonly List<int> asked = [];
    private long? askedAt;

    /// <summary>Markets whose equation did not hold when it was last looked at.</summary>
    public int BrokenCount { get; private set; }

    /// <summary>Followed markets that have a total and have not been held against it for a long while, or ever: of those <see cref="BrokenCount"/> says nothing.</summary>
    public int UncheckedCount(ulong now)
    {
        var count = 0;
        foreach (var protocol in protocols)
        {
            count += options.Discover.Contains(protocol.Id) && protocol.Totals().Any()
                && (!last.TryGetValue(protocol.Id, out var vitals) || vitals.Block.Timestamp + (StaleAfter * (ulong)options.CompleteEvery.TotalSeconds) < now) ? 1 : 0;
        }

        return count;
    }

    public IReadOnlyList<CompletenessVitals> Vitals() => [.. last.Values];

    public void Clear()
    {
        last.Clear();
        askedAt = null;
        BrokenCount = 0;
    }

    /// <summary>The totals to read at this head; none while it is not time.</summary>
    public List<Call> Calls()
    {
        var calls = new List<Call>();
        asked.Clear();
        if (options.Discover.Count == 0 || (askedAt is { } before && time.GetElapsedTime(before) < options.CompleteEvery))
        {
            return calls;
        }

        for (var p = 0; p < protocols.Count; p++)
        {
            if (options.Discover.Contains(protocols[p].Id) && protocols[p].IsOpen && !IsAnybodyOutside(p))
            {
                asked.Add(p);
                calls.AddRange(protocols[p].Totals());
            }
        }

        return calls;
    }

    public void Note(BlockHeader head, HeadReading reading)
    {
        foreach (var p in asked)
        {
            // Whoever was found in this very block may not be in yet.
            if (reading.FailureOf(p) is null && protocols[p].IsOpen && !IsAnybodyOutside(p))
            {
                askedAt = time.GetTimestamp();
                Note(protocols[p], head, reading.Answers);
            }
        }

        asked.Clear();
    }

    private void Note(IProtocol protocol, BlockHeader head, CallResults totals)
    {
        Completeness? broken = null;
        var held = 0;
        var count = 0;
        foreach (var equation in protocol.Complete(totals))
        {
            held += equation.Holds == true ? 1 : 0;
            count += equation.Holds == false ? 1 : 0;
            broken ??= equation.Holds == false ? equation : null;
        }

        if (held + count > 0)
        {
            last[protocol.Id] = new CompletenessVitals(protocol.Id, head, held + count, count, broken is null ? null : Say(broken));
        }

        BrokenCount = 0;
        foreach (var (_, vitals) in last)
        {
            BrokenCount += vitals.Broken > 0 ? 1 : 0;
        }
    }

    private static string Say(Completeness broken) => broken.Outside.IsZero
        ? $"our accounts have {broken.Excess} units more of {broken.Symbol}'s {broken.What} than the contract: {broken.Known} instead of {broken.Total}"
        : $"{broken.Outside} of {broken.Total} units of {broken.Symbol}'s {broken.What} stand outside the list";

    private bool IsAnybodyOutside(int protocol)
    {
        foreach (var account in census.Waiting)
        {
            if (census.TryGet(account, out var member) && member.Protocol == protocol)
            {
                return true;
            }
        }

        return false;
    }
}
