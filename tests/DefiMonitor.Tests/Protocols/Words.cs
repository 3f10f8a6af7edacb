using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Protocols;

/// <summary>Figures at which arithmetic goes over.</summary>
internal static class Words
{
    /// <summary>A whole number of any size up to 256 bits, mostly of some bits less than <paramref name="usual"/>.</summary>
    public static UInt256 Any(Random random, int usual)
    {
        var bits = random.Next(5) == 0 ? random.Next(1, 257) : random.Next(Math.Max(1, usual - 12), usual);
        var word = UInt256.Zero;
        for (var i = 0; i < bits; i++)
        {
            word = (word << 1) | (i == 0 || random.Next(2) == 0 ? UInt256.One : UInt256.Zero);
        }

        return word;
    }
}
