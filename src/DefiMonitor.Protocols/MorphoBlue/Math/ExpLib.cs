using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>e^x as the rate model computes it: a second-order expansion around the nearest power of two. Source: morpho-blue-irm, adaptive-curve-irm/libraries/ExpLib.sol.</summary>
public static class ExpLib
{
    private const long Ln2 = 693_147_180_559_945_309;
    private const long Wad = 1_000_000_000_000_000_000;

    /// <summary>LN_WEI_INT: below it the result is 0.</summary>
    private static readonly Int128 LnWei = Int128.Parse("-41446531673892822312", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>WEXP_UPPER_BOUND: from it on the result is the last one before.</summary>
    private static readonly Int128 UpperBound = Int128.Parse("93859467695000404319", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>WEXP_UPPER_VALUE.</summary>
    private static readonly UInt256 UpperValue = UInt256.Parse("57716089161558943949701069502944508345128422502756744429568");

    /// <param name="x">Wad; quotients are cut toward zero, as in the EVM.</param>
    public static UInt256 WExp(Int128 x)
    {
        if (x < LnWei)
        {
            return UInt256.Zero;
        }

        if (x >= UpperBound)
        {
            return UpperValue;
        }

        // x = q * ln 2 + r with r in [-ln 2 / 2, ln 2 / 2].
        var half = x < 0 ? -(Ln2 / 2) : Ln2 / 2;
        var q = (int)((x + half) / Ln2);
        var r = x - ((Int128)q * Ln2);
        var expR = Wad + r + (r * r / Wad / 2);
        return q >= 0 ? (UInt256)(UInt128)expR << q : (UInt256)(UInt128)expR >> -q;
    }
}
