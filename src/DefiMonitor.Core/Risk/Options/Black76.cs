namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// European options on a forward: F. Black (1976), "The pricing of commodity contracts", Journal of Financial Economics 3.
/// V = D w (F N(w d1) - K N(w d2)). The out-of-the-money side is priced, the other follows by parity.
/// </summary>
/// <remarks>
/// Units everywhere in this room: forward, strike and value in the quote unit; volatility per square root of a year (0.6 = 60 %); time in years of 365 days;
/// the discount factor is a plain number above 0.
/// </remarks>
public static class Black76
{
    /// <summary>From here on the distribution is 1 to a double: a call is worth its forward, a put its strike (the limit Derive's contracts use too).</summary>
    public const double SaturationDeviation = 24;

    private const double PinBand = 1e-4;

    /// <summary>
    /// Value per unit of the underlying. Expired (<paramref name="years"/> at most 0) or zero volatility is the discounted payoff, K = 0 makes a call the forward,
    /// F = 0 a put the strike; negative or non-finite inputs are refused.
    /// </summary>
    public static Outcome<OptionPrice> Price(OptionSide side, double forward, double strike, double volatility, double years, double discount = 1)
    {
        var refusal = Check(forward, strike, volatility, years, discount);
        if (refusal != Refusal.None)
        {
            return Outcome<OptionPrice>.Refused(refusal);
        }

        var deviation = Deviation(volatility, years);
        var value = discount * Undiscounted(side, forward, strike, deviation);
        return double.IsFinite(value)
            ? Outcome<OptionPrice>.Known(new OptionPrice(value, IsPinned(forward, strike, deviation)))
            : Outcome<OptionPrice>.Refused(Refusal.OutOfRange);
    }

    /// <summary>The undiscounted value for checked inputs; <paramref name="deviation"/> is vol sqrt(T).</summary>
    internal static double Undiscounted(OptionSide side, double forward, double strike, double deviation)
    {
        var payoff = Math.Max(0, (int)side * (forward - strike));
        if (deviation <= 0 || forward == 0 || strike == 0)
        {
            return payoff;
        }

        if (deviation >= SaturationDeviation)
        {
            return side == OptionSide.Call ? forward : strike;
        }

        var x = -Math.Abs(NormalisedBlack.LogMoneyness(forward, strike));
        var outside = Math.Sqrt(forward) * Math.Sqrt(strike) * NormalisedBlack.Price(x, deviation);
        outside = Math.Clamp(outside, 0, Math.Min(forward, strike));
        return Math.Min(payoff + outside, side == OptionSide.Call ? forward : strike);
    }

    internal static double Deviation(double volatility, double years) => years <= 0 ? 0 : volatility * Math.Sqrt(years);

    internal static bool IsPinned(double forward, double strike, double deviation) =>
        deviation <= 0 && strike > 0 && Math.Abs((forward / strike) - 1) < PinBand;

    internal static Refusal Check(double forward, double strike, double volatility, double years, double discount)
    {
        if (!(double.IsFinite(forward) && double.IsFinite(strike) && double.IsFinite(volatility) && double.IsFinite(years) && double.IsFinite(discount)))
        {
            return Refusal.NotFinite;
        }

        return forward < 0 ? Refusal.NegativeForward
            : strike < 0 ? Refusal.NegativeStrike
            : volatility < 0 ? Refusal.NegativeVolatility
            : discount <= 0 ? Refusal.DiscountNotPositive
            : Refusal.None;
    }
}
