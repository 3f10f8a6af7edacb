using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DefiMonitor.Core.Risk.Options;

/// <summary>One move of the market: the forward is multiplied, the volatility multiplied, strikes keep theirs (sticky strike).</summary>
/// <param name="ForwardFactor">1.1 = up 10 %; above 0.</param>
/// <param name="VolatilityFactor">1.3 = volatility up 30 %; above 0.</param>
public readonly record struct OptionScenario(double ForwardFactor, double VolatilityFactor);

/// <summary>
/// A book of options on one underlying, revalued in full under many scenarios. What does not depend on the scenario is worked out once: ln(F/K) and 1/s of each option,
/// ln of each shock. Options outside the ordinary are priced one by one.
/// </summary>
public sealed class ScenarioBook
{
    private const int Lanes = 4;

    private static readonly OptionHolding Nothing = new(OptionSide.Call, 0, 1, 1, 1e-3, 1);

    // Padded to whole vectors with quantity 0.
    private readonly double[] signs;
    private readonly double[] forwards;
    private readonly double[] strikes;
    private readonly double[] deviations;
    private readonly double[] moneyness;
    private readonly double[] inverses;
    private readonly double[] weights;
    private readonly double mostDeviation;
    private readonly List<OptionHolding> odd = [];

    private ScenarioBook(IReadOnlyCollection<OptionHolding> holdings, bool vectorised)
    {
        var regular = new List<OptionHolding>(holdings.Count);
        foreach (var holding in holdings)
        {
            (vectorised && holding.IsOrdinary ? regular : odd).Add(holding);
        }

        mostDeviation = regular.Count == 0 ? 0 : regular.Max(static h => h.Deviation);
        var padded = (regular.Count + Lanes - 1) / Lanes * Lanes;
        (signs, forwards, strikes, deviations) = (new double[padded], new double[padded], new double[padded], new double[padded]);
        (moneyness, inverses, weights) = (new double[padded], new double[padded], new double[padded]);
        for (var i = 0; i < padded; i++)
        {
            var holding = i < regular.Count ? regular[i] : Nothing;
            signs[i] = (int)holding.Side;
            forwards[i] = holding.Forward;
            strikes[i] = holding.Strike;
            deviations[i] = holding.Deviation;
            inverses[i] = 1 / holding.Deviation;
            moneyness[i] = NormalisedBlack.LogMoneyness(holding.Forward, holding.Strike);
            weights[i] = holding.Quantity * holding.Discount;
        }
    }

    /// <summary>Refused with the reason of the first holding that cannot be priced: a book with a hole has no value.</summary>
    public static (ScenarioBook? Book, Refusal Refusal) Of(IReadOnlyCollection<OptionHolding> holdings) => Of(holdings, Vector256.IsHardwareAccelerated);

    internal static (ScenarioBook? Book, Refusal Refusal) Of(IReadOnlyCollection<OptionHolding> holdings, bool vectorised)
    {
        foreach (var holding in holdings)
        {
            var refusal = !double.IsFinite(holding.Quantity)
                ? Refusal.NotFinite
                : Black76.Check(holding.Forward, holding.Strike, holding.Volatility, holding.Years, holding.Discount);
            if (refusal != Refusal.None)
            {
                return (null, refusal);
            }
        }

        return (new ScenarioBook(holdings, vectorised), Refusal.None);
    }

    /// <summary>The book's value under a scenario, quote unit. Refused where a factor is not a finite number above 0 or the value leaves a double.</summary>
    public Outcome<double> Value(OptionScenario scenario)
    {
        var (move, volatility) = (scenario.ForwardFactor, scenario.VolatilityFactor);
        if (!(double.IsFinite(move) && double.IsFinite(volatility)))
        {
            return Outcome<double>.Refused(Refusal.NotFinite);
        }

        if (move <= 0 || volatility <= 0)
        {
            return Outcome<double>.Refused(move <= 0 ? Refusal.NegativeForward : Refusal.NegativeVolatility);
        }

        var tame = move is > 1e-50 and < 1e50 && volatility > 1e-3 && mostDeviation * volatility < MillsKernel.MostDeviation;
        var sum = tame ? Regular(move, volatility) : RegularOneByOne(move, volatility);
        foreach (var holding in odd)
        {
            sum += holding.Quantity * holding.Discount
                * Black76.Undiscounted(holding.Side, holding.Forward * move, holding.Strike, holding.Deviation * volatility);
        }

        return double.IsFinite(sum) ? Outcome<double>.Known(sum) : Outcome<double>.Refused(Refusal.OutOfRange);
    }

    private double Regular(double move, double volatility)
    {
        var shift = Vector256.Create(Math.Log(move));
        var factor = Vector256.Create(move);
        var vols = Vector256.Create(volatility);
        var inverseVols = Vector256.Create(1 / volatility);
        var sum = Vector256<double>.Zero;
        for (var i = 0; i < signs.Length; i += Lanes)
        {
            var f = At(forwards, i) * factor;
            var k = At(strikes, i);
            var x = -Vector256.Abs(At(moneyness, i) + shift);
            var outside = Vector256.MinNative(f, k) * MillsKernel.Outside(x * (At(inverses, i) * inverseVols), At(deviations, i) * vols);
            var value = Vector256.MaxNative(At(signs, i) * (f - k), Vector256<double>.Zero) + outside;
            sum = Vector256.MultiplyAddEstimate(At(weights, i), value, sum);
        }

        return Vector256.Sum(sum);
    }

    private double RegularOneByOne(double move, double volatility)
    {
        var sum = 0.0;
        for (var i = 0; i < signs.Length; i++)
        {
            sum += weights[i] * Black76.Undiscounted(signs[i] > 0 ? OptionSide.Call : OptionSide.Put, forwards[i] * move, strikes[i], deviations[i] * volatility);
        }

        return sum;
    }

    private static Vector256<double> At(double[] array, int i) => Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(array), (nuint)i);
}

/// <summary>A signed number of options of one series; units as in <see cref="Black76.Price"/>.</summary>
/// <param name="Quantity">Units of the underlying, long above 0.</param>
public readonly record struct OptionHolding(
    OptionSide Side, double Quantity, double Forward, double Strike, double Volatility, double Years, double Discount = 1)
{
    internal double Deviation => Black76.Deviation(Volatility, Years);

    internal bool IsOrdinary =>
        Forward is > 1e-100 and < 1e100 && Strike is > 1e-100 and < 1e100 && Deviation is > 1e-9 and < MillsKernel.MostDeviation;
}
