using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Why an account, or a reserve of it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(AaveV4Market market)
{
    private readonly AaveV4Tables tables = market.Tables;

    public string? OfMarket()
    {
        var row = tables.Market;
        if (row.IsOpen)
        {
            return null;
        }

        if ((row.Fields & MarketFields.Revision) != 0 && row.Revision != AaveV4Market.KnownRevision)
        {
            return $"SPOKE_REVISION {row.Revision} of {market.Spoke} is not known to this version, so no account of it can be judged.";
        }

        foreach (var (hub, read) in tables.Hubs)
        {
            if (read is { IsRead: true, Revision: not AaveV4Market.KnownRevision })
            {
                return $"HUB_REVISION {read.Revision} of {hub} is not known to this version, so no account of {market.Deployment.Id} can be judged.";
            }
        }

        return row.Closing switch
        {
            MarketClosing.Upgraded => $"A contract of {market.Deployment.Id} was upgraded in block {row.ChangedBlock} and the market has not been read again since.",
            MarketClosing.Reserves => $"The list of reserves of {market.Deployment.Id} changed in block {row.ChangedBlock} and has not been read again since.",
            _ => $"The market {market.Deployment.Id} has not been read yet.",
        };
    }

    public bool IsWhole(in Address user) =>
        tables.Accounts.TryGet(user, out var row) && row is { EnteredBlock: not 0, Next: AccountRow.Whole } && !tables.Pending.Contains(user);

    public string? OfAccount(in Address user) =>
        IsWhole(user) ? null
        : tables.Pending.TryGet(user, out var since) ? $"The account has had to be read again since block {since}, and has not been yet."
        : "The account has not entered yet.";

    /// <summary>Of a reserve that the account has flagged as collateral or borrowed.</summary>
    public string? OfReserve(ushort id, BlockHeader block)
    {
        tables.Reserves.TryGet(id, out var reserve);
        if (!tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset) || !asset.IsRead)
        {
            return $"What the hub stores of {reserve.Symbol} has had to be read again since block {asset.Since}, and could not be.";
        }

        tables.Prices.TryGet(id, out var price);
        return !market.IsFresh(price.Block, block)
            ? price.Block == 0
                ? $"The price of {reserve.Symbol} has not been read yet."
                : $"The price of {reserve.Symbol} was last read in block {price.Block}, {block.Number - Math.Min(price.Block, block.Number)} blocks ago."
            : price.IsRead ? null : $"The price of {reserve.Symbol} can't be read: the oracle reverted in block {price.Block}.";
    }

    /// <summary>Of the configuration that a collateral is bound to.</summary>
    public string? OfTerms(ushort id, in PositionRow position)
    {
        if (!position.IsCollateral || tables.Dynamics.Contains(new DynamicKey(id, position.Key)))
        {
            return null;
        }

        tables.Reserves.TryGet(id, out var reserve);
        return $"The account is bound to configuration {position.Key} of {reserve.Symbol}, which has not been read.";
    }
}
