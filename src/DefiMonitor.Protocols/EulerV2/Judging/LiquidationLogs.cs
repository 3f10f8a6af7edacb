using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>A liquidation as the vault's event tells it; the seized shares in the asset that they stand for, by the collateral vault's figures as they are known then.</summary>
internal sealed class LiquidationLogs(EulerMarket market)
{
    public Liquidation? Of(Log log)
    {
        if (log.Address != market.Vault || !EulerAbi.Liquidate.Matches(log))
        {
            return null;
        }

        var call = EulerAbi.Liquidate.Decode(log);
        var (asset, taken) = Computed.OrNull<UInt256>(() => AssetsOf(call.Collateral, call.YieldBalance)) is { } assets
            && market.Tables.Collaterals.TryGet(call.Collateral, out var row)
                ? (row.Asset, assets)
                : (call.Collateral, call.YieldBalance);
        return new Liquidation(market.IdOf(call.Violator), market.Tables.Market.Asset, call.RepayAssets, asset, taken);
    }

    private UInt256? AssetsOf(in Address vault, in UInt256 shares) =>
        market.Routes.Of(vault) is { Stages: [{ Kind: StageKind.Shares }, ..] } && market.Tables.Totals.TryGet(vault, out var totals) && !totals.Totals.InterestAccumulator.IsZero
            ? totals.Totals.ToAssetsDown(shares)
            : null;
}
