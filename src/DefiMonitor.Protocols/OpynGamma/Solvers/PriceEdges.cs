using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// The price of the underlying at which a naked vault becomes short, others unchanged. Found by halving, so at the edge the contract's own arithmetic says short and one
/// unit (10^-8 dollars) on the safe side says it is not. The requirement only rises, or only falls, with the price: with the fall of the underlying for a put, with its
/// rise for a call, and the other way round where an upper bound value is above 1.
/// </summary>
internal static class PriceEdges
{
    // Beyond it prices no longer fit the contract's fixed point.
    private static readonly UInt256 Highest = UInt256.Pow10(28);

    public static EdgeSide SideOf(VaultState vault, ulong at) =>
        vault.Short!.IsPut == (MarginCalculator.UpperBoundValue(vault.UpperBounds, vault.Short.Expiry, at) <= Fpi.One) ? EdgeSide.Falls : EdgeSide.Rises;

    /// <param name="parts">The edge is wanted to one part in so many; null = exactly.</param>
    /// <returns>Null where no price makes it short, or every one does.</returns>
    public static UInt256? Of(VaultState vault, ulong at, uint? parts = null)
    {
        var side = SideOf(vault, at);
        var low = UInt256.One;
        if (VaultMargin.IsShort(vault, low, at) != (side == EdgeSide.Falls))
        {
            return null;
        }

        var high = UInt256.Max(vault.Short!.Underlying.Price, low + UInt256.One);
        while (VaultMargin.IsShort(vault, high, at) == (side == EdgeSide.Falls))
        {
            low = high;
            high *= 2u;
            if (high > Highest)
            {
                return null;
            }
        }

        while (high - low > UInt256.Max(UInt256.One, parts is { } many ? low / many : UInt256.Zero))
        {
            var middle = low + ((high - low) >> 1);
            if (VaultMargin.IsShort(vault, middle, at) == (side == EdgeSide.Falls))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return side == EdgeSide.Falls ? low : high;
    }
}
