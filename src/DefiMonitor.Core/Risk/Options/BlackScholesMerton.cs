namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// European options on a spot with a carry yield: F. Black and M. Scholes (1973), R. C. Merton (1973): Black (1976) at F = S e^((r-q)T), D = e^(-rT).
/// </summary>
public static class BlackScholesMerton
{
    /// <summary>
    /// Value in the quote unit per unit of the underlying. <paramref name="rate"/> and <paramref name="carry"/> are continuously compounded per year of 365 days;
    /// volatility per square root of a year; edge rules as in <see cref="Black76.Price"/>.
    /// </summary>
    public static Outcome<OptionPrice> Price(
        OptionSide side, double spot, double strike, double volatility, double years, double rate, double carry = 0)
    {
        if (!(double.IsFinite(rate) && double.IsFinite(carry)))
        {
            return Outcome<OptionPrice>.Refused(Refusal.NotFinite);
        }

        var left = Math.Max(0, years);
        var discount = Math.Exp(-rate * left);
        var forward = spot * Math.Exp((rate - carry) * left);
        return double.IsFinite(spot) && double.IsFinite(years) && !(double.IsFinite(forward) && double.IsFinite(discount) && discount > 0)
            ? Outcome<OptionPrice>.Refused(Refusal.OutOfRange)
            : Black76.Price(side, forward, strike, volatility, years, discount);
    }
}
