using System.Diagnostics;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Benchmarks.Blocks;

/// <summary>Sets the node's own time apart.</summary>
internal sealed class TimedTransport(IRpcTransport inner) : IRpcTransport
{
    public string Name => inner.Name;

    public TimeSpan Spent { get; set; }

    public int Calls { get; set; }

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var replies = await inner.SendAsync(batch, cancellationToken);
        Spent += Stopwatch.GetElapsedTime(started);
        Calls += batch.Count;
        return replies;
    }
}
