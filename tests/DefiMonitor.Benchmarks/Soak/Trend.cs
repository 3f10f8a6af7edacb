namespace DefiMonitor.Benchmarks.Soak;

/// <summary>A straight line through points by least squares.</summary>
/// <param name="Slope">Per unit of x.</param>
/// <param name="Error">Standard error of the slope, as if the deviations were independent; not a number below three points.</param>
internal readonly record struct Trend(double Slope, double Error)
{
    public static Trend Of(IReadOnlyList<(double X, double Y)> points)
    {
        var n = points.Count;
        var (x, y) = (points.Average(static p => p.X), points.Average(static p => p.Y));
        var spread = points.Sum(p => (p.X - x) * (p.X - x));
        var slope = points.Sum(p => (p.X - x) * (p.Y - y)) / spread;
        var left = points.Sum(p => Math.Pow(p.Y - y - (slope * (p.X - x)), 2));
        return new Trend(slope, Math.Sqrt(left / (n - 2) / spread));
    }

    /// <summary>Whether it grows by more than <paramref name="bound"/> per unit of x, as far as two standard errors tell.</summary>
    public string Against(double bound) =>
        double.IsNaN(Error) ? "undecided"
        : Slope + (2 * Error) <= bound ? "flat"
        : Slope - (2 * Error) > bound ? "grows"
        : "undecided";
}
