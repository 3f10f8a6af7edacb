using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Benchmarks.Latency;

/// <summary>
/// A node's socket on which is written down when each head was announced, and when each call was asked and answered. Announcements are taken off the
/// socket as they come, also while the loop is at work. The writing and parsing of JSON counts as the node's.
/// </summary>
internal sealed class AnnouncedTransport(WebSocketTransport inner) : IRpcTransport, IAsyncDisposable
{
    private readonly Channel<HeadHint> passed = Channel.CreateUnbounded<HeadHint>();
    private readonly ConcurrentDictionary<Hash32, long> announced = new();
    private readonly ConcurrentQueue<AskedCall> calls = new();
    private readonly CancellationTokenSource lifetime = new();
    private Task pumping = Task.CompletedTask;

    public string Name => inner.Name;

    /// <summary>True while whoever follows is not to hear of heads.</summary>
    public volatile bool IsResting;

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        var replies = await inner.SendAsync(batch, cancellationToken);
        var answered = Stopwatch.GetTimestamp();
        foreach (var request in batch)
        {
            var parameters = request.Params.GetRawText();
            var block = request.Method == "eth_getBlockByNumber" ? $" {request.Params[0].GetString()}" : "";
            calls.Enqueue(new AskedCall(request.Method + block, parameters.Contains("\"finalized\"", StringComparison.Ordinal), asked, answered));
        }

        return replies;
    }

    public IAsyncEnumerable<HeadHint> SubscribeHeads(CancellationToken cancellationToken)
    {
        pumping = PumpAsync();
        return passed.Reader.ReadAllAsync(cancellationToken);
    }

    IAsyncEnumerable<HeadHint>? IRpcTransport.SubscribeHeads(CancellationToken cancellationToken) => SubscribeHeads(cancellationToken);

    /// <summary>When the head was announced, in ticks of the stopwatch.</summary>
    public long AnnouncedAt(Hash32 head) => announced.TryGetValue(head, out var at)
        ? at
        : throw new InvalidOperationException($"Block {head.Short} was judged though the node never announced it: the subscription does not work.");

    /// <summary>The calls since the last time, in the order in which they were answered.</summary>
    public List<AskedCall> TakeCalls()
    {
        var taken = new List<AskedCall>();
        while (calls.TryDequeue(out var call))
        {
            taken.Add(call);
        }

        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await lifetime.CancelAsync();
        try
        {
            await pumping;
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }

        await inner.DisposeAsync();
        lifetime.Dispose();
    }

    private async Task PumpAsync()
    {
        await foreach (var hint in inner.SubscribeHeads(lifetime.Token))
        {
            announced[hint.Hash] = Stopwatch.GetTimestamp();
            if (!IsResting)
            {
                passed.Writer.TryWrite(hint);
            }
        }
    }
}

/// <param name="OfFinality">True when it asked for the finalized block.</param>
/// <param name="Asked">In ticks of the stopwatch, as <paramref name="Answered"/>.</param>
internal readonly record struct AskedCall(string Method, bool OfFinality, long Asked, long Answered);
