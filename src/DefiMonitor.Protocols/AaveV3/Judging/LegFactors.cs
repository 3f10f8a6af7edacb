using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// What turns a scaled balance of one reserve and side into value, in one cache line: floor((floor((scaled * index + round) / RAY) * price + round) / unit). Floors,
/// ceilings and halves are all of this shape, by what is added first.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct LegFactors
{
    /// <summary>10^19 is the largest unit that fits a word.</summary>
    public const int MaxDecimals = 19;

    /// <summary>10^decimals of the token.</summary>
    public WordDivisor Unit;

    /// <summary>Normalised index at the instant, ray.</summary>
    public uint IndexHigh;
    public ulong IndexLow;

    /// <summary>0 = floor, RAY / 2 = half up, RAY - 1 = ceiling.</summary>
    public ulong IndexRoundLow;

    /// <summary>Base units for one whole token.</summary>
    public ulong Price;

    /// <summary>0 = floor, unit - 1 = ceiling.</summary>
    public ulong UnitRound;
    public uint IndexRoundHigh;

    /// <summary>Liquidation threshold that counts, bps; 0 for a debt.</summary>
    public ushort Threshold;

    /// <summary>-1 where the value is collateral, else 0.</summary>
    public sbyte CollateralMask;

    /// <summary>-1 where the value is debt, else 0.</summary>
    public sbyte DebtMask;

    /// <param name="index">Below 2^96.</param>
    public static LegFactors OfSupply(AaveVersion version, UInt128 index, ulong price, int decimals, in LegTerms terms)
    {
        // Balances.OfSupply; AccountLeg.SupplyValue.
        var factors = Of(index, version >= AaveVersion.V35 ? 0 : (UInt128)FixedPoint.HalfRay, price, decimals);
        if (terms.Counts)
        {
            factors.CollateralMask = -1;
            factors.Threshold = (ushort)terms.Threshold;
        }

        return factors;
    }

    /// <param name="index">Below 2^96.</param>
    public static LegFactors OfDebt(AaveVersion version, UInt128 index, ulong price, int decimals)
    {
        // Balances.OfDebt; AccountLeg.DebtValue.
        var isUp = version >= AaveVersion.V35;
        var factors = Of(index, isUp ? (UInt128)FixedPoint.Ray - 1 : (UInt128)FixedPoint.HalfRay, price, decimals);
        factors.UnitRound = isUp ? (ulong)UInt256.Pow10(decimals) - 1 : 0;
        factors.DebtMask = -1;
        return factors;
    }

    private static LegFactors Of(UInt128 index, UInt128 indexRound, ulong price, int decimals) => new()
    {
        Unit = WordDivisor.OfPowerOfTen(decimals),
        IndexHigh = (uint)(index >> 64),
        IndexLow = (ulong)index,
        IndexRoundHigh = (uint)(indexRound >> 64),
        IndexRoundLow = (ulong)indexRound,
        Price = price,
    };
}
