namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// Closed-form Greeks to second order of Black, Scholes and Merton (1973) and of Black (1976); formulas as tabled by E. G. Haug (2007),
/// "The Complete Guide to Option Pricing Formulas", chapter 2, signs of theta and charm as time passes.
/// </summary>
public static class Sensitivities
{
    /// <summary>
    /// Spot Greeks. Without time or volatility, or with spot or strike 0, delta is that of the payoff (half at the money), theta that of its discounting, and every curvature 0.
    /// </summary>
    public static Outcome<OptionGreeks> OfSpot(
        OptionSide side, double spot, double strike, double volatility, double years, double rate, double carry = 0)
    {
        var refusal = double.IsFinite(rate) && double.IsFinite(carry) ? Black76.Check(spot, strike, volatility, years, 1) : Refusal.NotFinite;
        if (refusal != Refusal.None)
        {
            return Outcome<OptionGreeks>.Refused(refusal);
        }

        var left = Math.Max(0, years);
        var deviation = Black76.Deviation(volatility, years);
        var w = (int)side;
        var eq = Math.Exp(-carry * left);
        var er = Math.Exp(-rate * left);
        var forward = spot * Math.Exp((rate - carry) * left);
        if (deviation <= 0 || spot == 0 || strike == 0)
        {
            return OfPayoff(w, spot * eq, strike * er, eq, er, forward, strike, left, rate, carry);
        }

        var d1 = (NormalisedBlack.LogMoneyness(forward, strike) / deviation) + (deviation / 2);
        var d2 = d1 - deviation;
        var density = eq * Normal.Density(d1);
        var first = eq * Normal.Cdf(w * d1);
        var second = er * Normal.Cdf(w * d2);
        var root = Math.Sqrt(left);
        var vega = spot * density * root;
        var drift = ((rate - carry) / deviation) - (d2 / (2 * left));
        var greeks = new OptionGreeks(
            Delta: w * first,
            Gamma: density / (spot * deviation),
            Vega: vega,
            Theta: (-spot * density * volatility / (2 * root)) - (w * rate * strike * second) + (w * carry * spot * first),
            Rho: w * strike * left * second,
            CarryRho: -w * spot * left * first,
            Vanna: -density * d2 / volatility,
            Volga: vega * d1 * d2 / volatility,
            Charm: (w * carry * first) - (density * drift),
            DualDelta: -w * second,
            DualGamma: er * Normal.Density(d2) / (strike * deviation));
        return IsFinite(greeks) ? Outcome<OptionGreeks>.Known(greeks) : Outcome<OptionGreeks>.Refused(Refusal.OutOfRange);
    }

    /// <summary>Forward Greeks; edges as in <see cref="OfSpot"/>.</summary>
    public static Outcome<ForwardGreeks> OfForward(
        OptionSide side, double forward, double strike, double volatility, double years, double discount = 1)
    {
        var refusal = Black76.Check(forward, strike, volatility, years, discount);
        if (refusal != Refusal.None)
        {
            return Outcome<ForwardGreeks>.Refused(refusal);
        }

        var spot = OfSpot(side, forward, strike, volatility, years, 0);
        return spot.TryGet(out var g)
            ? Outcome<ForwardGreeks>.Known(new ForwardGreeks(
                discount * g.Delta, discount * g.Gamma, discount * g.Vega, discount * g.Theta, discount * g.Vanna, discount * g.Volga, discount * g.Charm))
            : Outcome<ForwardGreeks>.Refused(spot.Refusal);
    }

    private static Outcome<OptionGreeks> OfPayoff(
        int w, double spotNow, double strikeNow, double eq, double er, double forward, double strike, double years, double rate, double carry)
    {
        var inside = w * (forward - strike);
        var share = inside > 0 ? 1.0 : inside < 0 ? 0.0 : 0.5;
        var theta = years > 0 ? w * share * ((carry * spotNow) - (rate * strikeNow)) : 0;
        var greeks = new OptionGreeks(
            w * share * eq, 0, 0, theta, w * share * strikeNow * years, -w * share * spotNow * years, 0, 0, w * share * carry * eq, -w * share * er, 0);
        return IsFinite(greeks) ? Outcome<OptionGreeks>.Known(greeks) : Outcome<OptionGreeks>.Refused(Refusal.OutOfRange);
    }

    private static bool IsFinite(in OptionGreeks g) =>
        double.IsFinite(g.Delta + g.Gamma + g.Vega + g.Theta + g.Rho + g.CarryRho + g.Vanna + g.Volga + g.Charm + g.DualDelta + g.DualGamma);
}
