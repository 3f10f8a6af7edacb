using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// Between assets and shares of one side of a market. One virtual asset and 10^6 virtual shares stand beside the real ones, so an empty market has a price too.
/// Source: morpho-blue v1.0.0, libraries/SharesMathLib.sol.
/// </summary>
public static class SharesMath
{
    /// <summary>VIRTUAL_ASSETS.</summary>
    public const ulong VirtualAssets = 1;

    /// <summary>VIRTUAL_SHARES.</summary>
    public const ulong VirtualShares = 1_000_000;

    public static UInt256 ToSharesDown(in UInt256 assets, in UInt256 totalAssets, in UInt256 totalShares) =>
        FixedPoint.MulDivFloor(assets, totalShares + VirtualShares, totalAssets + VirtualAssets);

    public static UInt256 ToSharesUp(in UInt256 assets, in UInt256 totalAssets, in UInt256 totalShares) =>
        MulDivUp(assets, totalShares + VirtualShares, totalAssets + VirtualAssets);

    public static UInt256 ToAssetsDown(in UInt256 shares, in UInt256 totalAssets, in UInt256 totalShares) =>
        FixedPoint.MulDivFloor(shares, totalAssets + VirtualAssets, totalShares + VirtualShares);

    public static UInt256 ToAssetsUp(in UInt256 shares, in UInt256 totalAssets, in UInt256 totalShares) =>
        MulDivUp(shares, totalAssets + VirtualAssets, totalShares + VirtualShares);

    /// <summary>(x * y + (d - 1)) / d: MathLib.mulDivUp, which reverts where that sum overflows.</summary>
    public static UInt256 MulDivUp(in UInt256 x, in UInt256 y, in UInt256 d) => ((x * y) + (d - UInt256.One)) / d;
}
