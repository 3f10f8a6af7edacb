using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Answers about one account. They come in the order asked; only a reading without a gap makes the account whole.</summary>
internal sealed class AccountWriter(AaveV4Market market)
{
    private readonly AaveV4Tables tables = market.Tables;

    // An answer before these may have closed the market: they were asked by a list of reserves that is not whole, and would make whole who has more.
    private bool IsCounted => tables.Market.IsOpen;

    public void Status(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (!IsCounted)
        {
            return;
        }

        var (id, user) = (CallArguments.Id(call), CallArguments.Second(call));
        if (!AaveV4Abi.GetUserStatus.TryDecode(result, out var status, out _))
        {
            Miss(user, block, touched);
            return;
        }

        if (!tables.Accounts.TryGet(user, out var account) && id != 0)
        {
            return;
        }

        var next = id == 0 ? (ushort)0 : account.Next;
        tables.SetPosition(user, id, tables.Position(user, id) with { IsCollateral = status.IsCollateral });
        Advance(user, account, next, (ushort)(2 * id), block, touched);
    }

    public void Position(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (!IsCounted)
        {
            return;
        }

        var (id, user) = (CallArguments.Id(call), CallArguments.Second(call));
        if (!AaveV4Abi.GetUserPosition.TryDecode(result, out var read, out _) || !tables.Accounts.TryGet(user, out var account))
        {
            Miss(user, block, touched);
            return;
        }

        var isCollateral = tables.Position(user, id).IsCollateral;
        tables.SetPosition(user, id, new PositionRow(
            read.DrawnShares, read.PremiumShares, SignedRay.From(read.PremiumOffsetRay), read.SuppliedShares, read.DynamicConfigKey, isCollateral));
        Advance(user, account, account.Next, (ushort)((2 * id) + 1), block, touched);
    }

    private void Advance(in Address user, in AccountRow account, ushort next, ushort expected, BlockHeader block, ISet<MarginAccountId> touched)
    {
        touched.Add(market.IdOf(user));
        if (next != expected)
        {
            // An answer before this one is missing.
            Miss(user, block, touched);
            return;
        }

        if (next + 1 < 2 * tables.Market.ReserveCount)
        {
            tables.Accounts.Set(user, account with { Next = (ushort)(next + 1) });
            return;
        }

        tables.Accounts.Set(user, new AccountRow(account.EnteredBlock == 0 ? block.Number : account.EnteredBlock, AccountRow.Whole));
        tables.Pending.Remove(user);
    }

    private void Miss(in Address user, BlockHeader block, ISet<MarginAccountId> touched)
    {
        if (tables.Accounts.TryGet(user, out var account))
        {
            // No later answer of this reading can make it whole.
            tables.Accounts.Set(user, account with { Next = AccountRow.Broken });
            if (account.EnteredBlock != 0)
            {
                tables.MarkPending(user, block.Number);
            }

            touched.Add(market.IdOf(user));
        }
    }
}
