using System.Numerics;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>A price of one underlying, the others unchanged, at which the maintenance margin crosses below 0 on the way from today's price.</summary>
/// <param name="Underlying">Its place in <see cref="DeriveBook.Spots"/>.</param>
/// <param name="Price">18 decimals; at it the model says that the account can be liquidated.</param>
public readonly record struct BookEdge(int Underlying, EdgeSide Side, UInt256 Price);

/// <summary>
/// Where and when the model's maintenance margin crosses below 0: all prices up and down, volatilities, time. The way from today is looked at in steps (half a percent
/// to 30 %, two percent to 2 % or 600 % of today's price) and halved between two of them, so a breach narrower than a step is not seen. Estimates all of them.
/// </summary>
public static class BookEdges
{
    private const double FineStep = 0.005;
    private const double FineReach = 0.30;
    private const double CoarseStep = 0.02;
    private const double Lowest = 0.02;
    private const double Highest = 6;
    private const double MostVolatility = 5;
    private const int TimeSteps = 64;
    private const int Ppm = 1_000_000;

    /// <summary>Nearest first on each side; none where the account is below the edge already, or the book is refused.</summary>
    public static IReadOnlyList<BookEdge> Prices(DeriveBook book)
    {
        var edges = new List<BookEdge>();
        if (IsSafe(book, BookMove.None) != true)
        {
            return edges;
        }

        for (var i = 0; i < book.Spots.Count; i++)
        {
            var underlying = i;
            foreach (var (points, side) in new[] { (Down(), EdgeSide.Falls), (Up(), EdgeSide.Rises) })
            {
                foreach (var factor in Crossings(points, factor => IsSafe(book, BookMove.None with { Underlying = underlying, SpotFactor = factor })))
                {
                    edges.Add(new BookEdge(i, side, PriceAt(book.Spots[i], factor, side)));
                }
            }
        }

        return edges;
    }

    /// <summary>By how many ppm all underlyings must fall together; null where no fall to 2 % of today's prices does, or it is below the edge already.</summary>
    public static uint? UniformFallPpm(DeriveBook book)
    {
        foreach (var factor in Crossings(Down(), factor => IsSafe(book, BookMove.None with { SpotFactor = factor })))
        {
            return (uint)Math.Ceiling((1 - factor) * Ppm);
        }

        return null;
    }

    /// <summary>By how many ppm all volatilities must rise together; null where no rise to five times does, or it is below the edge already.</summary>
    public static uint? VolatilityRisePpm(DeriveBook book)
    {
        var points = Enumerable.Range(0, 81).Select(static i => 1 + (i * (MostVolatility - 1) / 80));
        foreach (var factor in Crossings(points, factor => IsSafe(book, BookMove.None with { VolatilityFactor = factor })))
        {
            return (uint)Math.Ceiling((factor - 1) * Ppm);
        }

        return null;
    }

    /// <summary>Seconds at constant prices and volatilities, expiries included; null where the clock alone does not bring it below the edge before the last expiry has settled.</summary>
    public static ulong? SecondsToBreach(DeriveBook book)
    {
        var last = book.Expiries.Select(static lines => lines.Expiry).Where(expiry => expiry > book.At).Order().ToList();
        if (last.Count == 0)
        {
            return null;
        }

        // Each stretch between two expiries ends one second before and begins again at the expiry, where the option is its payoff.
        var points = new List<double> { 0 };
        foreach (var expiry in last)
        {
            var (from, to) = (points[^1], (double)(expiry - book.At));
            points.AddRange(Enumerable.Range(1, TimeSteps).Select(i => from + ((to - 1 - from) * i / TimeSteps)));
            points.Add(to);
        }

        foreach (var seconds in Crossings(points, seconds => IsSafe(book, BookMove.None with { Seconds = seconds })))
        {
            return (ulong)Math.Ceiling(seconds);
        }

        return null;
    }

    private static IEnumerable<double> Down() => Steps(static i => 1 - (i * FineStep), static i => 1 - FineReach - (i * CoarseStep)).TakeWhile(static f => f > Lowest - 1e-9);

    private static IEnumerable<double> Up() => Steps(static i => 1 + (i * FineStep), static i => 1 + FineReach + (i * CoarseStep)).TakeWhile(static f => f < Highest + 1e-9);

    private static IEnumerable<double> Steps(Func<int, double> fine, Func<int, double> coarse) =>
        Enumerable.Range(0, (int)Math.Round(FineReach / FineStep) + 1).Select(fine).Concat(Enumerable.Range(1, (int)(Highest / CoarseStep)).Select(coarse));

    // Each from a safe point to an unsafe one; what can't be computed is neither.
    private static IEnumerable<double> Crossings(IEnumerable<double> points, Func<double, bool?> isSafe)
    {
        double? safe = null;
        foreach (var point in points)
        {
            var now = isSafe(point);
            if (now == false && safe is { } from)
            {
                yield return Halve(isSafe, from, point);
            }

            safe = now == true ? point : null;
        }
    }

    private static double Halve(Func<double, bool?> isSafe, double safe, double unsafePoint)
    {
        for (var i = 0; i < 60; i++)
        {
            var middle = safe + ((unsafePoint - safe) / 2);
            if (isSafe(middle) == true)
            {
                safe = middle;
            }
            else
            {
                unsafePoint = middle;
            }
        }

        return unsafePoint;
    }

    private static bool? IsSafe(DeriveBook book, in BookMove move) => book.Margin(move).TryGet(out var margin) ? margin.Maintenance >= 0 : null;

    private static UInt256 PriceAt(Int128 spot, double factor, EdgeSide side)
    {
        var price = (double)spot * factor;
        return (UInt256)(BigInteger)(side == EdgeSide.Falls ? Math.Floor(price) : Math.Ceiling(price));
    }
}
