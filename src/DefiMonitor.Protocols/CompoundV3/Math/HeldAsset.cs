using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>What one unit of a collateral counts for: of struct AssetInfo of CometCore.sol. Factors in wad, kept by the contract to four decimals.</summary>
/// <param name="Scale">10^decimals of the token.</param>
/// <param name="BorrowFactor">borrowCollateralFactor: the part that may be borrowed against.</param>
/// <param name="LiquidateFactor">liquidateCollateralFactor: the part that keeps an account from being absorbed.</param>
/// <param name="LiquidationFactor">The part of the value that an absorbed account is credited with.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct AssetTerms(ulong Scale, ulong BorrowFactor, ulong LiquidateFactor, ulong LiquidationFactor);

/// <summary>A collateral of an account, priced.</summary>
/// <param name="Balance">In the token's decimals; collateral earns nothing.</param>
/// <param name="Price">Of one whole token, 8 decimals.</param>
public readonly record struct HeldAsset(AssetTerms Terms, UInt128 Balance, UInt256 Price)
{
    /// <summary>8 decimals.</summary>
    public UInt256 Value => Factors.MulPrice(Balance, Price, Terms.Scale);
}
