using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>What is to be judged of a head: whom, how each stands at both instants, and what is remembered of him.</summary>
/// <param name="reads">The last block at which each deployment's reads came in.</param>
/// <param name="isFiled">Whether there is a report of the account with that number on disk.</param>
internal sealed class HeadInputs(
    IReadOnlyList<IProtocol> protocols,
    Census census,
    AlertBook book,
    Whom whom,
    ChainLoopOptions options,
    IMonitorStore store,
    IReadOnlyDictionary<DeploymentId, BlockHeader> reads,
    Func<int, bool> isFiled)
{
    private const int WaitingJudged = 1_000;

    private readonly Dictionary<MarginAccountId, ulong> waitingSince = [];

    /// <summary>True when everybody who can't be read was among the last inputs.</summary>
    public bool IsComplete { get; private set; }

    public void Clear() => waitingSince.Clear();

    /// <param name="touched">Accounts whose own inputs changed since the last judgement.</param>
    /// <param name="forked">See <see cref="Whom.Pick"/>.</param>
    public async Task<List<AccountInput>> OfAsync(
        BlockHeader head, HeadReading reading, NextPrices next, IReadOnlySet<MarginAccountId> touched, bool forked, CancellationToken cancellationToken)
    {
        var inputs = new List<AccountInput>();
        var picked = new List<MarginAccountId>();
        IsComplete = true;
        for (var p = 0; p < protocols.Count; p++)
        {
            if (reading.FailureOf(p) is not { } reason)
            {
                whom.Pick(p, head, touched, forked, next.LeastKeptPpm, picked);
            }
            else if (IsOld(protocols[p].Id, head))
            {
                var since = reads[protocols[p].Id].Number;
                await UnknownAsync(Array.ConvertAll(census.Entered(p), census.AccountAt), head, $"not read since block {since}: {reason}", inputs, cancellationToken);
            }
            else
            {
                IsComplete = false;
            }
        }

        var remembered = await RememberedAsync(picked, cancellationToken);
        foreach (var account in picked)
        {
            census.TryGet(account, out var member);
            var protocol = protocols[member.Protocol];
            var state = protocol.Capture(account, head);
            var then = new Instant(head.Timestamp) + options.NextBlockSeconds;
            var atNext = protocol.Evaluate(state, then, Shock.None);
            var input = await InputAsync(account, protocol.Evaluate(state, new Instant(head.Timestamp), Shock.None), atNext, remembered, cancellationToken);
            inputs.Add(input with { Outlook = next.OutlookOf(atNext, shock => protocol.Evaluate(state, then, shock)) });
        }

        await WaitingAsync(head, reading, inputs, cancellationToken);
        return inputs;
    }

    /// <summary>Whether the last reads of a deployment are so old that its accounts are unknown.</summary>
    public bool IsOld(DeploymentId deployment, BlockHeader head) =>
        reads.TryGetValue(deployment, out var mark)
        && (head.Number > mark.Number + options.MaxReadAgeBlocks || head.Timestamp > mark.Timestamp + options.MaxReadAgeSeconds);

    private async Task WaitingAsync(BlockHeader head, HeadReading reading, List<AccountInput> inputs, CancellationToken cancellationToken)
    {
        foreach (var account in new List<MarginAccountId>(waitingSince.Keys))
        {
            if (!census.Waiting.Contains(account))
            {
                waitingSince.Remove(account);
            }
        }

        var some = new List<MarginAccountId>?[protocols.Count];
        var count = 0;
        foreach (var account in census.Waiting)
        {
            census.TryGet(account, out var member);

            // "Not yet" for one block is no Unknown; where nothing can be read, age decides as it does for those who are in.
            var notYet = !member.IsThereAt(head) || (reading.FailureOf(member.Protocol) is not null
                ? !IsOld(account.Deployment, head)
                : waitingSince.TryAdd(account, head.Number) || waitingSince[account] >= head.Number);
            if (notYet)
            {
                IsComplete = false;
                continue;
            }

            if (count++ == WaitingJudged)
            {
                IsComplete = false;
                break;
            }

            (some[member.Protocol] ??= []).Add(account);
        }

        for (var p = 0; p < protocols.Count; p++)
        {
            await UnknownAsync(some[p] ?? [], head, reading.EnterFailureOf(p) is { } why ? $"it has not entered yet: {why}" : "it has not entered yet", inputs, cancellationToken);
        }
    }

    private async Task UnknownAsync(
        IReadOnlyList<MarginAccountId> accounts, BlockHeader head, string reason, List<AccountInput> inputs, CancellationToken cancellationToken)
    {
        var remembered = await RememberedAsync(accounts, cancellationToken);
        foreach (var account in accounts)
        {
            var report = new MarginReport
            {
                Account = account, Block = head, At = new Instant(head.Timestamp), Status = MarginStatus.Unknown, UnknownReason = reason,
            };
            inputs.Add(await InputAsync(account, report, report, remembered, cancellationToken));
        }
    }

    /// <summary>What the judge remembers of the accounts: at hand, or read from the disk in one go.</summary>
    private async Task<IReadOnlyDictionary<MarginAccountId, AccountMemory>> RememberedAsync(
        IReadOnlyList<MarginAccountId> accounts, CancellationToken cancellationToken)
    {
        var all = new Dictionary<MarginAccountId, AccountMemory>(accounts.Count);
        var far = new List<MarginAccountId>();
        foreach (var account in accounts)
        {
            if (book.MemoryOf(account) is { } memory)
            {
                all[account] = memory;
            }
            else if (!book.HasAllMemories)
            {
                far.Add(account);
            }
        }

        if (far.Count > 0)
        {
            foreach (var (account, memory) in await store.MemoriesOfAsync(far, cancellationToken))
            {
                all[account] = memory;
                book.Take(memory);
            }
        }

        return all;
    }

    private async Task<AccountInput> InputAsync(
        MarginAccountId account,
        MarginReport atBlock,
        MarginReport atNext,
        IReadOnlyDictionary<MarginAccountId, AccountMemory> remembered,
        CancellationToken cancellationToken)
    {
        var isMember = census.TryGet(account, out var member);
        var memory = remembered.GetValueOrDefault(account);

        // What the judge looks back at is always what stands on disk, never what only this process knows: so a run that crashed says what a calm one says.
        var unknown = atBlock.Status == MarginStatus.Unknown || atNext.Status == MarginStatus.Unknown;
        var needed = memory is null || (unknown && memory.UnknownSince is null);
        var previous = needed && isMember && isFiled(member.Number) ? (await store.ReportAsync(account, cancellationToken))?.Report : null;
        return new AccountInput
        {
            Account = account, AtBlock = atBlock, AtNext = atNext, Memory = memory, Previous = previous, OwnerName = member.OwnerName,
        };
    }
}
