using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// The accounts' rows once more, by slot, from which bulk judging reads. A cache of the tables and nothing else: every change of a row comes through
/// <see cref="ITableWatcher{TKey}"/>. Slots count up as accounts are first seen, numbers of vaults as collaterals are, and neither is ever given again.
/// </summary>
internal sealed class AccountMirror : ITableWatcher<Address>, ITableWatcher<BalanceKey>
{
    private readonly EulerTables tables;
    private readonly Dictionary<Address, int> slots = [];
    private readonly Dictionary<Address, int> vaultNumbers = [];
    private readonly List<Address> vaults = [];
    private MirrorEntry[] entries = new MirrorEntry[16];

    public AccountMirror(EulerTables tables)
    {
        this.tables = tables;
        tables.Accounts.Watcher = this;
        tables.Pending.Watcher = this;
        tables.Balances.Watcher = this;
    }

    /// <summary>By slot.</summary>
    public ReadOnlySpan<MirrorEntry> Entries => entries;

    /// <summary>By the numbers that legs name.</summary>
    public IReadOnlyList<Address> Vaults => vaults;

    /// <summary>The account's place, given now if it has none.</summary>
    public int SlotOf(in Address account)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(slots, account, out var known);
        if (!known)
        {
            slot = slots.Count - 1;
            if (slot == entries.Length)
            {
                Array.Resize(ref entries, entries.Length * 2);
            }

            Build(account, slot);
        }

        return slot;
    }

    void ITableWatcher<Address>.Changed(in Address key) => Rebuild(key);

    void ITableWatcher<BalanceKey>.Changed(in BalanceKey key) => Rebuild(key.Account);

    void ITableWatcher<Address>.Cleared() => RebuildAll();

    void ITableWatcher<BalanceKey>.Cleared() => RebuildAll();

    private void Rebuild(in Address account)
    {
        if (slots.TryGetValue(account, out var slot))
        {
            Build(account, slot);
        }
    }

    private void RebuildAll()
    {
        foreach (var (account, slot) in slots)
        {
            Build(account, slot);
        }
    }

    private void Build(in Address account, int slot)
    {
        var isIn = tables.Accounts.TryGet(account, out var row) && !tables.Pending.Contains(account);
        var legs = new List<MirrorLeg>();
        if (isIn)
        {
            foreach (var (vault, _) in tables.Collaterals)
            {
                if (tables.Balances.TryGet(new BalanceKey(account, vault), out var balance) && balance.Shares != 0)
                {
                    legs.Add(new MirrorLeg(NumberOf(vault), balance.Shares));
                }
            }
        }

        entries[slot] = new MirrorEntry(isIn, row.IsController, row.Owed, row.Accumulator, [.. legs]);
    }

    private int NumberOf(in Address vault)
    {
        if (!vaultNumbers.TryGetValue(vault, out var number))
        {
            number = vaults.Count;
            vaultNumbers.Add(vault, number);
            vaults.Add(vault);
        }

        return number;
    }
}

/// <param name="Vault">The collateral's number in <see cref="AccountMirror.Vaults"/>.</param>
internal readonly record struct MirrorLeg(int Vault, UInt128 Shares);

/// <summary>What judging needs of one account.</summary>
/// <param name="IsIn">False while it has not entered, or has to be read again.</param>
internal readonly record struct MirrorEntry(bool IsIn, bool IsController, UInt256 Owed, UInt256 Accumulator, MirrorLeg[] Legs);
