using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Whom to evaluate in full. While everybody fits, everybody; else bulk judging of all at both instants is the filter: whoever left the band of health in which
/// there is nothing to tell, whose own inputs changed, who can't be judged, after a fork or a start whoever has an alert open, and of the others those whose
/// report has grown old, in turn.
/// </summary>
internal sealed class Whom
{
    private const int NearestKept = 64;

    private readonly IReadOnlyList<IProtocol> protocols;
    private readonly Census census;
    private readonly AlertBook book;
    private readonly ChainLoopOptions options;
    private readonly Crowd[] crowds;

    public Whom(IReadOnlyList<IProtocol> protocols, Census census, AlertBook book, ChainLoopOptions options)
    {
        this.protocols = protocols;
        this.census = census;
        this.book = book;
        this.options = options;
        crowds = new Crowd[protocols.Count];
        Clear();
    }

    public void Clear()
    {
        for (var p = 0; p < crowds.Length; p++)
        {
            crowds[p] = new Crowd();
        }
    }

    /// <summary>Remembers that the account was evaluated.</summary>
    public void Evaluated(MarginAccountId account, ulong timestamp, CalmBand calm)
    {
        if (census.TryGet(account, out var member) && protocols[member.Protocol].HasEntered(account))
        {
            crowds[member.Protocol].Seen(protocols[member.Protocol].SlotOf(account)) = new Seen(timestamp, calm);
        }
    }

    /// <summary>Takes over what the process before this one has seen, as far as it went by the same rules.</summary>
    /// <param name="rules">See <see cref="Judge.Mark"/>.</param>
    public void Filed(int protocol, FiledReport report, long rules)
    {
        if (report.Calm.Rules == rules)
        {
            crowds[protocol].Seen(protocols[protocol].SlotOf(report.Account)) = new Seen((ulong)report.At.ToUnixTimeSeconds(), report.Calm);
        }
    }

    /// <summary>The accounts nearest to their edge, nearest first.</summary>
    /// <param name="judged">Those that were evaluated.</param>
    public List<MarginAccountId> Nearest(IReadOnlyList<JudgedAccount> judged)
    {
        var queue = new Front();
        if (census.Count <= options.FullPassAccounts)
        {
            foreach (var account in judged)
            {
                if (account.Worse is { Status: not MarginStatus.Unknown, HealthFactor: { } health })
                {
                    queue.Offer(account.Account, health);
                }
            }
        }
        else
        {
            for (var p = 0; p < crowds.Length; p++)
            {
                crowds[p].Offer(queue);
            }
        }

        return queue.InOrder();
    }

    /// <summary>Adds the accounts of one protocol that are to be evaluated. Whoever can't be judged is always among them.</summary>
    /// <param name="touched">Accounts whose own inputs changed since the last judgement.</param>
    /// <param name="forked">Blocks were undone since, or nothing was judged yet: every open alert is looked at.</param>
    public void Pick(int protocol, BlockHeader head, IReadOnlySet<MarginAccountId> touched, bool forked, List<MarginAccountId> into)
    {
        var accounts = census.Entered(protocol);
        if (census.Count <= options.FullPassAccounts)
        {
            into.AddRange(accounts);
            return;
        }

        var crowd = crowds[protocol];
        crowd.Enter(protocols[protocol], accounts);
        var instant = new Instant(head.Timestamp);
        protocols[protocol].JudgeMany(crowd.Slots, head, instant, crowd.AtBlock);
        protocols[protocol].JudgeMany(crowd.Slots, head, instant + options.NextBlockSeconds, crowd.AtNext);
        Mark(protocol, crowd, touched);
        Mark(protocol, crowd, book.Unread);
        if (forked)
        {
            foreach (var text in book.OpenAccounts)
            {
                if (MarginAccountId.TryParse(text, out var account) && account is not null)
                {
                    Mark(protocol, crowd, account);
                }
            }
        }

        var far = options.FarPerBlock;
        var oldAt = (ulong)options.ReportEvery.TotalSeconds;
        var start = crowd.Turn < accounts.Length ? crowd.Turn : 0;
        for (var n = 0; n < accounts.Length; n++)
        {
            var i = start + n < accounts.Length ? start + n : start + n - accounts.Length;
            ref var seen = ref crowd.Known(i);
            if (seen.Marked || seen.Timestamp == 0 || !seen.Calm.Covers(crowd.AtBlock[i]) || !seen.Calm.Covers(crowd.AtNext[i]))
            {
                seen.Marked = false;
                into.Add(accounts[i]);
            }
            else if (far > 0 && head.Timestamp >= seen.Timestamp + oldAt)
            {
                far--;
                crowd.Turn = i + 1;
                into.Add(accounts[i]);
            }
        }
    }

