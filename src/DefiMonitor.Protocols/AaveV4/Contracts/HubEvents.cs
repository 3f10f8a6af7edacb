using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

// The events of a hub that are folded: IHubBase.sol and IHub.sol. TransferShares moves shares between Spokes and no total.

/// <summary>Add and Remove.</summary>
internal readonly record struct HubShares(UInt256 AssetId, Address Spoke, UInt256 Shares, UInt256 Amount);

internal readonly record struct Draw(UInt256 AssetId, Address Spoke, UInt256 DrawnShares, UInt256 DrawnAmount);

internal readonly record struct Restore(
    UInt256 AssetId, Address Spoke, UInt256 DrawnShares, PremiumDelta PremiumDelta, UInt256 DrawnAmount, UInt256 PremiumAmount);

internal readonly record struct RefreshPremium(UInt256 AssetId, Address Spoke, PremiumDelta PremiumDelta);

internal readonly record struct HubDeficit(UInt256 AssetId, Address Spoke, UInt256 DrawnShares, PremiumDelta PremiumDelta, UInt256 DeficitAmountRay);

internal readonly record struct EliminateDeficit(UInt256 AssetId, Address CallerSpoke, Address CoveredSpoke, UInt256 Shares, UInt256 DeficitAmountRay);

internal readonly record struct MintFeeShares(UInt256 AssetId, Address FeeReceiver, UInt256 Shares, UInt256 Assets);

/// <summary>Sweep and Reclaim.</summary>
internal readonly record struct Swept(UInt256 AssetId, Address ReinvestmentController, UInt256 Amount);

/// <summary>At the end of everything that changes an asset: what is stored then, at the block's own time.</summary>
internal readonly record struct UpdateAsset(UInt256 AssetId, UInt256 DrawnIndex, UInt256 DrawnRate, UInt256 AccruedFees);

internal readonly record struct AssetConfigData(Address FeeReceiver, ushort LiquidityFee, Address IrStrategy, Address ReinvestmentController);

internal readonly record struct UpdateAssetConfig(UInt256 AssetId, AssetConfigData Config);

internal readonly record struct UpdateSpokeConfig(UInt256 AssetId, Address Spoke, SpokeConfigAnswer Config);
