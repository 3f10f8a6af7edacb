using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Why an account, or a reserve of it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(AaveMarket market, Legs legs)
{
    private readonly AaveTables tables = market.Tables;

    public string? OfMarket()
    {
        var row = tables.Market;
        return row.IsOpen ? null : row.Closing switch
        {
            MarketClosing.Upgraded => $"A contract of {market.Deployment.Id} was upgraded in block {row.ChangedBlock} and the market has not been read again since.",
            MarketClosing.Reserves => $"The list of reserves of {market.Deployment.Id} changed in block {row.ChangedBlock} and has not been read again since.",
            MarketClosing.Addresses => $"The contracts of {market.Deployment.Id} changed in block {row.ChangedBlock} and have not been read again since.",
            _ => $"The market {market.Deployment.Id} has not been read yet.",
        };
    }

    public AccountCause CauseOf(in Address user, in AccountRow account, BlockHeader block)
    {
        if (account.Fields != AccountFields.All)
        {
            return AccountCause.NotEntered;
        }

        if (tables.Pending.Contains(user))
        {
            return AccountCause.Pending;
        }

        if (account.EMode != 0
            && (!tables.EModes.TryGet(account.EMode, out var category) || (category.Fields & market.NeededOfEMode) != market.NeededOfEMode))
        {
            return AccountCause.Category;
        }

        return market.IsTentative && !IsConfirmed(user, block) ? AccountCause.Unconfirmed : AccountCause.None;
    }

    public string? OfAccount(AccountCause cause, in Address user, in AccountRow account, BlockHeader block)
    {
        switch (cause)
        {
            case AccountCause.None:
                return null;
            case AccountCause.NotEntered:
                return "The account has not entered yet.";
            case AccountCause.Pending:
                tables.Pending.TryGet(user, out var since);
                return $"The account has had to be read again since block {since}, and has not been yet.";
            case AccountCause.Category:
                tables.EModes.TryGet(account.EMode, out var unread);
                return $"E-mode category {account.EMode} changed in block {unread.ChangedBlock} and could not be read since.";
            default:
                return $"POOL_REVISION {tables.Market.Revision} is not known to this version, and its newest formulas are not confirmed by the chain "
                    + $"for this account at block {block.Number}.";
        }
    }

    /// <summary>Of a reserve that the account uses.</summary>
    public string? OfReserve(AaveVersion version, in Address user, ushort id, in ReserveRow reserve, in Address priceSource, BlockHeader block)
    {
        if ((reserve.Fields & market.NeededOfReserve) != market.NeededOfReserve)
        {
            return $"Reserve {reserve.Symbol} changed in block {reserve.ChangedBlock} and could not be read since.";
        }

        tables.Prices.TryGet(priceSource, out var price);
        if (!legs.IsFresh(price.Block, block))
        {
            return price.Block == 0
                ? $"The price of {reserve.Symbol} has not been read yet."
                : $"The price of {reserve.Symbol} was last read in block {price.Block}, {block.Number - Math.Min(price.Block, block.Number)} blocks ago.";
        }

        if (price.State != PriceState.Read)
        {
            return price.State == PriceState.Zero
                ? $"The oracle says that {reserve.Symbol} is worth 0."
                : $"The price of {reserve.Symbol} can't be read: the oracle reverted in block {price.Block}.";
        }

        return legs.AreDebtsKnown(version, user, id, block)
            ? null
            : $"The {reserve.Symbol} debt is told by no event and could not be read at block {block.Number}.";
    }

    private bool IsConfirmed(in Address user, BlockHeader block) =>
        tables.Agreements.TryGet(user, out var row) && row.Agreed && row.Block == block.Number && row.Revision == tables.Market.Revision;
}

/// <summary>Why an account as a whole can't be judged.</summary>
internal enum AccountCause
{
    None,
    NotEntered,
    Pending,
    Category,

    /// <summary>The revision is unknown, and the chain has not said at this block that our figures are its own.</summary>
    Unconfirmed,
}
