using System.Runtime.InteropServices;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Holds each market's parameters against what people know of them. While nothing changes that is one comparison of two lists a market, whatever the number of
/// accounts, and the lists are used again; when something did, all accounts are judged twice, by the old parameters and by the new ones.
/// </summary>
internal sealed class ParameterWatch(IReadOnlyList<IProtocol> protocols, Census census, StateJournal journal, IMonitorStore store, ulong patience)
{
    /// <summary>Accounts that an alert names.</summary>
    public const int MostNamed = 20;

    private readonly MarketMemory?[] memories = new MarketMemory?[protocols.Count];

    /// <summary>The last list that nothing followed from.</summary>
    private readonly List<MarketParameter>?[] settled = new List<MarketParameter>?[protocols.Count];
    private readonly List<MarketParameter> buffer = [];

    /// <summary>The first block at which something was to be told and some accounts could not be asked what it does to them.</summary>
    private readonly ulong?[] waitingSince = new ulong?[protocols.Count];

    /// <summary>The block at which nothing was waiting to be told last.</summary>
    private readonly BlockRef?[] lastClear = new BlockRef?[protocols.Count];

    /// <summary>The oldest block in which that may have changed which is waiting to be told.</summary>
    private readonly ulong[] waitingFrom = new ulong[protocols.Count];

    /// <summary>What the tables on disk hold, until the block judged last is known to be on this chain.</summary>
    private readonly List<MarketParameter>?[] stored = new List<MarketParameter>?[protocols.Count];
    private BlockRef? learnsBy;

    /// <summary>Blocks that something was told of and that a fork could undo.</summary>
    public IEnumerable<BlockRef> Hanging
    {
        get
        {
            foreach (var memory in memories)
            {
                foreach (var told in memory?.Told ?? [])
                {
                    yield return told.Block;
                }
            }
        }
    }

    /// <summary>Number of the oldest block that must stay above the disk, since what changed in it is not told yet; null where there is none. Not for ever: see <see cref="CanonicalRing.Remembered"/>.</summary>
    public ulong? FirstUntold(ulong head)
    {
        ulong? first = null;
        for (var p = 0; p < protocols.Count; p++)
        {
            if (waitingSince[p] is { } since && since + CanonicalRing.Remembered >= head)
            {
                first = Math.Min(first ?? ulong.MaxValue, waitingFrom[p]);
            }
        }

        return first;
    }

    public void Clear()
    {
        Array.Clear(memories);
        Array.Clear(settled);
        Array.Clear(waitingSince);
        Array.Clear(lastClear);
        Array.Clear(stored);
        learnsBy = null;
    }

    /// <summary>Takes over what stands on disk.</summary>
    public void Take(IReadOnlyList<MarketMemory> kept)
    {
        foreach (var memory in kept)
        {
            for (var p = 0; p < protocols.Count; p++)
            {
                if (protocols[p].Id == memory.Deployment)
                {
                    memories[p] = memory;
                    settled[p] = null;
                }
            }
        }
    }

    /// <summary>
    /// Once the tables stand as they are on disk: what they hold of earlier events is no change, though nobody was told of it while all was read afresh at each look. Only
    /// where the block judged last lies above them: what is on disk and was never judged is news.
    /// </summary>
    /// <param name="judged">By the process before this one. A fork may have undone it since, and then nothing is learnt.</param>
    public void Learn(BlockHeader? checkpoint, BlockHeader? judged)
    {
        if (checkpoint is null || judged is null || checkpoint.Number > judged.Number)
        {
            return;
        }

        learnsBy = judged.Ref;
        for (var p = 0; p < protocols.Count; p++)
        {
            if (memories[p] is not null)
            {
                protocols[p].Parameters(stored[p] = []);
            }
        }
    }

    /// <summary>What changed; of a market that is closed or could not be read nothing is known, and what a fork has undone of it is taken back after a while.</summary>
    /// <param name="isOld">Whether a market was not read for so long that its accounts are unknown.</param>
    /// <param name="reading">While accounts of a market that should be in could not be read, what changed is told a little later, together with how they stand.</param>
    public async Task<List<MarketChange>> LookAsync(
        BlockHeader head, HeadReading reading, Func<int, bool> isOld, Func<BlockRef, bool> isCanonical, IReadOnlyList<AccountInput> inputs, CancellationToken cancellationToken)
    {
        LearnStored(isCanonical);
        var found = new List<MarketChange>();
        for (var p = 0; p < protocols.Count; p++)
        {
            if (reading.FailureOf(p) is not null || !protocols[p].IsOpen)
            {
                if (isOld(p) && Undone(p, isCanonical) is { } back)
                {
                    found.Add(back);
                }

                continue;
            }

            if (Compare(p, isCanonical) is not { } change)
            {
                Cleared(p, head);
                continue;
            }

            if (!reading.IsWhole(p) && head.Number < (waitingSince[p] ??= head.Number) + patience)
            {
                waitingFrom[p] = lastClear[p] is { } clear && isCanonical(clear) ? clear.Number + 1 : 1;
                continue;
            }

            Cleared(p, head);
            found.Add(change.Changes.Count == 0 ? change : await ImpactAsync(p, change, head, inputs, cancellationToken));
        }

        return found;
    }

