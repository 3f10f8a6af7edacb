using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Which accounts are held against the chain's own view at this block, and what came of it: those that somebody waits for, those that differed,
/// those nobody can judge, the nearest, and the rest in turn.
/// </summary>
internal sealed class Reconciler(IReadOnlyList<IProtocol> protocols, Census census, int perBlock)
{
    // An hour of Ethereum: the window in which an account counts as covered.
    private const ulong CoverageBlocks = 300;

    // A difference that reading afresh does not mend is not read afresh at every block.
    private const ulong ReadAgainEvery = 50;

    /// <summary>By number in the census: those compared lately. Others are forgotten, for in time it would be everybody.</summary>
    private readonly Dictionary<int, ulong> comparedAt = [];
    private readonly Dictionary<MarginAccountId, ulong> readAgainAt = [];
    private readonly SortedDictionary<MarginAccountId, Difference> differing = [];
    private readonly Dictionary<DeploymentId, int> lastRound = [];

    /// <summary>By protocol: whom its turn took last.</summary>
    private readonly MarginAccountId?[] turns = new MarginAccountId?[protocols.Count];

    /// <summary>The same of those that differed, and of those that nobody could judge.</summary>
    private readonly MarginAccountId?[] differed = new MarginAccountId?[protocols.Count];
    private readonly MarginAccountId?[] doubted = new MarginAccountId?[protocols.Count];

    /// <summary>The protocol whose turn it is to come first: where there are more of them than comparisons, the last would never be asked.</summary>
    private int first;

    public int DifferingCount => differing.Count;

    public void Clear()
    {
        comparedAt.Clear();
        readAgainAt.Clear();
        differing.Clear();
        lastRound.Clear();
        Array.Clear(turns);
        Array.Clear(differed);
        Array.Clear(doubted);
        first = 0;
    }

    /// <param name="asked">Accounts whose confirmation is waited for: always among the picked.</param>
    /// <param name="unjudged">Accounts that are in and can't be judged: the chain's view may be what they wait for.</param>
    /// <param name="nearest">Nearest first.</param>
    public List<MarginAccountId> Pick(IEnumerable<MarginAccountId> asked, IReadOnlyCollection<MarginAccountId> unjudged, IEnumerable<MarginAccountId> nearest)
    {
        var picked = new List<MarginAccountId>();
        var seen = new HashSet<MarginAccountId>();
        Take(asked, int.MaxValue);
        if (perBlock == 0 || protocols.Count == 0)
        {
            return picked;
        }

        // A quarter is left for everybody's turn, whatever differs or can't be judged.
        var quarter = perBlock / 4;
        TakeFairly(differing.Keys, differed);
        TakeFairly(unjudged, doubted);
        Take(nearest, Math.Min(perBlock / 2, perBlock - picked.Count - Math.Max(1, quarter)));
        for (var i = 0; i < protocols.Count; i++)
        {
            TakeInTurn((first + i) % protocols.Count, protocols.Count - i);
        }

        first = (first + 1) % protocols.Count;
        return picked;

        void Take(IEnumerable<MarginAccountId> from, int atMost)
        {
            foreach (var account in from)
            {
                if (atMost-- <= 0)
                {
                    return;
                }

                if (seen.Add(account))
                {
                    picked.Add(account);
                }
            }
        }

        // One of each protocol after the other, and of each the next after whom it was the last time.
        void TakeFairly(IReadOnlyCollection<MarginAccountId> from, MarginAccountId?[] last)
        {
            var left = quarter;
            var queues = new List<MarginAccountId>?[protocols.Count];
            foreach (var account in from)
            {
                if (census.TryGet(account, out var member))
                {
                    (queues[member.Protocol] ??= []).Add(account);
                }
            }

            for (var n = 0; left > 0 && Array.Exists(queues, queue => queue?.Count > n); n++)
            {
                for (var i = 0; i < protocols.Count && left > 0; i++)
                {
                    var p = (first + i) % protocols.Count;
                    if (queues[p] is { } queue && n < queue.Count)
                    {
                        var next = last[p] is { } before ? queue.FindIndex(a => a.CompareTo(before) > 0) : 0;
                        var account = queue[Math.Max(next, 0)];
                        last[p] = account;
                        if (seen.Add(account))
                        {
                            picked.Add(account);
                            left--;
                        }
                    }
                }
            }
        }

        // Each protocol gets its share, so that a large market does not starve a small one.
        void TakeInTurn(int p, int among)
        {
            var numbers = census.Entered(p);
            var left = Math.Max(1, (perBlock - picked.Count) / among);
            if (numbers.Length == 0 || picked.Count >= perBlock)
            {
                return;
            }

            var start = turns[p] is { } turn ? census.UpTo(numbers, turn) : 0;
            for (var n = 0; n < numbers.Length && left > 0; n++)
            {
                var account = census.AccountAt(numbers[(start + n) % numbers.Length]);
                if (seen.Add(account))
                {
                    picked.Add(account);
                    turns[p] = account;
                    left--;
                }
            }
        }
    }

    /// <summary>Begins what is counted as one round.</summary>
    public void Begin() => lastRound.Clear();

    public void Note(MarginAccountId account, Agreement agreement, bool weSayLiquidatable, ulong block)
    {
        if (agreement.Kind == AgreementKind.Unreadable)
        {
            return;
        }

        if (census.TryGet(account, out var member))
        {
            comparedAt[member.Number] = block;
        }

        lastRound[account.Deployment] = lastRound.GetValueOrDefault(account.Deployment) + 1;
        if (agreement.Kind == AgreementKind.Different)
        {
            differing[account] = new Difference(agreement.Text, agreement.ChainSaysLiquidatable is { } chain && chain != weSayLiquidatable);
        }
        else
        {
            differing.Remove(account);
        }
    }

    /// <summary>Whether the account is to be read afresh now; a second time only after a while.</summary>
    public bool ReadAgain(MarginAccountId account, ulong block)
    {
        if (readAgainAt.TryGetValue(account, out var last) && block < last + ReadAgainEvery)
        {
            return false;
        }

        readAgainAt[account] = block;
        return true;
    }

    /// <summary>Share of the accounts that are in and were compared lately, 0 to 1.</summary>
    public double Coverage(ulong head)
    {
        var total = 0;
        for (var p = 0; p < protocols.Count; p++)
        {
            total += census.Entered(p).Length;
        }

        var covered = 0;
        foreach (var (number, at) in comparedAt)
        {
            covered += census.IsIn(number) && at + CoverageBlocks >= head ? 1 : 0;

            // Not at once: a fork may make the head a lower one.
            if (at + (2 * CoverageBlocks) < head)
            {
                comparedAt.Remove(number);
            }
        }

        return total == 0 ? 1 : (double)covered / total;
    }

    /// <summary>Accounts that differed when last compared, per deployment.</summary>
    public IReadOnlyList<DriftVitals> Vitals()
    {
        var list = new List<DriftVitals>(protocols.Count);
        foreach (var protocol in protocols)
        {
            var count = 0;
            var verdict = false;
            string? text = null;
            foreach (var (account, difference) in differing)
            {
                if (account.Deployment == protocol.Id)
                {
                    count++;
                    verdict |= difference.Verdict;
                    text ??= $"{account.Key}: {difference.Text}";
                }
            }

            // What differed and has not been compared again still differs.
            list.Add(new DriftVitals(protocol.Id, Math.Max(count, lastRound.GetValueOrDefault(protocol.Id)), count, verdict, text));
        }

        return list;
    }

    private sealed record Difference(string Text, bool Verdict);
}
