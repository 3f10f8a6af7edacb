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
    private readonly Dictionary<AlertKey, AlertState> states = [];
    private readonly HashSet<AlertKey> open = [];

    /// <summary>Of accounts that can't be read, as far as was told or remembered.</summary>
    private readonly Dictionary<MarginAccountId, AccountMemory> unread = [];

    // Of the others those used last: when the recent ones are full, they become the earlier ones, which are forgotten.
    private Dictionary<MarginAccountId, AccountMemory> recent = [];
    private Dictionary<MarginAccountId, AccountMemory> earlier = [];

    public IReadOnlyDictionary<AlertKey, AlertState> States => states;

    /// <summary>The blocks of alerts that would be taken back if they were undone: the open ones, and liquidations that were told. What was told of parameters <see cref="ParameterWatch.Hanging"/> has.</summary>
    public IEnumerable<BlockRef> Hanging
    {
        get
        {
            foreach (var state in states.Values)
            {
                if (state.IsOpen || (state.Rule == Rules.Liquidated && Judge.StandsTold(state)))
                {
                    yield return state.RaisedAt;
                }
            }
        }
    }

    /// <summary>The states without those of one rule whose accounts are not among the inputs: about them nothing can be said yet.</summary>
    public IReadOnlyDictionary<AlertKey, AlertState> Without(string rule, IReadOnlyList<AccountInput> inputs)
    {
        var there = new HashSet<string>();
        foreach (var input in inputs)
        {
            there.Add(input.Account.ToString());
        }

        var some = new Dictionary<AlertKey, AlertState>();
        foreach (var (key, state) in states)
        {
            if (key.Rule != rule || there.Contains(key.Subject.Key))
            {
                some.Add(key, state);
            }
        }

        return some;
    }

    /// <summary>False when memories stand on disk that are not at hand.</summary>
    public bool HasAllMemories { get; private set; } = true;

    public void Load(IReadOnlyList<AlertState> alerts, StoredMemories remembered)
    {
        states.Clear();
        open.Clear();
        unread.Clear();
        recent.Clear();
        earlier.Clear();
        HasAllMemories = remembered.IsWhole;
        Take(alerts, remembered.Memories);
    }

    public void Take(IReadOnlyList<AlertState> alerts, IReadOnlyList<AccountMemory> remembered)
    {
        foreach (var alert in alerts)
        {
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
    public bool HasOpen(AlertSubject subject) => open.Contains(new AlertKey(subject, Rules.Distance)) || open.Contains(new AlertKey(subject, Rules.Unknown));

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
