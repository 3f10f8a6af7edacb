using System.Numerics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// Folds a hub's logs into what it stores of each asset. Whichever Spoke acts: suppliers and borrowers of all Spokes share an asset's index and share price.
/// </summary>
internal sealed class HubFolder
{
    private readonly Dictionary<Hash32, Action<BlockHeader, Log>> byTopic;
    private readonly AaveV4Market market;
    private readonly AaveV4Tables tables;

    public HubFolder(AaveV4Market market)
    {
        this.market = market;
        tables = market.Tables;
        byTopic = new()
        {
            [AaveV4Abi.Add.Topic0] = OnAdd,
            [AaveV4Abi.Remove.Topic0] = OnRemove,
            [AaveV4Abi.Draw.Topic0] = OnDraw,
            [AaveV4Abi.Restore.Topic0] = OnRestore,
            [AaveV4Abi.RefreshPremium.Topic0] = OnRefreshPremium,
            [AaveV4Abi.HubDeficit.Topic0] = OnDeficit,
            [AaveV4Abi.EliminateDeficit.Topic0] = OnEliminate,
            [AaveV4Abi.MintFeeShares.Topic0] = OnMintFees,
            [AaveV4Abi.Sweep.Topic0] = OnSweep,
            [AaveV4Abi.Reclaim.Topic0] = OnReclaim,
            [AaveV4Abi.UpdateAsset.Topic0] = OnUpdate,
            [AaveV4Abi.UpdateAssetConfig.Topic0] = OnConfig,
            [AaveV4Abi.UpdateSpokeConfig.Topic0] = OnSpokeConfig,
            [AaveV4Abi.Upgraded.Topic0] = (block, log) => market.Upgrade(block.Number, log),
        };
    }

    public IReadOnlyCollection<Hash32> Topics => byTopic.Keys;

    public void Apply(BlockHeader block, Log log)
    {
        if (byTopic.TryGetValue(log.Topics[0], out var apply))
        {
            apply(block, log);
        }
    }

    private static UInt128 Half(in UInt256 value) => (UInt128)value;

    private static HubAsset With(in HubAsset asset, in PremiumDelta delta) => asset with
    {
        PremiumShares = (UInt128)((BigInteger)asset.PremiumShares + delta.SharesDelta),
        PremiumOffsetRay = asset.PremiumOffsetRay + SignedRay.From(delta.OffsetRayDelta),
    };

    private void OnAdd(BlockHeader block, Log log)
    {
        var add = AaveV4Abi.Add.Decode(log);
        Change(block, log, add.AssetId, asset => asset with
        {
            Liquidity = checked(asset.Liquidity + Half(add.Amount)), AddedShares = checked(asset.AddedShares + Half(add.Shares)),
        });
    }

    private void OnRemove(BlockHeader block, Log log)
    {
        var remove = AaveV4Abi.Remove.Decode(log);
        Change(block, log, remove.AssetId, asset => asset with
        {
            Liquidity = checked(asset.Liquidity - Half(remove.Amount)), AddedShares = checked(asset.AddedShares - Half(remove.Shares)),
        });
    }

    private void OnDraw(BlockHeader block, Log log)
    {
        var draw = AaveV4Abi.Draw.Decode(log);
        Change(block, log, draw.AssetId, asset => asset with
        {
            Liquidity = checked(asset.Liquidity - Half(draw.DrawnAmount)), DrawnShares = checked(asset.DrawnShares + Half(draw.DrawnShares)),
        });
    }

    private void OnRestore(BlockHeader block, Log log)
    {
        var restore = AaveV4Abi.Restore.Decode(log);
        Change(block, log, restore.AssetId, asset => With(asset, restore.PremiumDelta) with
        {
            Liquidity = checked(asset.Liquidity + Half(restore.DrawnAmount) + Half(restore.PremiumAmount)),
            DrawnShares = checked(asset.DrawnShares - Half(restore.DrawnShares)),
        });
    }

