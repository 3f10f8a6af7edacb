using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.PanopticV2;

namespace DefiMonitor.Tests.Protocols.PanopticV2.Fake;

/// <summary>
/// libraries/PanopticMath.sol updatePositionsHash and homomorphicHash (LtHash of two lanes): the number of legs in the top 8 bits, below it two lanes of 124 bits, each the
/// sum of a part of the positions' hashes modulo a prime of its own. The order does not matter. The contract's comments that speak of XOR are of an earlier form.
/// </summary>
internal static class PositionsHash
{
    private const int LaneBits = 124;
    private const int CountAt = 248;

    private static readonly UInt256 Mask = (UInt256.One << LaneBits) - UInt256.One;
    private static readonly UInt256 Prime0 = (UInt256.One << LaneBits) - 59u;
    private static readonly UInt256 Prime1 = (UInt256.One << LaneBits) - 615u;

    /// <summary>The fingerprint of a list, as the pool keeps it of an account.</summary>
    public static UInt256 Of(IEnumerable<UInt256> tokenIds)
    {
        var hash = UInt256.Zero;
        foreach (var tokenId in tokenIds)
        {
            hash = Update(hash, tokenId, add: true);
        }

        return hash;
    }

    /// <exception cref="OverflowException">The legs would be more than 255, or less than none.</exception>
    public static UInt256 Update(in UInt256 hash, in UInt256 tokenId, bool add)
    {
        var legs = (int)(ulong)(hash >> CountAt) + (add ? TokenIds.CountLegs(tokenId) : -TokenIds.CountLegs(tokenId));
        return legs is >= 0 and <= byte.MaxValue ? Add(hash, tokenId, add) + ((UInt256)(ulong)legs << CountAt) : throw new OverflowException($"{legs} legs are no number of legs.");
    }

    /// <summary>homomorphicHash: the two lanes alone.</summary>
    public static UInt256 Add(in UInt256 hash, in UInt256 item, bool add)
    {
        var digest = Keccak256.Hash(Hash32.FromUInt256(item).ToArray()).ToUInt256();
        var lane0 = Lane(hash & Mask, digest & Mask, Prime0, add);
        var lane1 = Lane((hash >> LaneBits) & Mask, (digest >> LaneBits) & Mask, Prime1, add);
        return lane0 + (lane1 << LaneBits);
    }

    private static UInt256 Lane(in UInt256 lane, in UInt256 part, in UInt256 prime, bool add) => (lane + (add ? part : prime - (part % prime))) % prime;
}