    private void Mark(int protocol, Crowd crowd, IReadOnlyCollection<MarginAccountId> accounts)
    {
        foreach (var account in accounts)
        {
            Mark(protocol, crowd, account);
        }
    }

    private void Mark(int protocol, Crowd crowd, MarginAccountId account)
    {
        if (account.Deployment == protocols[protocol].Id)
        {
            crowd.Seen(protocols[protocol].SlotOf(account)).Marked = true;
        }
    }

    /// <param name="Timestamp">Of the block at which it was evaluated last; 0 = never.</param>
    private record struct Seen(ulong Timestamp, CalmBand Calm)
    {
        public bool Marked { get; set; }
    }

    /// <summary>The accounts of one protocol, by slot and in the order of their text.</summary>
    private sealed class Crowd
    {
        private MarginAccountId[] accounts = [];
        private int[] slots = [];
        private Verdict[] atBlock = [];
        private Verdict[] atNext = [];
        private Seen[] seen = new Seen[16];

        public ReadOnlySpan<int> Slots => slots;

        public Span<Verdict> AtBlock => atBlock;

        public Span<Verdict> AtNext => atNext;

        /// <summary>Where the next turn of those with old reports begins.</summary>
        public int Turn { get; set; }

        public void Enter(IProtocol protocol, MarginAccountId[] entered)
        {
            if (ReferenceEquals(accounts, entered))
            {
                return;
            }

            accounts = entered;
            slots = new int[entered.Length];
            atBlock = new Verdict[entered.Length];
            atNext = new Verdict[entered.Length];
            for (var i = 0; i < entered.Length; i++)
            {
                slots[i] = protocol.SlotOf(entered[i]);
                Seen(slots[i]);
            }
        }

        public void Offer(Front front)
        {
            for (var i = 0; i < accounts.Length; i++)
            {
                if (atBlock[i].Status != MarginStatus.Unknown && atBlock[i].HealthFactor != UInt256.MaxValue)
                {
                    front.Offer(accounts[i], atBlock[i].HealthFactor);
                }
            }
        }

        public ref Seen Known(int index) => ref seen[slots[index]];

        public ref Seen Seen(int slot)
        {
            if (slot >= seen.Length)
            {
                Array.Resize(ref seen, Math.Max(slot + 1, 2 * seen.Length));
            }

            return ref seen[slot];
        }
    }

    /// <summary>The few lowest of many.</summary>
    private sealed class Front
    {
        private readonly PriorityQueue<MarginAccountId, UInt256> highestFirst = new(Comparer<UInt256>.Create(static (a, b) => b.CompareTo(a)));

        public void Offer(MarginAccountId account, in UInt256 health)
        {
            if (highestFirst.Count < NearestKept)
            {
                highestFirst.Enqueue(account, health);
            }
            else if (highestFirst.TryPeek(out _, out var highest) && health < highest)
            {
                highestFirst.EnqueueDequeue(account, health);
            }
        }

        public List<MarginAccountId> InOrder() =>
            [.. highestFirst.UnorderedItems.OrderBy(static n => n.Priority).ThenBy(static n => n.Element).Select(static n => n.Element)];
    }
}
