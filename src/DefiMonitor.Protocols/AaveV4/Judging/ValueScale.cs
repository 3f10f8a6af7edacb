using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Reports count in US dollars with as many decimals as the oracle's prices have, so that a price is the oracle's own integer; the contract counts in 10^26.</summary>
internal static class ValueScale
{
    public const int Decimals = 8;

    private static readonly UInt256 More = UInt256.Pow10(18);

    /// <summary>What is owned, rounded down.</summary>
    public static UInt256 Down(in UInt256 value) => value / More;

    /// <summary>What is owed, rounded up.</summary>
    public static UInt256 Up(in UInt256 value) => RayMath.DivUp(value, More);
}
