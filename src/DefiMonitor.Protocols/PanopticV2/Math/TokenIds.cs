using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>types/TokenId.sol: what a position's number says. The low 64 bits are the pool's fingerprint, then 48 bits for each of four legs.</summary>
internal static class TokenIds
{
    private const int FirstLeg = 64;
    private const int LegBits = 48;

    public static ulong PoolIdOf(in UInt256 tokenId) => Bits(tokenId, 0, 64);

    /// <summary>countLegs: the place of the last leg that has a ratio.</summary>
    public static int CountLegs(in UInt256 tokenId)
    {
        for (var leg = 3; leg >= 0; leg--)
        {
            if (Bits(tokenId, FirstLeg + (leg * LegBits) + 1, 7) != 0)
            {
                return leg + 1;
            }
        }

        return 0;
    }

    public static PanopticLeg LegOf(in UInt256 tokenId, int leg)
    {
        var at = FirstLeg + (leg * LegBits);
        var strike = (int)Bits(tokenId, at + 12, 24);
        return new PanopticLeg(
            (int)Bits(tokenId, at, 1), (int)Bits(tokenId, at + 1, 7), Bits(tokenId, at + 8, 1) == 1, (int)Bits(tokenId, at + 9, 1), (int)Bits(tokenId, at + 10, 2),
            (strike << 8) >> 8, (int)Bits(tokenId, at + 36, 12));
    }

    private static ulong Bits(in UInt256 word, int from, int count) =>
        (ulong)((word >> from) & ((UInt256.One << count) - UInt256.One));
}

/// <param name="Asset">Which token the size counts in: 0 or 1.</param>
/// <param name="Ratio">Contracts of this leg for one of the position.</param>
/// <param name="TokenType">Which token is moved: 0 (a call on token0) or 1 (a put on it).</param>
/// <param name="RiskPartner">The leg that it is margined with; its own place = none.</param>
/// <param name="Strike">Tick.</param>
/// <param name="Width">In tick spacings; 0 = a loan or a credit.</param>
public readonly record struct PanopticLeg(int Asset, int Ratio, bool IsLong, int TokenType, int RiskPartner, int Strike, int Width);