    private void Cleared(int p, BlockHeader head)
    {
        waitingSince[p] = null;
        lastClear[p] = head.Ref;
    }

    private void LearnStored(Func<BlockRef, bool> isCanonical)
    {
        if (learnsBy is not { } judged)
        {
            return;
        }

        for (var p = 0; p < protocols.Count; p++)
        {
            if (memories[p] is { } memory && stored[p] is { } parameters && isCanonical(judged))
            {
                memories[p] = memory.Learn(parameters);
            }
        }

        Array.Clear(stored);
        learnsBy = null;
    }

    /// <summary>What was told of blocks that are no longer there, of a market that nobody can read: else nothing would become final before it can.</summary>
    private MarketChange? Undone(int p, Func<BlockRef, bool> isCanonical)
    {
        var memory = memories[p];
        if (!IsAnyUndone(memory, isCanonical))
        {
            return null;
        }

        var undone = memory!.Told.Where(t => !isCanonical(t.Block)).ToList();
        return new MarketChange { Memory = memory, Deployment = memory.Deployment, Parameters = memory.Without(undone), Undone = undone, IsUnread = true };
    }

    /// <summary>
    /// Tells each account of the changes that are about something that it holds: those of this block and those that stand told, so that it makes no difference to an
    /// account in which judgement of a block it was first looked at.
    /// </summary>
    public void Mark(BlockHeader head, IReadOnlyList<MarketChange> markets, List<AccountInput> inputs)
    {
        for (var p = 0; p < protocols.Count; p++)
        {
            var market = markets.FirstOrDefault(m => m.Deployment == protocols[p].Id);
            var lately = new List<(ulong Block, ParameterChange Change)>();
            foreach (var told in memories[p]?.Told ?? [])
            {
                if (MarketMemory.IsRecent(told, head) && market?.Undone.Contains(told) != true)
                {
                    lately.AddRange(told.Changes.Select(c => (told.Block.Number, c)));
                }
            }

            lately.AddRange((market?.Changes ?? []).Select(c => (head.Number, c)));
            for (var i = 0; lately.Count > 0 && i < inputs.Count; i++)
            {
                if (inputs[i].Account.Deployment == protocols[p].Id && lately.FindAll(c => IsOf(c.Change, inputs[i].AtBlock)) is { Count: > 0 } own)
                {
                    inputs[i] = inputs[i] with { Parameters = own };
                }
            }
        }
    }

    private MarketChange? Compare(int p, Func<BlockRef, bool> isCanonical)
    {
        buffer.Clear();
        protocols[p].Parameters(buffer);
        var memory = memories[p];
        var undone = IsAnyUndone(memory, isCanonical) ? memory!.Told.Where(t => !isCanonical(t.Block)).ToList() : [];
        if (undone.Count == 0 && settled[p] is { } known && CollectionsMarshal.AsSpan(known).SequenceEqual(CollectionsMarshal.AsSpan(buffer)))
        {
            return null;
        }

        if (memory is null)
        {
            return buffer.Count == 0 ? null : new MarketChange { Memory = null, Deployment = protocols[p].Id, Parameters = [.. buffer] };
        }

        var standing = undone.Count == 0 ? memory.Parameters : memory.Without(undone);
        var now = MarketMemory.Filled(buffer, standing);
        var sinceTold = MarketMemory.Compare(memory.Parameters, now, out var merged);
        if (sinceTold.Count == 0)
        {
            if (undone.Count == 0 && merged.SequenceEqual(memory.Parameters))
            {
                settled[p] = [.. buffer];
                return null;
            }

            return new MarketChange { Memory = memory, Deployment = memory.Deployment, Parameters = merged, Undone = undone, HoldsStill = true };
        }

        var changes = undone.Count == 0 ? sinceTold : MarketMemory.Compare(standing, now, out merged);
        return new MarketChange { Memory = memory, Deployment = memory.Deployment, Parameters = merged, Undone = undone, Changes = changes };
    }

