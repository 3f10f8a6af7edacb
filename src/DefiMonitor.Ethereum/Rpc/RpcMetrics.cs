using System.Diagnostics.Metrics;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>The figures about endpoints, on the meter and in the names that the exporter publishes as they are. Endpoints appear by scheme and host.</summary>
public sealed class RpcMetrics : IDisposable
{
    public const string MeterName = "DefiMonitor";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> requests;
    private readonly Counter<long> failures;
    private readonly Counter<long> rateLimits;
    private readonly Counter<long> rotations;
    private readonly Histogram<double> duration;

    public RpcMetrics()
    {
        requests = meter.CreateCounter<long>("defimonitor_rpc_requests_total", description: "JSON-RPC calls sent");
        failures = meter.CreateCounter<long>("defimonitor_rpc_failures_total", description: "Posts that brought no usable answer");
        rateLimits = meter.CreateCounter<long>("defimonitor_rpc_rate_limits_total", description: "Times an endpoint asked for fewer requests");
        rotations = meter.CreateCounter<long>("defimonitor_rpc_endpoint_rotations_total", description: "Changes from one endpoint to another");
        duration = meter.CreateHistogram<double>("defimonitor_rpc_request_duration_seconds", "s", "One post, however many calls it carries");
    }

    public void Asked(string network, string endpoint, string method) =>
        requests.Add(1, new("network", network), new("endpoint", endpoint), new("method", method));

    public void Answered(string network, string endpoint, TimeSpan took) => duration.Record(took.TotalSeconds, new("network", network), new("endpoint", endpoint));

    public void Failed(string network, string endpoint, RpcFailure kind)
    {
        failures.Add(1, new("network", network), new("endpoint", endpoint), new("kind", kind.ToString()));
        if (kind == RpcFailure.RateLimited)
        {
            rateLimits.Add(1, new("network", network), new KeyValuePair<string, object?>("endpoint", endpoint));
        }
    }

    public void Rotated(string network) => rotations.Add(1, new KeyValuePair<string, object?>("network", network));

    public void Dispose() => meter.Dispose();
}
