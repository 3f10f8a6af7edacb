using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

internal static class Figures
{
    /// <summary>Beyond this a figure of an account is none that a venue could mean, and sums of a few of them always fit.</summary>
    public static Int128 Most { get; } = Int128.MaxValue >> 3;

    public static bool IsTooLarge(Int128 figure) => figure > Most || figure < -Most;

    /// <summary>Int128 has no positive twin of its least value, UInt128 has.</summary>
    public static UInt256 SizeOf(Int128 figure) => (UInt256)unchecked((UInt128)(Int128.IsNegative(figure) ? -figure : figure));
}
