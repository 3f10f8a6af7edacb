using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>A loop's alerts and what the judge remembers, as they stand on disk: changed only after the commit that says so.</summary>
/// <param name="memoriesAtHand">See <see cref="ChainLoopOptions.MemoriesAtHand"/>.</param>
internal sealed class AlertBook(int memoriesAtHand)
{
    /// <summary>The rules by which an account's alert may stand open.</summary>
    private static readonly string[] OfAccounts = [Rules.Distance, Rules.NextPrice, Rules.Unknown];

    private readonly Dictionary<AlertKey, AlertState> states = [];
    private readonly HashSet<AlertKey> open = [];
    private readonly SortedDictionary<string, AlertState> happened = new(StringComparer.Ordinal);

    /// <summary>Of accounts that can't be read, as far as was told or remembered.</summary>
    private readonly Dictionary<MarginAccountId, AccountMemory> unread = [];

    // Of the others those used last: when the recent ones are full, they become the earlier ones, which are forgotten.
    private Dictionary<MarginAccountId, AccountMemory> recent = [];
    private Dictionary<MarginAccountId, AccountMemory> earlier = [];

    public IReadOnlyDictionary<AlertKey, AlertState> States => states;

    /// <summary>
    /// Liquidations of blocks that a fork may undo, told or taken back, by alert: an account may have had several, and each is taken back by itself.
    /// </summary>
    public IReadOnlyCollection<AlertState> Happened => happened.Values;

    /// <summary>The blocks of alerts that would be taken back if they were undone: the open ones, and liquidations that were told. What was told of parameters <see cref="ParameterWatch.Hanging"/> has.</summary>
    public IEnumerable<BlockRef> Hanging
    {
        get
        {
            foreach (var key in open)
            {
                yield return states[key].RaisedAt;
            }

            foreach (var state in happened.Values)
            {
                if (Judge.StandsTold(state))
                {
                    yield return state.RaisedAt;
                }
            }
        }
    }

    /// <summary>False when memories stand on disk that are not at hand.</summary>
    public bool HasAllMemories { get; private set; } = true;

    /// <param name="alerts">The newest of every subject and rule.</param>
    /// <param name="since">Older liquidations of blocks above the disk.</param>
    public void Load(IReadOnlyList<AlertState> alerts, IReadOnlyList<AlertState> since, StoredMemories remembered)
    {
        states.Clear();
        open.Clear();
        happened.Clear();
        unread.Clear();
        recent.Clear();
        earlier.Clear();
        HasAllMemories = remembered.IsWhole;
        Take([.. since, .. alerts], remembered.Memories);
    }

    public void Take(IReadOnlyList<AlertState> alerts, IReadOnlyList<AccountMemory> remembered)
    {
        foreach (var alert in alerts)
        {
            if (alert.Rule == Rules.Liquidated)
            {
                happened[alert.AlertId] = alert;
            }

            states[alert.Key] = alert;
            if (alert.IsOpen)
            {
                open.Add(alert.Key);
            }
            else
            {
                open.Remove(alert.Key);
            }
        }

        foreach (var memory in remembered)
        {
            Take(memory);
        }
    }

    /// <summary>Takes over liquidations of blocks that are folded again.</summary>
    public void Remember(IReadOnlyList<AlertState> told)
    {
        foreach (var alert in told)
        {
            happened.TryAdd(alert.AlertId, alert);
        }
    }

    /// <summary>Lets go of liquidations that no fork can undo any more.</summary>
    /// <param name="final">Number of the block that the disk stands at.</param>
    public void Forget(ulong final)
    {
        foreach (var state in happened.Values.ToList())
        {
            if (state.OpenedAt.Number <= final)
            {
                happened.Remove(state.AlertId);
            }
        }
    }

    /// <summary>Keeps at hand what stands on disk.</summary>
    public void Take(AccountMemory memory)
    {
        if (memory.UnknownSince is not null)
        {
            unread[memory.Account] = memory;
            recent.Remove(memory.Account);
            earlier.Remove(memory.Account);
            return;
        }

        unread.Remove(memory.Account);
        if (recent.Count >= memoriesAtHand && !recent.ContainsKey(memory.Account))
        {
            HasAllMemories = false;
            (earlier, recent) = (recent, earlier);
            recent.Clear();
        }

        if (memoriesAtHand > 0)
        {
            recent[memory.Account] = memory;
        }
    }

    /// <summary>Null where it is not at hand, or there is none.</summary>
    public AccountMemory? MemoryOf(MarginAccountId account)
    {
        if (unread.TryGetValue(account, out var memory) || recent.TryGetValue(account, out memory))
        {
            return memory;
        }

        if (earlier.TryGetValue(account, out memory))
        {
            Take(memory);
        }

        return memory;
    }

    /// <summary>True while something about the account is told and not over.</summary>
    public bool HasOpen(AlertSubject subject) => OfAccounts.Any(rule => open.Contains(new AlertKey(subject, rule)));

    public AlertState? Find(string alertId)
    {
        foreach (var state in states.Values)
        {
            if (state.AlertId == alertId)
            {
                return state;
            }
        }

        return null;
    }

    /// <summary>Accounts that can't be read, as far as was told or remembered.</summary>
    public IReadOnlyCollection<MarginAccountId> Unread => unread.Keys;

    /// <summary>The subjects of the alerts that are open under one rule.</summary>
    public IEnumerable<string> OpenUnder(string rule)
    {
        foreach (var key in open)
        {
            if (key.Rule == rule)
            {
                yield return key.Subject.Key;
            }
        }
    }

    /// <summary>The subjects of the account alerts that are open.</summary>
    public IEnumerable<string> OpenAccounts
    {
        get
        {
            foreach (var key in open)
            {
                if (key.Subject.Kind == SubjectKind.Account)
                {
                    yield return key.Subject.Key;
                }
            }
        }
    }

    public int OpenAt(AlertLevel level)
    {
        var count = 0;
        foreach (var key in open)
        {
            count += states[key].Level == level ? 1 : 0;
        }

        return count;
    }
}
