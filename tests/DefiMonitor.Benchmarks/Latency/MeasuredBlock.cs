using System.Diagnostics;

namespace DefiMonitor.Benchmarks.Latency;

/// <summary>One head from its announcement to its committed judgement. Times in milliseconds.</summary>
/// <param name="Told">Alert transitions, each in the outbox.</param>
/// <param name="Calls">JSON-RPC calls, without those about finality.</param>
/// <param name="Logs">Until the block's logs were fetched, decoded and folded.</param>
/// <param name="Node">Of the total, spent waiting for the node's answers.</param>
internal sealed record MeasuredBlock(ulong Number, int Told, int Calls, double Logs, double Node, double Total)
{
    /// <summary>The methods of those calls, in their order.</summary>
    public required string Methods { get; init; }

    /// <summary>Without the node.</summary>
    public double Ours => Total - Node;

    public static MeasuredBlock From(ulong number, int told, long announced, long committed, IReadOnlyList<AskedCall> calls)
    {
        var waited = 0L;
        var methods = new List<string>();
        long? reading = null;
        foreach (var call in calls)
        {
            waited += Math.Max(0, Math.Min(call.Answered, committed) - Math.Max(call.Asked, announced));
            if (call.OfFinality || call.Asked < announced || call.Asked > committed)
            {
                continue;
            }

            methods.Add(call.Method);
            if (call.Method == "eth_call")
            {
                reading ??= call.Asked;
            }
        }

        var logs = reading ?? throw new InvalidOperationException($"Block {number} was judged though nothing was read at it.");
        return new MeasuredBlock(number, told, methods.Count, Milliseconds(logs - announced), Milliseconds(waited), Milliseconds(committed - announced))
        {
            Methods = string.Join(", ", methods),
        };
    }

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
