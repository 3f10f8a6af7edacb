namespace DefiMonitor.Core.Risk.Options;

/// <summary>Why a number is not there. A refusal is a value: nothing in this room throws on market data or returns NaN.</summary>
public enum Refusal
{
    None = 0,

    /// <summary>An input is NaN or infinite.</summary>
    NotFinite,

    NegativeForward,

    NegativeStrike,

    NegativeVolatility,

    /// <summary>The discount factor is zero or below.</summary>
    DiscountNotPositive,

    /// <summary>A batch lane whose sign is neither +1 nor -1.</summary>
    NoSide,

    /// <summary>A volatility slice is below 0 at this strike.</summary>
    NegativeVariance,

    /// <summary>Inputs are fine one by one, the result is beyond the range of a double.</summary>
    OutOfRange,

    /// <summary>Implied volatility of an option that has expired.</summary>
    Expired,

    /// <summary>Implied volatility where forward or strike is 0: the price does not depend on volatility.</summary>
    NoVolatilityDependence,

    /// <summary>A price at or above what no volatility reaches: discounted forward (call) or strike (put).</summary>
    PriceAboveMaximum,
}