    private static bool IsAnyUndone(MarketMemory? memory, Func<BlockRef, bool> isCanonical)
    {
        for (var i = 0; i < (memory?.Told.Count ?? 0); i++)
        {
            if (!isCanonical(memory!.Told[i].Block))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<MarketChange> ImpactAsync(int p, MarketChange change, BlockHeader head, IReadOnlyList<AccountInput> inputs, CancellationToken cancellationToken)
    {
        var numbers = census.Entered(p);
        var after = Judge(p, numbers, head);
        var before = Before(p, numbers, head, change.Changes, out var untold);
        var impacts = new Dictionary<MarginAccountId, ParameterImpact>();
        for (var i = 0; i < numbers.Length; i++)
        {
            if (before[i] != after[i])
            {
                var account = census.AccountAt(numbers[i]);
                var known = before[i].Status != MarginStatus.Unknown && after[i].Status != MarginStatus.Unknown;
                impacts[account] = new ParameterImpact(account, census.NameAt(numbers[i]), Health(before[i]), Health(after[i]), known ? ImpactSource.Computed : ImpactSource.Unknown);
            }
        }

        // Whoever holds what it is about is told as well, though no figure of his moved; and where the tables can't be put back, how he stood on file.
        foreach (var input in inputs)
        {
            if (input.Account.Deployment == change.Deployment && !impacts.ContainsKey(input.Account) && change.Changes.Any(c => IsOf(c, input.AtBlock)))
            {
                var health = input.AtBlock.Status == MarginStatus.Unknown ? null : input.AtBlock.HealthFactor;
                impacts[input.Account] = new ParameterImpact(
                    input.Account, input.OwnerName, untold ? null : health, health, untold || input.AtBlock.Status == MarginStatus.Unknown ? ImpactSource.Unknown : ImpactSource.Computed);
            }
        }

        var named = impacts.Values.OrderByDescending(static i => i.Fell).ThenBy(static i => i.After ?? UInt256.MaxValue).ThenBy(static i => i.Account.ToString(), StringComparer.Ordinal)
            .Take(MostNamed).ToList();
        for (var i = 0; untold && i < named.Count; i++)
        {
            named[i] = await FiledAsync(named[i], cancellationToken);
        }

        return change with
        {
            Impacts = named, Touched = impacts.Count, Fallen = impacts.Values.Count(static i => i.Fell), Watched = numbers.Length,
        };
    }

    private async Task<ParameterImpact> FiledAsync(ParameterImpact impact, CancellationToken cancellationToken) =>
        await store.ReportAsync(impact.Account, cancellationToken) is { Report: { Status: not MarginStatus.Unknown } filed }
            ? impact with { Before = filed.HealthFactor, Source = ImpactSource.Filed, FiledBlock = filed.Block.Number }
            : impact with { Before = null, Source = ImpactSource.Unknown };

    private static bool IsOf(in ParameterChange change, MarginReport report) => change.Before is not null && change.Parameter.Subject.IsIn(report.Positions);

    private Verdict[] Judge(int p, int[] numbers, BlockHeader head)
    {
        var protocol = protocols[p];
        var slots = Array.ConvertAll(numbers, n => protocol.SlotOf(census.AccountAt(n)));
        var verdicts = new Verdict[slots.Length];
        protocol.JudgeMany(slots, head, new Instant(head.Timestamp), verdicts);
        return verdicts;
    }

    /// <summary>Everybody by the old parameters: they are written into the tables and taken out again, through the door by which blocks are undone.</summary>
    /// <param name="untold">True where that can't be told: a price comes from elsewhere, or nothing changed that the tables hold, as with an implementation alone.</param>
    private Verdict[] Before(int p, int[] numbers, BlockHeader head, IReadOnlyList<ParameterChange> changes, out bool untold)
    {
        journal.Seal();
        untold = false;
        try
        {
            var (restored, lost, isPriceLost) = (0, 0, false);
            foreach (var change in changes)
            {
                if (change.Old is { } old)
                {
                    var could = protocols[p].Restore(old);
                    restored += could ? 1 : 0;
                    lost += could ? 0 : 1;
                    isPriceLost |= !could && old.Kind == ParameterKind.Oracle;
                }
            }

            // With a new implementation come the parameters that it brings: where those are known, they make the difference that is told.
            untold = isPriceLost || (lost > 0 && restored == 0);
            return Judge(p, numbers, head);
        }
        finally
        {
            foreach (var table in protocols[p].Tables)
            {
                table.Undo(table.Seal());
            }
        }
    }

    private static UInt256? Health(in Verdict verdict) =>
        verdict.Status == MarginStatus.Unknown || verdict.HealthFactor == UInt256.MaxValue ? null : verdict.HealthFactor;
}
