using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DefiMonitor.App.Api;

/// <summary>
/// Collects the program's own instruments and writes them in the Prometheus text format 0.0.4. Instruments carry their Prometheus names;
/// counters and histograms are summed here, gauges are asked for at each scrape.
/// </summary>
public sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>More series than this of one instrument are a bug of the instrument; the rest is dropped and counted.</summary>
    public const int MaxSeries = 10_000;

    private static readonly double[] SecondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] CountBuckets = [1, 2, 3, 5, 10, 20, 50, 100, 1000];

    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Family> families = new(StringComparer.Ordinal);
    private readonly string prefix;
    private long dropped;

    /// <param name="prefix">Of the meters' names that are listened to.</param>
    public PrometheusExporter(string prefix)
    {
        this.prefix = prefix;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name.StartsWith(this.prefix, StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
    }

    public string Scrape()
    {
        lock (gate)
        {
            // A gauge that is not reported any more must not keep its last value.
            foreach (var family in families.Values.Where(f => f.Kind == "gauge"))
            {
                family.Series.Clear();
            }
        }

        listener.RecordObservableInstruments();
        var text = new StringBuilder(8192);
        lock (gate)
        {
            foreach (var family in families.Values)
            {
                family.Write(text);
            }

            if (dropped > 0)
            {
                text.Append("# TYPE defimonitor_dropped_series_total counter\ndefimonitor_dropped_series_total ").Append(dropped).Append('\n');
            }
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private static string KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return generic == typeof(Histogram<>) ? "histogram"
            : generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>) ? "counter"
            : "gauge";
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(key).Append("=\"");
            foreach (var c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            }

            text.Append('"');
        }

        return text.ToString();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelsOf(tags);
        lock (gate)
        {
            if (!families.TryGetValue(instrument.Name, out var family))
            {
                var buckets = instrument.Unit == "s" ? SecondBuckets : CountBuckets;
                family = new Family(instrument.Name, KindOf(instrument), instrument.Description, buckets, instrument.GetType().Name.StartsWith("Observable", StringComparison.Ordinal));
                families.Add(instrument.Name, family);
            }

            if (!family.Series.TryGetValue(labels, out var series))
            {
                if (family.Series.Count >= MaxSeries)
                {
                    dropped++;
                    return;
                }

                series = new Series(family.Kind == "histogram" ? new long[family.Buckets.Length] : null);
                family.Series.Add(labels, series);
            }

            family.Record(series, value);
        }
    }

    private sealed class Series(long[]? buckets)
    {
        public double Value { get; set; }

        public long Count { get; set; }

        public long[]? Buckets { get; } = buckets;
    }

    private sealed class Family(string name, string kind, string? help, double[] buckets, bool observed)
    {
        public string Kind => kind;

        public double[] Buckets => buckets;

        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

        public void Record(Series series, double value)
        {
            if (series.Buckets is { } counts)
            {
                series.Count++;
                series.Value += value;
                for (var i = 0; i < counts.Length; i++)
                {
                    counts[i] += value <= buckets[i] ? 1 : 0;
                }
            }
            else
            {
                series.Value = kind == "counter" && !observed ? series.Value + value : value;
            }
        }

        public void Write(StringBuilder text)
        {
            if (Series.Count == 0)
            {
                return;
            }

            if (!string.IsNullOrEmpty(help))
            {
                text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            }

            text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
            foreach (var (labels, series) in Series)
            {
                if (series.Buckets is { } counts)
                {
                    for (var i = 0; i < counts.Length; i++)
                    {
                        Line(text, "_bucket", Join(labels, $"le=\"{Number(buckets[i])}\""), counts[i]);
                    }

                    Line(text, "_bucket", Join(labels, "le=\"+Inf\""), series.Count);
                    Line(text, "_sum", labels, series.Value);
                    Line(text, "_count", labels, series.Count);
                }
                else
                {
                    Line(text, "", labels, series.Value);
                }
            }
        }

        private static string Join(string labels, string more) => labels.Length == 0 ? more : $"{labels},{more}";

        private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
            : double.IsNegativeInfinity(value) ? "-Inf"
            : double.IsNaN(value) ? "NaN"
            : value.ToString("R", CultureInfo.InvariantCulture);

        private void Line(StringBuilder text, string suffix, string labels, double value)
        {
            text.Append(name).Append(suffix);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }

            text.Append(' ').Append(Number(value)).Append('\n');
        }
    }
}
