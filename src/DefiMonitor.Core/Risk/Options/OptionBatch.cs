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
    private const int Block = 64;

    /// <summary>
    /// Prices option i into <paramref name="values"/>[i], discounted, quote unit. Spans are parallel and of one length, the outputs apart from the inputs; units as in <see cref="Black76.Price"/>.
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
            Span<double> distances = stackalloc double[Block];
            Span<double> deviations = stackalloc double[Block];
            while (i <= count - Lanes)
            {
                var length = Math.Min(Block, (count - i) / Lanes * Lanes);
                var f = forwards.Slice(i, length);
                var k = strikes.Slice(i, length);
                var w = signs.Slice(i, length);
                var d = discounts.Slice(i, length);
                var odd = Prepare(w, f, k, volatilities.Slice(i, length), years.Slice(i, length), d, distances, deviations);
                Finish(w, f, k, d, distances, deviations, values.Slice(i, length));
                if (odd)
                {
                    refused += Odd(signs, forwards, strikes, volatilities, years, discounts, values, refusals, i, i + length);
                }

                i += length;
            }
        }

        return refused + Scalar(signs, forwards, strikes, volatilities, years, discounts, values, refusals, i, count);
    }

    // Two passes over a block: each has half as long a chain of operations that wait for one another, so that more options are under way at once.
    private static bool Prepare(
        ReadOnlySpan<double> signs,
        ReadOnlySpan<double> forwards,
        ReadOnlySpan<double> strikes,
        ReadOnlySpan<double> volatilities,
        ReadOnlySpan<double> years,
        ReadOnlySpan<double> discounts,
        Span<double> distances,
        Span<double> deviations)
    {
        var ordinary = Vector256<long>.AllBitsSet;
        for (var i = 0; i < forwards.Length; i += Lanes)
        {
            var f = At(forwards, i);
            var k = At(strikes, i);
            var s = At(volatilities, i) * Vector256.Sqrt(At(years, i));
            ordinary &= Ordinary(At(signs, i), f, k, s, At(discounts, i));
            (-Vector256.Abs(MillsKernel.LogRatio(f, k)) / s).StoreUnsafe(ref MemoryMarshal.GetReference(distances), (nuint)i);
            s.StoreUnsafe(ref MemoryMarshal.GetReference(deviations), (nuint)i);
        }

        return !Vector256.EqualsAll(ordinary, Vector256<long>.AllBitsSet);
    }

    private static void Finish(
        ReadOnlySpan<double> signs,
        ReadOnlySpan<double> forwards,
        ReadOnlySpan<double> strikes,
        ReadOnlySpan<double> discounts,
        ReadOnlySpan<double> distances,
        ReadOnlySpan<double> deviations,
        Span<double> values)
    {
        for (var i = 0; i < forwards.Length; i += Lanes)
        {
            var f = At(forwards, i);
            var k = At(strikes, i);
            var w = At(signs, i);
            var outside = Vector256.MinNative(f, k) * MillsKernel.Outside(At(distances, i), At(deviations, i));
            var value = At(discounts, i) * Vector256.MinNative(
                Vector256.MaxNative(w * (f - k), Vector256<double>.Zero) + outside,
                Vector256.ConditionalSelect(Vector256.GreaterThan(w, Vector256<double>.Zero), f, k));
            value.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)i);
        }
    }

    // A block with something outside the ordinary in it: one by one where that is, what the block's passes wrote elsewhere.
    private static int Odd(
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
        for (var i = from; i < to; i += Lanes)
        {
            var fine = Ordinary(At(signs, i), At(forwards, i), At(strikes, i), At(volatilities, i) * Vector256.Sqrt(At(years, i)), At(discounts, i));
            if (!Vector256.EqualsAll(fine, Vector256<long>.AllBitsSet))
            {
                refused += Scalar(signs, forwards, strikes, volatilities, years, discounts, values, refusals, i, i + Lanes);
            }
        }

        return refused;
    }

    private static Vector256<double> At(ReadOnlySpan<double> span, int i) => Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(span), (nuint)i);

    // Every comparison is false for NaN, so a lane that is not a number leaves the fast path; a negative time makes s NaN, a negative volatility makes it negative.
    // The sum is no number where one of three is none, which the least of them may hide. The range keeps F/K and all products far from overflow.
    private static Vector256<long> Ordinary(Vector256<double> w, Vector256<double> f, Vector256<double> k, Vector256<double> s, Vector256<double> d)
    {
        var fine = Vector256.GreaterThan(Vector256.MinNative(Vector256.MinNative(f, k), d), Vector256.Create(1e-100))
            & Vector256.LessThan(f + k + d, Vector256.Create(1e100)) & Vector256.GreaterThan(s, Vector256.Create(1e-12))
            & Vector256.LessThan(s, Vector256.Create(MillsKernel.MostDeviation)) & Vector256.Equals(Vector256.Abs(w), Vector256<double>.One);
        return fine.AsInt64();
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
