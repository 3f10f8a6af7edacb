using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// Many Black (1976) prices at once: four lanes where the hardware has them, <see cref="Black76"/> one by one elsewhere and for every lane outside the ordinary
/// (refused inputs, no volatility, zero forward or strike, vol sqrt(T) above 8). Both ways agree within <see cref="Agreement"/> of the larger of forward and strike.
/// </summary>
public static class OptionBatch
{
    /// <summary>Bound on |vector - scalar| / max(F, K) before discounting.</summary>
    public const double Agreement = 1e-14;

    private const int Lanes = 4;

    /// <summary>
    /// Prices option i into <paramref name="values"/>[i], discounted, quote unit. Spans are parallel and of one length; units as in <see cref="Black76.Price"/>.
    /// <paramref name="signs"/> holds +1 for a call and -1 for a put. A refused option gets 0 and its reason in <paramref name="refusals"/>; returns how many were refused.
    /// </summary>
    public static int Price(
        ReadOnlySpan<double> signs,
        ReadOnlySpan<double> forwards,
        ReadOnlySpan<double> strikes,
        ReadOnlySpan<double> volatilities,
        ReadOnlySpan<double> years,
        ReadOnlySpan<double> discounts,
        Span<double> values,
        Span<Refusal> refusals) =>
        Price(signs, forwards, strikes, volatilities, years, discounts, values, refusals, Vector256.IsHardwareAccelerated);

    /// <summary>As the public one, with the choice of the path in the caller's hand.</summary>
    internal static int Price(
        ReadOnlySpan<double> signs,
        ReadOnlySpan<double> forwards,
        ReadOnlySpan<double> strikes,
        ReadOnlySpan<double> volatilities,
        ReadOnlySpan<double> years,
        ReadOnlySpan<double> discounts,
        Span<double> values,
        Span<Refusal> refusals,
        bool vectorised)
    {
        var count = signs.Length;
        if (forwards.Length != count || strikes.Length != count || volatilities.Length != count || years.Length != count || discounts.Length != count
            || values.Length < count || refusals.Length < count)
        {
            throw new ArgumentException($"The spans differ in length: there are {count} signs, give every input {count} elements and the outputs at least as many.", nameof(signs));
        }

        var refused = 0;
        var i = 0;
        refusals[..count].Clear();
        if (vectorised)
        {
            for (; i <= count - Lanes; i += Lanes)
            {
                var f = At(forwards, i);
                var k = At(strikes, i);
                var d = At(discounts, i);
                var w = At(signs, i);
                var vol = At(volatilities, i);
                var t = At(years, i);
                var s = vol * Vector256.Sqrt(t);
                if (!Ordinary(w, f, k, s, d))
                {
                    refused += Scalar(signs, forwards, strikes, volatilities, years, discounts, values, refusals, i, i + Lanes);
                    continue;
                }

                var x = -Vector256.Abs(Vector256.Log(f / k));
                var outside = Vector256.MinNative(f, k) * MillsKernel.Outside(x, s);
                var value = d * Vector256.MinNative(
                    Vector256.MaxNative(w * (f - k), Vector256<double>.Zero) + outside,
                    Vector256.ConditionalSelect(Vector256.GreaterThan(w, Vector256<double>.Zero), f, k));
                value.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)i);
            }
        }

        return refused + Scalar(signs, forwards, strikes, volatilities, years, discounts, values, refusals, i, count);
    }

    private static Vector256<double> At(ReadOnlySpan<double> span, int i) => Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(span), (nuint)i);

    // Every comparison is false for NaN, so a lane that is not a number leaves the fast path; a negative time makes s NaN, a negative volatility makes it negative.
    // The range keeps F/K and all products far from overflow.
    private static bool Ordinary(Vector256<double> w, Vector256<double> f, Vector256<double> k, Vector256<double> s, Vector256<double> d)
    {
        var low = Vector256.Create(1e-100);
        var high = Vector256.Create(1e100);
        var fine = Vector256.GreaterThan(f, low) & Vector256.LessThan(f, high) & Vector256.GreaterThan(k, low) & Vector256.LessThan(k, high)
            & Vector256.GreaterThan(d, low) & Vector256.LessThan(d, high) & Vector256.GreaterThan(s, Vector256.Create(1e-12))
            & Vector256.LessThan(s, Vector256.Create(MillsKernel.MostDeviation)) & Vector256.Equals(Vector256.Abs(w), Vector256<double>.One);
        return Vector256.EqualsAll(fine.AsInt64(), Vector256<long>.AllBitsSet);
    }

    private static int Scalar(
        ReadOnlySpan<double> signs,
        ReadOnlySpan<double> forwards,
        ReadOnlySpan<double> strikes,
        ReadOnlySpan<double> volatilities,
        ReadOnlySpan<double> years,
        ReadOnlySpan<double> discounts,
        Span<double> values,
        Span<Refusal> refusals,
        int from,
        int to)
    {
        var refused = 0;
        for (var i = from; i < to; i++)
        {
            var side = signs[i] > 0 ? OptionSide.Call : OptionSide.Put;
            var price = Math.Abs(signs[i]) == 1
                ? Black76.Price(side, forwards[i], strikes[i], volatilities[i], years[i], discounts[i])
                : Outcome<OptionPrice>.Refused(Refusal.NoSide);
            values[i] = price.TryGet(out var known) ? known.Value : 0;
            refusals[i] = price.Refusal;
            refused += price.IsKnown ? 0 : 1;
        }

        return refused;
    }
}
