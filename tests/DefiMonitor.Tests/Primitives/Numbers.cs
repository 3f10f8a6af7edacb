using System.Numerics;
using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

/// <summary>Where 256-bit arithmetic breaks, and random numbers of every length; seeded, so a failure comes back.</summary>
internal static class Numbers
{
    public static readonly BigInteger Modulus = BigInteger.One << 256;

    public static readonly UInt256[] Edges = ListEdges();

    public static BigInteger Big(UInt256 value) => (BigInteger)value;

    /// <summary>One in three is an edge, the rest have a random length and often whole limbs of zeros or ones.</summary>
    public static UInt256 Next(Random random)
    {
        if (random.Next(3) == 0)
        {
            return Edges[random.Next(Edges.Length)];
        }

        Span<ulong> limbs = stackalloc ulong[4];
        random.NextBytes(MemoryMarshal.AsBytes(limbs));
        for (var i = 0; i < 4; i++)
        {
            limbs[i] = random.Next(8) switch { 0 => 0, 1 => ulong.MaxValue, _ => limbs[i] };
        }

        return new UInt256(limbs[3], limbs[2], limbs[1], limbs[0]) >> random.Next(256);
    }

    private static UInt256[] ListEdges()
    {
        var edges = new SortedSet<BigInteger>();
        void Around(BigInteger middle)
        {
            for (var d = -1; d <= 1; d++)
            {
                if (middle + d >= 0 && middle + d < Modulus)
                {
                    edges.Add(middle + d);
                }
            }
        }

        foreach (var power in (int[])[0, 1, 31, 32, 33, 62, 63, 64, 65, 90, 126, 127, 128, 129, 160, 190, 191, 192, 193, 254, 255, 256])
        {
            Around(BigInteger.One << power);
        }

        foreach (var power in (int[])[4, 18, 27, 36, 54, 77])
        {
            Around(BigInteger.Pow(10, power));
        }

        Around(BigInteger.Pow(10, 27) / 2);
        Around(Modulus / BigInteger.Pow(10, 27));
        Around(Modulus / BigInteger.Pow(10, 18));
        // Limbs that make the guesses of long division one too large.
        foreach (var hard in (string[])[
            "08000000000000000000000000000000000000000000000000", "080000000000000000000000000000001", "0FFFFFFFFFFFFFFFF0000000000000000",
            "080000000000000000000000000000000FFFFFFFFFFFFFFFF", "07FFFFFFFFFFFFFFF8000000000000000000000000000000000000000000000",
            "0FFFFFFFFFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "080000000000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"])
        {
            Around(BigInteger.Parse(hard, System.Globalization.NumberStyles.AllowHexSpecifier) % Modulus);
        }

        return [.. edges.Select(e => (UInt256)e)];
    }
}
