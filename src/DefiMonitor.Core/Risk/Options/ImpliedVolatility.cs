namespace DefiMonitor.Core.Risk.Options;

/// <param name="Volatility">Per square root of a year.</param>
/// <param name="Uncertainty">What the rounding of the price and half-known ticks leave open, in the same unit: (1e-16 max(F, K) D + tick) / vega.</param>
/// <param name="Usable">False where <paramref name="Uncertainty"/> is above one vol point (0.01), or the price holds no time value.</param>
/// <param name="NoTimeValue">The price is at or below its payoff: volatility 0 is all it says.</param>
public readonly record struct ImpliedVolatilityResult(double Volatility, double Uncertainty, bool Usable, bool NoTimeValue);

/// <summary>
/// The volatility at which Black (1976) gives a price. The out-of-the-money price is inverted in its logarithm, near the upper limit in the logarithm of the
/// distance to it (the choice of objective follows P. Jaeckel 2015, "Let's be rational"); Newton steps inside a bracket that halves when a step leaves it.
/// </summary>
public static class ImpliedVolatility
{
    private const double LowestDeviation = 1e-9;
    private const double HighestDeviation = 60;
    private const double OneVolPoint = 0.01;
    private const int MostSteps = 200;

    /// <param name="years">Years of 365 days, above 0.</param>
    /// <param name="price">Discounted, in the quote unit.</param>
    /// <param name="tick">Smallest price step of the venue, quote unit; enters the uncertainty only.</param>
    public static Outcome<ImpliedVolatilityResult> Of(
        OptionSide side, double forward, double strike, double years, double price, double discount = 1, double tick = 0)
    {
        var refusal = Feasible(side, forward, strike, years, price, discount, tick);
        if (refusal != Refusal.None)
        {
            return Outcome<ImpliedVolatilityResult>.Refused(refusal);
        }

        var payoff = Math.Max(0, (int)side * (forward - strike));
        var scale = Math.Sqrt(forward) * Math.Sqrt(strike);
        var beta = ((price / discount) - payoff) / scale;
        if (beta <= 0)
        {
            return Outcome<ImpliedVolatilityResult>.Known(new ImpliedVolatilityResult(0, double.PositiveInfinity, Usable: false, NoTimeValue: true));
        }

        var x = -Math.Abs(NormalisedBlack.LogMoneyness(forward, strike));
        var limit = Math.Exp(x / 2);
        if (beta >= limit)
        {
            return Outcome<ImpliedVolatilityResult>.Refused(Refusal.PriceAboveMaximum);
        }

        var deviation = beta > limit / 2 ? FromAbove(x, limit, Math.Log(limit - beta)) : FromBelow(x, Math.Log(beta));
        var root = Math.Sqrt(years);
        var slope = Math.Exp(NormalisedBlack.LogKernel(x / deviation, deviation / 2)) * scale * discount * root;
        var uncertainty = ((1e-16 * Math.Max(forward, strike) * discount) + tick) / slope;
        return Outcome<ImpliedVolatilityResult>.Known(new ImpliedVolatilityResult(deviation / root, uncertainty, uncertainty <= OneVolPoint, NoTimeValue: false));
    }

    private static Refusal Feasible(OptionSide side, double forward, double strike, double years, double price, double discount, double tick)
    {
        var refusal = Black76.Check(forward, strike, 0, years, discount);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        return !(double.IsFinite(price) && double.IsFinite(tick)) ? Refusal.NotFinite
            : years <= 0 ? Refusal.Expired
            : forward == 0 || strike == 0 ? Refusal.NoVolatilityDependence
            : price / discount >= (side == OptionSide.Call ? forward : strike) ? Refusal.PriceAboveMaximum
            : Refusal.None;
    }

    // q(y) = ln(-ln b), y = ln s, is almost straight in the wings: b ~ exp(-x^2 / (2 s^2)).
    private static double FromBelow(double x, double target)
    {
        var goal = Math.Log(-target);
        var (low, high) = (LowestDeviation, HighestDeviation);
        var s = Math.Clamp(Math.Max(Math.Abs(x) / Math.Sqrt(-2 * target), Math.Sqrt(-2 * x)), 1e-3, 8);
        for (var i = 0; i < MostSteps; i++)
        {
            var log = NormalisedBlack.LogPrice(x, s);
            if (log < target)
            {
                low = s;
            }
            else
            {
                high = s;
            }

            // A log of 0 or above is rounding at the very top of the range; the bracket step deals with it.
            var step = double.NaN;
            if (log < 0 && double.IsFinite(log))
            {
                var slope = s * Math.Exp(NormalisedBlack.LogKernel(x / s, s / 2) - log) / log;
                step = (goal - Math.Log(-log)) / slope;
            }

            if (Settle(ref s, s * Math.Exp(step), low, high))
            {
                break;
            }
        }

        return s;
    }

    // ln(e^(x/2) - b) falls like -s^2 / 8: Newton in s.
    private static double FromAbove(double x, double limit, double target)
    {
        var (low, high) = (LowestDeviation, HighestDeviation);
        var s = Math.Clamp(Math.Sqrt(Math.Max(1, 8 * (Math.Log(limit) - target))), 0.5, 30);
        for (var i = 0; i < MostSteps; i++)
        {
            var rest = NormalisedBlack.Complement(x, s);
            var log = Math.Log(rest);
            if (log > target)
            {
                low = s;
            }
            else
            {
                high = s;
            }

            var slope = -Math.Exp(NormalisedBlack.LogKernel(x / s, s / 2)) / rest;
            if (Settle(ref s, s + ((target - log) / slope), low, high))
            {
                break;
            }
        }

        return s;
    }

    // Takes the proposed step where it stays inside the bracket, else the geometric middle. True when nothing moves any more.
    private static bool Settle(ref double s, double proposed, double low, double high)
    {
        var next = proposed > low && proposed < high ? proposed : proposed == low || proposed == high ? s : Math.Sqrt(low) * Math.Sqrt(high);
        var moved = Math.Abs(next - s);
        s = next;
        return moved <= 4e-16 * next || high - low <= 4e-16 * high;
    }
}
