using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Answers about one account. Its word comes first and settles it; any later answer that fails makes it pending again.</summary>
internal sealed class AccountWriter(AaveMarket market)
{
    private readonly AaveTables tables = market.Tables;

    public void Configuration(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.Address(call);
        if (!AaveAbi.GetUserConfiguration.TryDecode(result, out var map, out _))
        {
            MissIfKnown(user, block, touched);
            return;
        }

        var isKnown = tables.Accounts.TryGet(user, out var row);
        tables.Accounts.Set(user, row with
        {
            Configuration = new UserConfiguration(map.Data),
            EnteredBlock = isKnown ? row.EnteredBlock : block.Number,
            Fields = row.Fields | AccountFields.Configuration,
        });
        tables.Pending.Remove(user);
        touched.Add(market.IdOf(user));
        if (isKnown)
        {
            ForgetDebts(user, new UserConfiguration(map.Data));
        }
    }

    public void EMode(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.Address(call);
        if (!tables.Accounts.TryGet(user, out var row))
        {
            return;
        }

        if (!AaveAbi.GetUserEMode.TryDecode(result, out var category, out _) || category.BitLength > 8)
        {
            MissIfKnown(user, block, touched);
            return;
        }

        var id = (byte)(ulong)category;
        tables.Accounts.Set(user, row with { EMode = id, Fields = row.Fields | AccountFields.EMode });
        Know(id);
    }

    public void Scaled(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.Address(call);
        if (!tables.Accounts.Contains(user) || !tables.Tokens.TryGet(call.To, out var token))
        {
            return;
        }

        touched.Add(market.IdOf(user));
        var key = new ReadDebtKey(user, token.Reserve, ReadDebtKind.Scaled);
        if (!AaveAbi.ScaledBalanceOf.TryDecode(result, out var scaled, out _))
        {
            // A balance that waits to be read stays so; any other makes the account pending.
            if (token.Side != TokenSide.Debt || !tables.ReadDebts.Contains(key))
            {
                tables.MarkPending(user, block.Number);
            }

            return;
        }

        tables.SetBalance(user, token.Reserve, token.Side, scaled);
        if (token.Side == TokenSide.Debt)
        {
            tables.ReadDebts.Remove(key);
            FollowDiscount(user, token.Reserve, scaled);
        }
    }

    /// <summary>balanceOf of a stable debt token, or of the debt token of a reserve with discounts.</summary>
    public void Balance(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.Address(call);
        if (!tables.Accounts.TryGet(user, out var account) || !tables.Tokens.TryGet(call.To, out var token) || token.Side == TokenSide.Supply)
        {
            return;
        }

        touched.Add(market.IdOf(user));
        var key = new ReadDebtKey(user, token.Reserve, token.Side == TokenSide.Stable ? ReadDebtKind.Stable : ReadDebtKind.Discounted);
        if (!AaveAbi.BalanceOf.TryDecode(result, out var balance, out _))
        {
            tables.ReadDebts.Set(key, default);
            return;
        }

        if (!balance.IsZero || key.Kind == ReadDebtKind.Discounted)
        {
            tables.ReadDebts.Set(key, new ReadDebtRow(balance, block.Number));
            return;
        }

        // Repaid: nothing was emitted that clears the borrowing bit.
        if (tables.ReadDebts.Contains(key) && tables.Balance(user, token.Reserve, TokenSide.Debt).IsZero)
        {
            tables.Accounts.Set(user, account with { Configuration = account.Configuration.WithBorrowing(token.Reserve, false) });
        }

        tables.ReadDebts.Remove(key);
    }

    /// <summary>A category that an account is in is read even if no probe reached it.</summary>
    public void Know(byte category)
    {
        if (category != 0 && !tables.EModes.Contains(category))
        {
            tables.EModes.Set(category, default);
        }
    }

    /// <summary>Up to 3.3 a reserve without virtual accounting (GHO) has discounts that no event tells: 3.3 counts balanceOf, which is read at every block.</summary>
    public void FollowDiscount(in Address user, ushort reserve, in UInt256 scaled)
    {
        if (market.Version != AaveVersion.V33 || !tables.Reserves.TryGet(reserve, out var row) || row.Configuration.HasVirtualAccounting)
        {
            return;
        }

        var key = new ReadDebtKey(user, reserve, ReadDebtKind.Discounted);
        if (scaled.IsZero)
        {
            tables.ReadDebts.Remove(key);
        }
        else if (!tables.ReadDebts.Contains(key))
        {
            tables.ReadDebts.Set(key, default);
        }
    }

    // Only debts that the word names are asked for, so the others must not be left standing.
    private void ForgetDebts(in Address user, in UserConfiguration configuration)
    {
        foreach (var (reserve, _) in tables.Reserves)
        {
            if (!configuration.IsBorrowing(reserve))
            {
                tables.SetBalance(user, reserve, TokenSide.Debt, UInt256.Zero);
            }
        }
    }

    private void MissIfKnown(in Address user, BlockHeader block, ISet<MarginAccountId> touched)
    {
        if (tables.Accounts.Contains(user))
        {
            tables.MarkPending(user, block.Number);
            touched.Add(market.IdOf(user));
        }
    }
}
