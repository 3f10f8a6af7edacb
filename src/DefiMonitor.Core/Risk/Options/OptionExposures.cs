using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Risk.Options;

/// <summary>What an account's options in one underlying and expiry move by together, in the account's unit. Longs count positive, shorts negative. An estimate.</summary>
/// <param name="Expiry">Seconds.</param>
/// <param name="Delta">In units of the underlying.</param>
/// <param name="Gamma">Change of delta by one unit of price.</param>
/// <param name="VegaPoint">Change of value by one volatility point.</param>
/// <param name="ThetaDay">Change of value by one day.</param>
/// <param name="Unpriced">Symbols of legs that could not be priced (no volatility, a price of 0): the figures are without them.</param>
public sealed record GreekBucket(
    Address Underlying, ulong Expiry, double Delta, double Gamma, double VegaPoint, double ThetaDay, IReadOnlyList<string> Unpriced)
{
    /// <summary>Always Model.</summary>
    public ResultTag Tag => ResultTag.Model;
}

/// <summary>What some options move by, in the account's unit; see <see cref="GreekBucket"/>. An estimate.</summary>
public readonly record struct LegGreeks(double Delta, double Gamma, double VegaPoint, double ThetaDay)
{
    public static LegGreeks operator +(LegGreeks a, LegGreeks b) => new(a.Delta + b.Delta, a.Gamma + b.Gamma, a.VegaPoint + b.VegaPoint, a.ThetaDay + b.ThetaDay);
}

/// <summary>Net Greeks of an account's option legs by Black-Scholes-Merton, at the volatility and rate that the venue trades each of them at.</summary>
public static class OptionExposures
{
    private const double SecondsPerYear = 31_536_000;

    private const double DaysPerYear = 365;

    private const double Points = 100;

    private const double Wad = 1e18;

    /// <summary>One entry an underlying and expiry, the nearest expiry first; empty without live options.</summary>
    public static IReadOnlyList<GreekBucket> Of(MarginReport report) =>
    [
        .. report.Positions
            .Where(leg => leg.Option is { } option && option.Expiry > report.At.Seconds)
            .GroupBy(static leg => (leg.Asset, leg.Option!.Expiry))
            .OrderBy(static group => group.Key.Expiry)
            .Select(group => Net(group.Key.Asset, group.Key.Expiry, group, report.At.Seconds)),
    ];

    /// <summary>One leg's, all of it, shorts with the sign of who wrote it; zeros from the expiry on. Null where it can't be priced: no volatility, a price of 0.</summary>
    public static LegGreeks? Of(Position leg, ulong at)
    {
        var option = leg.Option!;
        if (option.Expiry <= at)
        {
            return new LegGreeks(0, 0, 0, 0);
        }

        var years = (option.Expiry - at) / SecondsPerYear;
        var side = option.Kind == OptionKind.Call ? OptionSide.Call : OptionSide.Put;
        var amount = Scaled(leg.Amount, leg.Decimals) * (leg.Side == PositionSide.Debt ? -1 : 1);
        if (option.Forward is { } forward)
        {
            return OfForward(option, forward, side, years) is { } alone ? new LegGreeks(amount * alone.Delta, amount * alone.Gamma, amount * alone.VegaPoint, amount * alone.ThetaDay) : null;
        }

        if (option.Volatility.IsZero || !Sensitivities.OfSpot(side, Scaled(option.Spot, option.Decimals), Scaled(option.Strike, option.Decimals), Scaled(option.Volatility, 18), years, (double)option.Rate / Wad).TryGet(out var one))
        {
            return null;
        }

        return new LegGreeks(amount * one.Delta, amount * one.Gamma, amount * one.Vega / Points, amount * one.Theta / DaysPerYear);
    }

    // By the spot, with which the part of the forward that is not fixed moves in proportion; as time passes the forward stays and the discount goes.
    private static LegGreeks? OfForward(OptionTerms option, ForwardTerms forward, OptionSide side, double years)
    {
        var (spot, price, strike, volatility, rate) = (Scaled(option.Spot, option.Decimals), Scaled(forward.Fixed + forward.Variable, option.Decimals), Scaled(option.Strike, option.Decimals), Scaled(option.Volatility, 18), (double)option.Rate / Wad);
        var discount = Math.Exp(-rate * years);
        if (spot == 0 || volatility == 0 || !Sensitivities.OfForward(side, price, strike, volatility, years, discount).TryGet(out var one) || !Black76.Price(side, price, strike, volatility, years, discount).TryGet(out var worth))
        {
            return null;
        }

        var moving = Scaled(forward.Variable, option.Decimals) / spot;
        return new LegGreeks(one.Delta * moving, one.Gamma * moving * moving, one.Vega / Points, (one.Theta + (rate * worth.Value)) / DaysPerYear);
    }

    private static GreekBucket Net(in Address underlying, ulong expiry, IEnumerable<Position> legs, ulong at)
    {
        var net = new LegGreeks(0, 0, 0, 0);
        var unpriced = new List<string>();
        foreach (var leg in legs)
        {
            if (Of(leg, at) is { } greeks)
            {
                net += greeks;
            }
            else
            {
                unpriced.Add(leg.Symbol);
            }
        }

        return new GreekBucket(underlying, expiry, net.Delta, net.Gamma, net.VegaPoint, net.ThetaDay, unpriced);
    }

    private static double Scaled(in UInt256 value, int decimals) => value.ToDouble() / Math.Pow(10, decimals);
}
