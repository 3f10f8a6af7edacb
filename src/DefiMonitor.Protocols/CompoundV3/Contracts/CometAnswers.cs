using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

// What the view calls answer, shaped as their ABI says.
internal readonly record struct TotalsBasicAnswer(
    ulong BaseSupplyIndex, ulong BaseBorrowIndex, ulong TrackingSupplyIndex, ulong TrackingBorrowIndex, UInt128 TotalSupplyBase, UInt128 TotalBorrowBase,
    ulong LastAccrualTime, byte PauseFlags)
{
    public BaseTotals Totals => new(BaseSupplyIndex, BaseBorrowIndex, TotalSupplyBase, TotalBorrowBase, LastAccrualTime, (PauseFlags)PauseFlags);
}

internal readonly record struct AssetInfoAnswer(
    byte Offset, Address Asset, Address PriceFeed, ulong Scale, ulong BorrowCollateralFactor, ulong LiquidateCollateralFactor, ulong LiquidationFactor, UInt128 SupplyCap)
{
    public AssetTerms Terms => new(Scale, BorrowCollateralFactor, LiquidateCollateralFactor, LiquidationFactor);
}

internal readonly record struct TotalsCollateralAnswer(UInt128 TotalSupplyAsset, UInt128 Reserved);

internal readonly record struct UserBasicAnswer(Int128 Principal, ulong BaseTrackingIndex, ulong BaseTrackingAccrued, ushort AssetsIn, byte Reserved)
{
    /// <summary>One bit an asset, by offset: the bits from 16 on stand in what was reserved (CometWithExtendedAssetList.sol isInAsset).</summary>
    public uint Held => AssetsIn | ((uint)Reserved << 16);
}

internal readonly record struct UserCollateralAnswer(UInt128 Balance, UInt128 Reserved);

internal readonly record struct RoundAnswer(UInt128 RoundId, Int128 Answer, UInt256 StartedAt, UInt256 UpdatedAt, UInt128 AnsweredInRound);
