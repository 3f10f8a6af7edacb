using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>The earlier trigger: each authorised pre-liquidation contract, with a distance of its own.</summary>
internal static class PreLiquidationTriggers
{
    public static List<Trigger> Of(MorphoBlueState state, PositionAt position, ValueScale scale) => [.. state.PreLiquidations.Select(pre => Of(state, pre, position, scale))];

    /// <summary>The health factor at which the first of all triggers pulls. An authorised contract whose oracle can't be read counts by the market's price.</summary>
    public static UInt256 Nearest(MorphoBlueState state, PositionAt position)
    {
        var nearest = FixedPoint.Wad;
        foreach (var pre in state.PreLiquidations)
        {
            if (pre.IsAuthorized && !pre.Terms.PreLltv.IsZero)
            {
                nearest = UInt256.Max(nearest, Threshold(pre, position));
            }
        }

        return nearest;
    }

    /// <summary>True while the threshold of an authorised contract may move on its own: it goes by another oracle, or has not been read.</summary>
    public static bool CanMove(MorphoBlueState state) => state.PreLiquidations.Any(static pre => pre.IsAuthorized && (!pre.SharesOracle || pre.Terms.PreLltv.IsZero));

    /// <summary>The most that one call of an open contract may take. The contract reverts where it would leave the position unhealthy by the market's price.</summary>
    public static List<LiquidationQuote> Quotes(MorphoBlueState state, PositionAt position, ValueScale scale)
    {
        var quotes = new List<LiquidationQuote>();
        foreach (var pre in state.PreLiquidations)
        {
            if (pre.Unarmed is null && Computed.OrNull(() => Largest(pre, position)) is { } amounts)
            {
                var taken = FixedPoint.MulDivFloor(amounts.Seized, position.Price, Health.PriceScale);
                quotes.Add(new LiquidationQuote(
                    state.Parameters.LoanToken, state.Loan.Symbol.ToString(), amounts.RepaidAssets,
                    state.Parameters.CollateralToken, state.Collateral.Symbol.ToString(), amounts.Seized,
                    scale.OfLoan(taken > amounts.RepaidAssets ? taken - amounts.RepaidAssets : UInt256.Zero)));
            }
        }

        quotes.Sort(static (a, b) => b.CollateralTaken.CompareTo(a.CollateralTaken));
        return quotes;
    }

    /// <summary>PreLiquidation.preLiquidate with as many shares as its close factor allows; null where it is not open or would revert.</summary>
    public static LiquidationAmounts? Largest(PreLiquidationState pre, PositionAt position)
    {
        var value = FixedPoint.MulDivFloor(position.Collateral, pre.Price, Health.PriceScale);
        if (!pre.Terms.IsOpen(position.Health.Debt, value, position.Lltv))
        {
            return null;
        }

        var (close, incentive) = pre.Terms.Factors(position.Health.Debt, value, position.Lltv);
        var shares = UInt256.Min(position.BorrowShares, FixedPoint.MulDivFloor(position.BorrowShares, close, FixedPoint.Wad));
        var seized = Liquidations.SeizedForRepaying(position.Totals, shares, pre.Price, incentive);
        if (shares.IsZero || seized > position.Collateral)
        {
            return null;
        }

        var repaid = SharesMath.ToAssetsUp(shares, position.Totals.BorrowAssets, position.Totals.BorrowShares);
        var totals = position.Totals with
        {
            BorrowAssets = (UInt128)Liquidations.AfterRepaid(position.Totals.BorrowAssets, repaid), BorrowShares = (UInt128)(position.Totals.BorrowShares - shares),
        };
        var after = Health.Of(totals, (UInt128)(position.BorrowShares - shares), (UInt128)(position.Collateral - seized), position.Price, position.Lltv);
        return after.IsHealthy ? new LiquidationAmounts(seized, shares, repaid, UInt256.Zero, UInt256.Zero) : null;
    }

    private static Trigger Of(MorphoBlueState state, PreLiquidationState pre, PositionAt position, in ValueScale scale)
    {
        if (pre.Unarmed is not null)
        {
            return new Trigger { Kind = TriggerKind.PreLiquidation, Threshold = Nominal(pre, position), Active = false, Unarmed = pre.IsUnread ? null : pre.Unarmed, Unknown = pre.IsUnread ? pre.Unarmed : null };
        }

        var edge = PriceEdges.Of(position.Health.Debt, position.Collateral, pre.Terms.PreLltv);
        var value = FixedPoint.MulDivFloor(position.Collateral, pre.Price, Health.PriceScale);
        return new Trigger
        {
            Kind = TriggerKind.PreLiquidation,
            Threshold = Threshold(pre, position),
            Active = pre.Terms.IsOpen(position.Health.Debt, value, position.Lltv),
            UniformFallPpm = edge is { } at ? Shock.FallTo(at, pre.Price) : null,
            Edges = edge is { } price
                ? [new PriceEdge(state.Parameters.CollateralToken, state.Collateral.Symbol.ToString(), EdgeSide.Falls, scale.OfPrice(price), scale.OfPrice(pre.Price))]
                : [],
            SecondsAtConstantPrices = Computed.OrNull(() => TimeToEdge.Seconds(Seen(pre, position), static health => !health.IsHealthy)),
        };
    }

    // The position as the contract sees it: by its own oracle, against its own loan-to-value.
    private static PositionAt Seen(PreLiquidationState pre, PositionAt position) =>
        new(position.Interest, position.BorrowShares, position.Collateral, pre.Price, pre.Terms.PreLltv, position.At);

    // By another oracle than the market's, the health factor that we show pulls at another value: it falls by the same part as the contract's own view of it.
    private static UInt256 Threshold(PreLiquidationState pre, PositionAt position)
    {
        if (pre.SharesOracle || pre.Unarmed is not null)
        {
            return Nominal(pre, position);
        }

        var seen = Computed.OrNull<UInt256>(() => Seen(pre, position).Health.Factor) ?? UInt256.Zero;
        return seen.IsZero || seen == UInt256.MaxValue ? Nominal(pre, position) : UInt256.MulDiv(position.Health.Factor, FixedPoint.Wad, seen, Rounding.Down);
    }

    private static UInt256 Nominal(PreLiquidationState pre, PositionAt position) => pre.Terms.PreLltv.IsZero
        ? FixedPoint.Wad
        : UInt256.Max(FixedPoint.Wad, UInt256.MulDiv(position.Lltv, FixedPoint.Wad, pre.Terms.PreLltv, Rounding.Down));
}
