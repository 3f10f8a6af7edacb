using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
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

    // Verdicts are looked at as they are made, so many at a time, and not kept.
    private const int Chunk = 16_384;

    // Sums of a few units are rounded by more than their ppm.
    private static readonly UInt256 EdgeAndRounding = FixedPoint.Wad * 101u / 100u;

    private readonly IReadOnlyList<IProtocol> protocols;
    private readonly Census census;
    private readonly AlertBook book;
    private readonly ChainLoopOptions options;
    private readonly int[] turns;
    private readonly Front?[] fronts;

    /// <summary>The numbers of each protocol's accounts when all of them had slots.</summary>
    private readonly int[]?[] withSlots;

    // What is known of each account, by its number in the census. Slots are one too high: 0 = not asked for yet; a timestamp of 0 = never evaluated.
    private readonly Column<int> slotOf = new();
    private readonly Column<ulong> seenAt = new();
    private readonly Column<double> calmLow = new();
    private readonly Column<double> calmHigh = new();
    private readonly Column<bool> marked = new();

    private int[] slots = [];
    private Verdict[] atBlock = [];
    private Verdict[] atNext = [];

    public Whom(IReadOnlyList<IProtocol> protocols, Census census, AlertBook book, ChainLoopOptions options)
    {
        this.protocols = protocols;
        this.census = census;
        this.book = book;
        this.options = options;
        turns = new int[protocols.Count];
        fronts = new Front?[protocols.Count];
        withSlots = new int[protocols.Count][];
    }

    public void Clear()
    {
        Array.Clear(turns);
        Array.Clear(fronts);
        Array.Clear(withSlots);
        slotOf.Clear();
        seenAt.Clear();
        calmLow.Clear();
        calmHigh.Clear();
        marked.Clear();
    }

    /// <summary>Remembers that the account was evaluated.</summary>
    public void Evaluated(MarginAccountId account, ulong timestamp, CalmBand calm)
    {
        if (census.TryGet(account, out var member) && protocols[member.Protocol].HasEntered(account))
        {
            See(member.Number, timestamp, calm);
            marked[member.Number] = false;
        }
    }

    /// <summary>Takes over what the process before this one has seen, as far as it went by the same rules.</summary>
    /// <param name="rules">See <see cref="Judge.Mark"/>.</param>
    public void Filed(int number, in FiledReport report, long rules)
    {
        if (report.Calm.Rules == rules)
        {
            See(number, report.BlockTime, report.Calm);
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
            foreach (var front in fronts)
            {
                front?.OfferTo(queue);
            }
        }

        return queue.InOrder();
    }

    /// <summary>Adds the accounts of one protocol that are to be evaluated. Whoever can't be judged is always among them.</summary>
    /// <param name="touched">Accounts whose own inputs changed since the last judgement.</param>
    /// <param name="forked">Blocks were undone since, or nothing was judged yet: every open alert is looked at.</param>
    /// <param name="keptPpm">See <see cref="NextPrices.LeastKeptPpm"/>: whom the prices that are due may bring to the edge is evaluated too.</param>
    public void Pick(int protocol, BlockHeader head, IReadOnlySet<MarginAccountId> touched, bool forked, uint keptPpm, List<MarginAccountId> into)
    {
        var numbers = census.Entered(protocol);
        if (census.Count <= options.FullPassAccounts)
        {
            foreach (var number in numbers)
            {
                into.Add(census.AccountAt(number));
            }

            return;
        }

        Mark(protocol, touched);
        Mark(protocol, book.Unread);
        foreach (var text in forked ? book.OpenAccounts : book.OpenUnder(Rules.NextPrice))
        {
            if (MarginAccountId.TryParse(text, out var account) && account is not null)
            {
                Mark(protocol, account);
            }
        }

        GiveSlots(protocol, numbers);
        var front = fronts[protocol] = new Front();
        var far = options.FarPerBlock;
        var start = turns[protocol] < numbers.Length ? turns[protocol] : 0;
        Look(numbers.AsSpan(start), start);
        Look(numbers.AsSpan(0, start), 0);

        void Look(ReadOnlySpan<int> some, int first)
        {
            while (some.Length > 0)
            {
                var chunk = some[..Math.Min(Chunk, some.Length)];
                JudgeBoth(protocol, chunk, head);
                for (var i = 0; i < chunk.Length; i++)
                {
                    var number = chunk[i];
                    if (atBlock[i].Status != MarginStatus.Unknown && atBlock[i].HealthFactor != UInt256.MaxValue)
                    {
                        front.Offer(census, number, atBlock[i].HealthFactor);
                    }

                    if (IsToBeLookedAt(number, atBlock[i], atNext[i]) || MayFall(atNext[i], keptPpm))
                    {
                        marked[number] = false;
                        into.Add(census.AccountAt(number));
                    }
                    else if (far > 0 && head.Timestamp >= seenAt[number] + (ulong)options.ReportEvery.TotalSeconds)
                    {
                        far--;
                        turns[protocol] = first + i + 1;
                        into.Add(census.AccountAt(number));
                    }
                }

                first += chunk.Length;
                some = some[chunk.Length..];
            }
        }
    }

    private bool IsToBeLookedAt(int number, in Verdict block, in Verdict next)
    {
        var calm = new CalmBand(calmLow[number], calmHigh[number], 0);
        return marked[number] || seenAt[number] == 0 || !calm.Covers(block) || !calm.Covers(next);
    }

    private static bool MayFall(in Verdict next, uint keptPpm) =>
        keptPpm < Shock.Unit && next.Status != MarginStatus.Unknown && next.HealthFactor != UInt256.MaxValue
        && UInt256.MulDiv(next.HealthFactor, keptPpm, Shock.Unit, Rounding.Down) <= EdgeAndRounding;

    // All before the first is judged, so that a mirror can be built of all at once.
    private void GiveSlots(int protocol, int[] numbers)
    {
        if (ReferenceEquals(withSlots[protocol], numbers))
        {
            return;
        }

        foreach (var number in numbers)
        {
            ref var slot = ref slotOf[number];
            if (slot == 0)
            {
                slot = protocols[protocol].SlotOf(census.AccountAt(number)) + 1;
            }
        }

        withSlots[protocol] = numbers;
    }

    private void JudgeBoth(int protocol, ReadOnlySpan<int> numbers, BlockHeader head)
    {
        if (slots.Length == 0)
        {
            (slots, atBlock, atNext) = (new int[Chunk], new Verdict[Chunk], new Verdict[Chunk]);
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            slots[i] = slotOf[numbers[i]] - 1;
        }

        var instant = new Instant(head.Timestamp);
        protocols[protocol].JudgeMany(slots.AsSpan(0, numbers.Length), head, instant, atBlock);
        protocols[protocol].JudgeMany(slots.AsSpan(0, numbers.Length), head, instant + options.NextBlockSeconds, atNext);
    }

    private void See(int number, ulong timestamp, CalmBand calm)
    {
        seenAt[number] = timestamp;
        calmLow[number] = calm.Low;
        calmHigh[number] = calm.High;
    }

    private void Mark(int protocol, IReadOnlyCollection<MarginAccountId> some)
    {
        foreach (var account in some)
        {
            Mark(protocol, account);
        }
    }

    private void Mark(int protocol, MarginAccountId account)
    {
        if (census.TryGet(account, out var member) && member.Protocol == protocol)
        {
            marked[member.Number] = true;
        }
    }

    /// <summary>The few lowest of many.</summary>
    private sealed class Front
    {
        private readonly PriorityQueue<MarginAccountId, UInt256> highestFirst = new(Comparer<UInt256>.Create(static (a, b) => b.CompareTo(a)));
        private UInt256 bound = UInt256.MaxValue;

        public void Offer(Census census, int number, in UInt256 health)
        {
            if (highestFirst.Count < NearestKept || health < bound)
            {
                Offer(census.AccountAt(number), health);
            }
        }

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

            bound = highestFirst.TryPeek(out _, out var now) ? now : UInt256.MaxValue;
        }

        public void OfferTo(Front other)
        {
            foreach (var (account, health) in highestFirst.UnorderedItems)
            {
                other.Offer(account, health);
            }
        }

        public List<MarginAccountId> InOrder() =>
            [.. highestFirst.UnorderedItems.OrderBy(static n => n.Priority).ThenBy(static n => n.Element).Select(static n => n.Element)];
    }
}
