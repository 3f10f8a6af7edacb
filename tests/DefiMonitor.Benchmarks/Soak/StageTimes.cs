using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Benchmarks.Soak;

/// <summary>Every time that the monitor's own histograms were given since the last line, so that its quantiles are exact.</summary>
internal sealed class StageTimes : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, List<double>> times = new(StringComparer.Ordinal);

    public StageTimes()
    {
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Meter.Name == MonitorMetrics.MeterName && instrument is Histogram<double>)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument.Name, value, tags));
        listener.Start();
    }

    /// <summary><c>name_ms=p50/p99/max</c> of everything since the last call, which is forgotten.</summary>
    public string Take()
    {
        var text = new StringBuilder();
        lock (gate)
        {
            foreach (var (name, values) in times)
            {
                values.Sort();
                text.Append(CultureInfo.InvariantCulture, $" {name}_ms={At(values, 50):F1}/{At(values, 99):F1}/{values[^1]:F1}");
            }

            times.Clear();
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private static double At(List<double> sorted, int percent) => sorted[(sorted.Count - 1) * percent / 100];

    private void Take(string name, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var stage = "";
        foreach (var (key, value) in tags)
        {
            stage = key == "stage" ? (string)value! : stage;
        }

        var shown = name switch
        {
            "defimonitor_head_to_decision_seconds" => "head",
            "defimonitor_block_stage_seconds" => stage,
            "defimonitor_block_node_seconds" => stage + "_node",
            "defimonitor_decision_to_delivered_seconds" => "delivered",
            "defimonitor_finalized_commit_seconds" => "finalized",
            _ => null,
        };
        if (shown is not null)
        {
            lock (gate)
            {
                if (!times.TryGetValue(shown, out var list))
                {
                    times[shown] = list = [];
                }

                list.Add(1000 * seconds);
            }
        }
    }
}
