using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Comet keeps 10^decimals of each token instead of its decimals.</summary>
internal static class Scales
{
    public static int Decimals(ulong scale)
    {
        var decimals = 0;
        for (; scale >= 10; scale /= 10)
        {
            decimals++;
        }

        return decimals;
    }

    /// <summary>An amount for people, cut to eight decimals.</summary>
    public static string Text(in UInt256 amount, ulong scale)
    {
        var (whole, rest) = UInt256.DivRem(amount, scale);
        var digits = rest.ToString().PadLeft(Decimals(scale), '0');
        digits = digits[..Math.Min(8, digits.Length)].TrimEnd('0');
        return rest.IsZero || digits.Length == 0 ? whole.ToString() : $"{whole}.{digits}";
    }
}
