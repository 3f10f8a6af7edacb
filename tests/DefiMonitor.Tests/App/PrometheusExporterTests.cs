using System.Diagnostics.Metrics;
using DefiMonitor.App.Api;

namespace DefiMonitor.Tests.App;

public sealed class PrometheusExporterTests
{
    [Fact]
    public void Counters_add_up_gauges_follow_and_histograms_are_cumulative()
    {
        using var meter = new Meter("ExporterTest.A");
        using var exporter = new PrometheusExporter("ExporterTest.A");
        var counter = meter.CreateCounter<long>("calls_total", description: "Calls\nmade");
        var histogram = meter.CreateHistogram<double>("took_seconds", "s");
        var gauges = new Dictionary<string, int> { ["a"] = 1, ["b\"\\\n"] = 2 };
        meter.CreateObservableGauge("open", () => gauges.Select(g => new Measurement<int>(g.Value, new KeyValuePair<string, object?>("who", g.Key))));
        counter.Add(2, new KeyValuePair<string, object?>("network", "eip155:1"));
        counter.Add(3, new KeyValuePair<string, object?>("network", "eip155:1"));
        histogram.Record(0.3);
        histogram.Record(7);

        var text = exporter.Scrape();
        text.ShouldContain("# HELP calls_total Calls\\nmade\n# TYPE calls_total counter\ncalls_total{network=\"eip155:1\"} 5\n");
        text.ShouldContain("# TYPE open gauge\nopen{who=\"a\"} 1\nopen{who=\"b\\\"\\\\\\n\"} 2\n");
        text.ShouldContain("took_seconds_bucket{le=\"0.25\"} 0\n");
        text.ShouldContain("took_seconds_bucket{le=\"0.5\"} 1\n");
        text.ShouldContain("took_seconds_bucket{le=\"10\"} 2\n");
        text.ShouldContain("took_seconds_bucket{le=\"+Inf\"} 2\ntook_seconds_sum 7.3\ntook_seconds_count 2\n");

        gauges.Remove("a");
        var later = exporter.Scrape();
        later.ShouldNotContain("open{who=\"a\"}");
        later.ShouldContain("calls_total{network=\"eip155:1\"} 5\n");
    }

    [Fact]
    public void Meters_of_others_are_left_out()
    {
        using var meter = new Meter("SomebodyElse");
        using var exporter = new PrometheusExporter("ExporterTest.B");
        meter.CreateCounter<long>("foreign_total").Add(1);
        exporter.Scrape().ShouldBeEmpty();
    }
}
