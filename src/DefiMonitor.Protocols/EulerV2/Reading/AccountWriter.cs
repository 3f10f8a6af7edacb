using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// One account's answers. It is in from the first of them, and can be judged once every part has come: what reverted stays to be read again.
/// </summary>
internal sealed class AccountWriter(EulerMarket market)
{
    private readonly EulerTables tables = market.Tables;

    public void Controllers(BlockHeader block, in Address account, CallResult result, ISet<MarginAccountId> touched)
    {
        var row = Enter(block, account);
        if (!EulerAbi.GetControllers.TryDecode(result, out var controllers, out _))
        {
            Miss(account, PendingParts.Controllers, block, touched);
            return;
        }

        Set(account, row, row with { IsController = controllers is [var only] && only == market.Vault }, PendingParts.Controllers, touched);
    }

    public void LastCheck(BlockHeader block, in Address account, CallResult result, ISet<MarginAccountId> touched)
    {
        var row = Enter(block, account);
        if (!EulerAbi.LastStatusCheck.TryDecode(result, out var at, out _) || at > (UInt256)(ulong.MaxValue / 2))
        {
            Miss(account, PendingParts.LastCheck, block, touched);
            return;
        }

        Set(account, row, row with { LastCheck = (ulong)at }, PendingParts.LastCheck, touched);
    }

    /// <summary>Rows for what is enabled and recognised, and for nothing else; their shares are read after it.</summary>
    public void Collaterals(BlockHeader block, in Address account, CallResult result, ISet<MarginAccountId> touched)
    {
        Enter(block, account);
        if (!EulerAbi.GetCollaterals.TryDecode(result, out var enabled, out _))
        {
            Miss(account, PendingParts.Collaterals, block, touched);
            return;
        }

        foreach (var (vault, _) in tables.Collaterals)
        {
            SetEnabled(block, account, vault, Array.IndexOf(enabled, vault) >= 0);
        }

        touched.Add(market.IdOf(account));
        tables.Settle(account, PendingParts.Collaterals);
        SettleBalances(account);
    }

    public void Balance(BlockHeader block, in Address account, in Address vault, CallResult result, ISet<MarginAccountId> touched)
    {
        var key = new BalanceKey(account, vault);
        if (!tables.Balances.TryGet(key, out var before))
        {
            return;
        }

        var isRead = EulerAbi.BalanceOf.TryDecode(result, out var shares, out _) && shares.BitLength <= 128;
        var after = isRead ? new BalanceRow((UInt128)shares, true) : before with { IsRead = false };
        if (!isRead)
        {
            tables.MarkPending(account, PendingParts.Balances, block.Number);
        }

        if (before != after)
        {
            tables.Balances.Set(key, after);
            touched.Add(market.IdOf(account));
        }

        SettleBalances(account);
    }

    /// <summary>The debt at the block, which is worth nothing without the accumulator of that block.</summary>
    public void Debt(BlockHeader block, in Address account, CallResult result, ISet<MarginAccountId> touched)
    {
        var row = Enter(block, account);
        var vault = tables.Market;
        if (!EulerAbi.DebtOfExact.TryDecode(result, out var owed, out _) || owed > Owed.MaxDebt || vault.ReadAccumulatorBlock != block.Number)
        {
            Miss(account, PendingParts.Debt, block, touched);
            return;
        }

        Set(account, row, row with { Owed = owed, Accumulator = owed.IsZero ? UInt256.Zero : vault.ReadAccumulator }, PendingParts.Debt, touched);
    }

    /// <summary>An account that enables a collateral has to be asked for its shares.</summary>
    public void SetEnabled(BlockHeader block, in Address account, in Address vault, bool isEnabled)
    {
        var key = new BalanceKey(account, vault);
        if (!isEnabled)
        {
            tables.Balances.Remove(key);
            SettleBalances(account);
        }
        else if (!tables.Balances.Contains(key))
        {
            tables.Balances.Set(key, default);
            tables.MarkPending(account, PendingParts.Balances, block.Number);
        }
    }

    /// <summary>A collateral that is new since accounts entered may be enabled by any of them.</summary>
    public void Recognise(BlockHeader block, in Address vault)
    {
        tables.Collaterals.Set(vault, new CollateralRow { Asset = vault });
        foreach (var (account, _) in tables.Accounts)
        {
            tables.MarkPending(account, PendingParts.Sets, block.Number);
        }
    }

    private void SettleBalances(in Address account)
    {
        foreach (var (vault, _) in tables.Collaterals)
        {
            if (tables.Balances.TryGet(new BalanceKey(account, vault), out var row) && !row.IsRead)
            {
                return;
            }
        }

        tables.Settle(account, PendingParts.Balances);
    }

    private AccountRow Enter(BlockHeader block, in Address account)
    {
        if (!tables.Accounts.TryGet(account, out var row))
        {
            tables.Accounts.Set(account, row);
            tables.MarkPending(account, PendingParts.All, block.Number);
        }

        return row;
    }

    private void Set(in Address account, in AccountRow before, in AccountRow after, PendingParts part, ISet<MarginAccountId> touched)
    {
        if (before != after || (tables.Pending.TryGet(account, out var pending) && (pending.Parts & part) != 0))
        {
            touched.Add(market.IdOf(account));
        }

        tables.Accounts.Set(account, after);
        tables.Settle(account, part);
    }

    private void Miss(in Address account, PendingParts part, BlockHeader block, ISet<MarginAccountId> touched)
    {
        tables.MarkPending(account, part, block.Number);
        touched.Add(market.IdOf(account));
    }
}
