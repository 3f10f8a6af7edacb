using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.MorphoBlue;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Morpho Blue and its rate model against what the contracts returned.</summary>
internal static class MorphoVectors
{
    public static void WExp(JsonElement json, VectorCase vector) =>
        vector.Expect("wExp", ExpLib.WExp(Int128.Parse(json.Text("x"), System.Globalization.CultureInfo.InvariantCulture)), json.U256("expected"));

    public static void Account(JsonElement json, VectorCase vector)
    {
        var market = json.GetProperty("market");
        var position = json.GetProperty("position");
        var expected = json.GetProperty("expected");
        var stored = new MarketTotals(
            Half(market, "totalSupplyAssets"), Half(market, "totalSupplyShares"), Half(market, "totalBorrowAssets"), Half(market, "totalBorrowShares"),
            market.U64("lastUpdate"), Half(market, "fee"));
        var at = json.U64("timestamp");
        var price = json.U256("oraclePrice");
        var lltv = json.U256("lltv");
        var shares = Half(position, "borrowShares");
        var collateral = Half(position, "collateral");

        vector.Expect("healthy_storedTotals", Health.Of(stored, shares, collateral, price, lltv).IsHealthy, expected.Flag("healthy_storedTotals"));
        var rate = json.Text("irm") == "AdaptiveCurveIrm" ? AdaptiveCurveIrm.RateOf(stored, json.U256("rateAtTarget"), at).AverageRate : UInt256.Zero;
        var accrued = stored.Accrue(rate, at);
        var totals = expected.GetProperty("accrued");
        vector.Expect("totalSupplyAssets", accrued.SupplyAssets, totals.U256("totalSupplyAssets"));
        vector.Expect("totalSupplyShares", accrued.SupplyShares, totals.U256("totalSupplyShares"));
        vector.Expect("totalBorrowAssets", accrued.BorrowAssets, totals.U256("totalBorrowAssets"));
        var health = Health.Of(accrued, shares, collateral, price, lltv);
        vector.Expect("healthy_afterAccrue", health.IsHealthy, expected.Flag("healthy_afterAccrue"));
        vector.Expect("a factor of one is healthy", health.Factor >= FixedPoint.Wad, health.IsHealthy);
        if (expected.GetProperty("liquidation") is { ValueKind: JsonValueKind.Object } liquidation)
        {
            Liquidation(liquidation, accrued, shares, collateral, price, Liquidations.IncentiveOf(lltv), vector);
        }
    }

    private static void Liquidation(
        JsonElement json, in MarketTotals totals, UInt128 borrowShares, UInt128 collateral, in UInt256 price, in UInt256 incentive, VectorCase vector)
    {
        LiquidationAmounts amounts;
        try
        {
            var seized = json.U256("seizedAssetsIn");
            var shares = json.U256("repaidSharesIn");
            if (seized.IsZero)
            {
                seized = Liquidations.SeizedForRepaying(totals, shares, price, incentive);
            }
            else
            {
                shares = Liquidations.SharesForSeizing(totals, seized, price, incentive);
            }

            amounts = Liquidations.Of(totals, borrowShares, collateral, seized, shares);
        }
        catch (ArithmeticException)
        {
            vector.Expect("reverts", true, json.Flag("reverts"));
            return;
        }

        vector.Expect("reverts", false, json.Flag("reverts"));
        if (json.Flag("reverts"))
        {
            return;
        }

        vector.Expect("seizedAssets", amounts.Seized, json.U256("seizedAssets"));
        vector.Expect("repaidAssets", amounts.RepaidAssets, json.U256("repaidAssets"));
        var position = json.GetProperty("positionAfter");
        vector.Expect("borrowShares after", borrowShares - amounts.RepaidShares - amounts.BadDebtShares, position.U256("borrowShares"));
        vector.Expect("collateral after", collateral - amounts.Seized, position.U256("collateral"));
        var market = json.GetProperty("marketAfter");
        vector.Expect("totalSupplyAssets after", totals.SupplyAssets - amounts.BadDebtAssets, market.U256("totalSupplyAssets"));
        vector.Expect("totalSupplyShares after", totals.SupplyShares, market.U256("totalSupplyShares"));
        vector.Expect(
            "totalBorrowAssets after", Liquidations.AfterRepaid(totals.BorrowAssets, amounts.RepaidAssets) - amounts.BadDebtAssets, market.U256("totalBorrowAssets"));
        vector.Expect("totalBorrowShares after", totals.BorrowShares - amounts.RepaidShares - amounts.BadDebtShares, market.U256("totalBorrowShares"));
    }

    private static UInt128 Half(JsonElement json, string field) => (UInt128)json.U256(field);
}
