namespace DefiMonitor.Core.Primitives;

/// <summary>Which way a quotient of integers goes. Never implied: the contracts differ by version and by who may lose the last unit.</summary>
public enum Rounding
{
    /// <summary>Floor; what plain Solidity division does.</summary>
    Down,

    /// <summary>Ceiling: one more whenever a remainder is left.</summary>
    Up,

    /// <summary>Floor of (numerator + floor(divisor / 2)) / divisor; what Aave's rayMul and percentMul do.</summary>
    HalfUp,
}
