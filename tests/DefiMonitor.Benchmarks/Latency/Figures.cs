namespace DefiMonitor.Benchmarks.Latency;

internal static class Figures
{
    /// <param name="share">0.5 = the median.</param>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }
}
