using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>A hub asset at one instant: its drawn index, and what its suppliers' shares are worth. Source: SharesMath, Hub.preview*.</summary>
/// <param name="Index">Ray.</param>
/// <param name="TotalAssets">AssetLogic.totalAddedAssets.</param>
public readonly record struct SharePrice(UInt256 Index, UInt256 TotalAssets, UInt256 TotalShares)
{
    /// <summary>VIRTUAL_ASSETS and VIRTUAL_SHARES.</summary>
    private const uint Virtual = 1_000_000;

    public static SharePrice Of(in HubAsset asset, ulong at)
    {
        var index = asset.IndexAt(at);
        return new SharePrice(index, asset.TotalAddedAssets(index), asset.AddedShares);
    }

    /// <summary>previewRemoveByShares (down), previewAddByShares (up).</summary>
    public UInt256 ToAssets(in UInt256 shares, Rounding rounding) => UInt256.MulDiv(shares, TotalAssets + Virtual, TotalShares + Virtual, rounding);

    /// <summary>Shares to assets as a fraction to multiply by, for many at once; false where it is out of its reach.</summary>
    public bool TryRatio(out FixedRatio ratio) => FixedRatio.TryOf(TotalAssets + Virtual, TotalShares + Virtual, out ratio);

    /// <summary>previewAddByAssets (down), previewRemoveByAssets (up).</summary>
    public UInt256 ToShares(in UInt256 assets, Rounding rounding) => UInt256.MulDiv(assets, TotalShares + Virtual, TotalAssets + Virtual, rounding);
}
