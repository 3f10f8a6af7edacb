using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Takes one account's inputs out of the tables.</summary>
internal sealed class StateCapture(AaveV4Market market, UnknownReasons reasons)
{
    private readonly AaveV4Tables tables = market.Tables;

    public AaveV4State Capture(MarginAccountId id, BlockHeader block)
    {
        var user = market.UserOf(id);
        var state = new AaveV4State(id, block);
        if ((reasons.OfMarket() ?? reasons.OfAccount(user)) is { } why)
        {
            return state with { Unknown = why };
        }

        var row = tables.Market;
        var reserves = new List<AaveV4ReserveState>();
        string? unknown = null;
        for (ushort reserve = 0; reserve < row.ReserveCount; reserve++)
        {
            if (!tables.Positions.TryGet(new PositionKey(user, reserve), out var position))
            {
                continue;
            }

            var unread = reasons.OfReserve(reserve, block);
            unknown ??= position.Counts ? unread ?? reasons.OfTerms(reserve, position) : null;
            reserves.Add(ReserveState(reserve, position) with { IsRead = unread is null });
        }

        return state with { Unknown = unknown, Oracle = row.Oracle, Liquidation = row.Liquidation, Reserves = reserves };
    }

    private AaveV4ReserveState ReserveState(ushort id, in PositionRow position)
    {
        tables.Reserves.TryGet(id, out var reserve);
        tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset);
        tables.Prices.TryGet(id, out var price);
        tables.Dynamics.TryGet(new DynamicKey(id, position.Key), out var terms);
        tables.Dynamics.TryGet(new DynamicKey(id, reserve.LatestKey), out var newest);
        return new AaveV4ReserveState
        {
            Id = id,
            Asset = reserve.Underlying,
            Symbol = reserve.Symbol.ToString(),
            Decimals = reserve.Decimals,
            CollateralRisk = reserve.CollateralRisk,
            Flags = reserve.Flags,
            IsActive = reserve.IsActive,
            IsHalted = reserve.IsHalted,
            PriceSource = reserve.PriceSource,
            Price = price.Price,
            HubAsset = asset.Asset,
            Position = position,
            Terms = terms,
            NewestTerms = newest,
            AddCap = reserve.AddCap,
        };
    }
}
