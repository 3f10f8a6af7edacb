using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// The market's parameters by the names of CometConfiguration.sol and Comet.sol. All but the pause flags are immutables of the implementation, so they change with it; the
/// rates are those of a second, as the contract keeps them.
/// </summary>
internal sealed class ParameterList(CometMarket market)
{
    private const byte Wad = 18;
    private const string Asset = "asset";
    private const string BorrowFactor = "borrowCollateralFactor";
    private const string LiquidateFactor = "liquidateCollateralFactor";
    private const string LiquidationFactor = "liquidationFactor";
    private const string SupplyCap = "supplyCap";
    private const string BorrowMin = "baseBorrowMin";

    private static readonly (string Name, PauseFlags Flag)[] Pauses =
    [
        ("isSupplyPaused", PauseFlags.Supply), ("isTransferPaused", PauseFlags.Transfer), ("isWithdrawPaused", PauseFlags.Withdraw), ("isAbsorbPaused", PauseFlags.Absorb),
        ("isBuyPaused", PauseFlags.Buy),
    ];

    private static readonly (string Name, Func<InterestRates, ulong> Of, Func<InterestRates, ulong, InterestRates> With)[] Rates =
    [
        ("supplyKink", static r => r.SupplyKink, static (r, v) => r with { SupplyKink = v }),
        ("supplyPerSecondInterestRateSlopeLow", static r => r.SupplySlopeLow, static (r, v) => r with { SupplySlopeLow = v }),
        ("supplyPerSecondInterestRateSlopeHigh", static r => r.SupplySlopeHigh, static (r, v) => r with { SupplySlopeHigh = v }),
        ("supplyPerSecondInterestRateBase", static r => r.SupplyBase, static (r, v) => r with { SupplyBase = v }),
        ("borrowKink", static r => r.BorrowKink, static (r, v) => r with { BorrowKink = v }),
        ("borrowPerSecondInterestRateSlopeLow", static r => r.BorrowSlopeLow, static (r, v) => r with { BorrowSlopeLow = v }),
        ("borrowPerSecondInterestRateSlopeHigh", static r => r.BorrowSlopeHigh, static (r, v) => r with { BorrowSlopeHigh = v }),
        ("borrowPerSecondInterestRateBase", static r => r.BorrowBase, static (r, v) => r with { BorrowBase = v }),
    ];

    private readonly CometTables tables = market.Tables;

    public void List(ICollection<MarketParameter> into)
    {
        var row = tables.Market;
        var parameters = row.Parameters;
        into.Add(MarketParameter.Contract(ParameterSubject.Market, "implementation", tables.Implementation, ParameterKind.Implementation) with { Origin = ParameterOrigin.Events });
        into.Add(MarketParameter.Contract(ParameterSubject.Market, "baseTokenPriceFeed", parameters.BasePriceFeed, ParameterKind.Oracle));
        into.Add(MarketParameter.Number(ParameterSubject.Market, BorrowMin, parameters.BaseBorrowMin, DecimalsOf(parameters.BaseScale), ParameterKind.Other));
        foreach (var (name, of, _) in Rates)
        {
            into.Add(MarketParameter.Number(ParameterSubject.Market, name, of(parameters.Rates), Wad, ParameterKind.RateModel));
        }

        foreach (var (name, flag) in Pauses)
        {
            into.Add(MarketParameter.Flag(ParameterSubject.Market, name, (row.Totals.PauseFlags & flag) != 0, ParameterKind.Pause));
        }

        foreach (var (_, asset) in tables.Assets)
        {
            var subject = new ParameterSubject(Asset, asset.Asset, 0, asset.Symbol);
            into.Add(MarketParameter.Contract(subject, "priceFeed", asset.PriceFeed, ParameterKind.Oracle));
            into.Add(MarketParameter.Share(subject, BorrowFactor, asset.Terms.BorrowFactor, Wad, ParameterKind.Threshold));
            into.Add(MarketParameter.Share(subject, LiquidateFactor, asset.Terms.LiquidateFactor, Wad, ParameterKind.Threshold));
            into.Add(MarketParameter.Share(subject, LiquidationFactor, asset.Terms.LiquidationFactor, Wad, ParameterKind.Bonus));
            into.Add(MarketParameter.Number(subject, SupplyCap, asset.SupplyCap, DecimalsOf(asset.Terms.Scale), ParameterKind.Cap));
        }
    }

    public bool Restore(in MarketParameter old) => old.Subject.What == Asset ? RestoreAsset(old) : RestoreMarket(old);

    private bool RestoreAsset(in MarketParameter old)
    {
        if (!market.TryFind(old.Subject.Asset, out var offset, out var row))
        {
            return false;
        }

        switch (old.Name)
        {
            case BorrowFactor:
                row = row with { Terms = row.Terms with { BorrowFactor = (ulong)old.Value } };
                break;
            case LiquidateFactor:
                row = row with { Terms = row.Terms with { LiquidateFactor = (ulong)old.Value } };
                break;
            case LiquidationFactor:
                row = row with { Terms = row.Terms with { LiquidationFactor = (ulong)old.Value } };
                break;
            case SupplyCap:
                row = row with { SupplyCap = (UInt128)old.Value };
                break;
            default:
                return false;
        }

        tables.Assets.Set(offset, row);
        return true;
    }

    private bool RestoreMarket(in MarketParameter old)
    {
        var row = tables.Market;
        foreach (var (name, flag) in Pauses)
        {
            if (old.Name == name)
            {
                var flags = old.Value.IsZero ? row.Totals.PauseFlags & ~flag : row.Totals.PauseFlags | flag;
                tables.Market = row with { Totals = row.Totals with { PauseFlags = flags } };
                return true;
            }
        }

        foreach (var (name, _, with) in Rates)
        {
            if (old.Name == name)
            {
                tables.Market = row with { Parameters = row.Parameters with { Rates = with(row.Parameters.Rates, (ulong)old.Value) } };
                return true;
            }
        }

        if (old.Name == BorrowMin)
        {
            tables.Market = row with { Parameters = row.Parameters with { BaseBorrowMin = old.Value } };
        }

        return old.Name == BorrowMin;
    }

    private static byte DecimalsOf(ulong scale)
    {
        byte decimals = 0;
        for (; scale >= 10; scale /= 10)
        {
            decimals++;
        }

        return decimals;
    }
}