    private void OnRefreshPremium(BlockHeader block, Log log)
    {
        var refresh = AaveV4Abi.RefreshPremium.Decode(log);
        Change(block, log, refresh.AssetId, asset => With(asset, refresh.PremiumDelta));
    }

    private void OnDeficit(BlockHeader block, Log log)
    {
        var deficit = AaveV4Abi.HubDeficit.Decode(log);
        Change(block, log, deficit.AssetId, asset => With(asset, deficit.PremiumDelta) with
        {
            DrawnShares = checked(asset.DrawnShares - Half(deficit.DrawnShares)), DeficitRay = asset.DeficitRay + deficit.DeficitAmountRay,
        });
    }

    private void OnEliminate(BlockHeader block, Log log)
    {
        var eliminate = AaveV4Abi.EliminateDeficit.Decode(log);
        Change(block, log, eliminate.AssetId, asset => asset with
        {
            AddedShares = checked(asset.AddedShares - Half(eliminate.Shares)), DeficitRay = asset.DeficitRay - eliminate.DeficitAmountRay,
        });
    }

    // The fees that it pays out are in the UpdateAsset that follows.
    private void OnMintFees(BlockHeader block, Log log)
    {
        var mint = AaveV4Abi.MintFeeShares.Decode(log);
        Change(block, log, mint.AssetId, asset => asset with { AddedShares = checked(asset.AddedShares + Half(mint.Shares)) });
    }

    private void OnSweep(BlockHeader block, Log log)
    {
        var sweep = AaveV4Abi.Sweep.Decode(log);
        Change(block, log, sweep.AssetId, asset => asset with
        {
            Liquidity = checked(asset.Liquidity - Half(sweep.Amount)), Swept = checked(asset.Swept + Half(sweep.Amount)),
        });
    }

    private void OnReclaim(BlockHeader block, Log log)
    {
        var reclaim = AaveV4Abi.Reclaim.Decode(log);
        Change(block, log, reclaim.AssetId, asset => asset with
        {
            Liquidity = checked(asset.Liquidity + Half(reclaim.Amount)), Swept = checked(asset.Swept - Half(reclaim.Amount)),
        });
    }

    private void OnUpdate(BlockHeader block, Log log)
    {
        var update = AaveV4Abi.UpdateAsset.Decode(log);
        Change(block, log, update.AssetId, asset => asset with
        {
            DrawnIndex = Half(update.DrawnIndex), DrawnRate = Half(update.DrawnRate), RealizedFees = Half(update.AccruedFees), LastUpdate = block.Timestamp,
        });
    }

    private void OnConfig(BlockHeader block, Log log)
    {
        var update = AaveV4Abi.UpdateAssetConfig.Decode(log);
        Change(block, log, update.AssetId, asset => asset with { LiquidityFee = update.Config.LiquidityFee });
    }

    private void OnSpokeConfig(BlockHeader block, Log log)
    {
        var update = AaveV4Abi.UpdateSpokeConfig.Decode(log);
        for (ushort id = 0; update.Spoke == market.Spoke && id < tables.Market.ReserveCount; id++)
        {
            if (tables.Reserves.TryGet(id, out var row) && row.Hub == log.Address && row.Asset == update.AssetId)
            {
                tables.Reserves.Set(id, update.Config.Into(row));
            }
        }
    }

    private void Change(BlockHeader block, Log log, in UInt256 assetId, Func<HubAsset, HubAsset> change)
    {
        if (market.IsUpgraded || assetId > (UInt256)ushort.MaxValue)
        {
            return;
        }

        var key = new HubAssetKey(log.Address, (ushort)(ulong)assetId);
        if (!tables.HubAssets.TryGet(key, out var row) || !row.IsRead)
        {
            return;
        }

        try
        {
            tables.HubAssets.Set(key, row with { Asset = change(row.Asset) });
        }
        catch (ArithmeticException)
        {
            // The event does not follow from what we have of the asset, so that is wrong: read it.
            tables.Unread(key, block.Number);
        }
    }
}
