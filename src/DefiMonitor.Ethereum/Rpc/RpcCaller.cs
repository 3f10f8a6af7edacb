using System.Text.Json;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>Asks over a transport and turns the node's errors, and whatever it garbles, into <see cref="RpcException"/>.</summary>
/// <param name="clock">Measures <see cref="Waited"/>; null = the system's.</param>
internal sealed class RpcCaller(IRpcTransport transport, TimeProvider? clock = null)
{
    private readonly TimeProvider time = clock ?? TimeProvider.System;
    private long waited;

    public IRpcTransport Transport => transport;

    public string Name => transport.Name;

    /// <summary>Time spent waiting for the node since the start, pauses before retries included.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref waited));

    public async Task<T> AskAsync<T>(RpcRequest request, Func<RpcJson, JsonElement, T> read, CancellationToken cancellationToken)
    {
        var replies = await SendAsync([request], cancellationToken);
        return Read(request, replies[0], read);
    }

    public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) => SendAsync(batch, beside: false, cancellationToken);

    /// <summary>See <see cref="IRpcTransport.SendBesideAsync"/>; fails as a timeout when nothing has come within <paramref name="patience"/>.</summary>
    public async Task<IReadOnlyList<RpcReply>> SendBesideAsync(IReadOnlyList<RpcRequest> batch, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await SendAsync(batch, beside: true, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcFailure.Timeout, $"{transport.Name} does not answer {batch[0].Method} within {patience.TotalSeconds:0.#} s.");
        }
    }

    private async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, bool beside, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        IReadOnlyList<RpcReply> replies;
        try
        {
            replies = await (beside ? transport.SendBesideAsync(batch, cancellationToken) : transport.SendAsync(batch, cancellationToken));
        }
        finally
        {
            Interlocked.Add(ref waited, time.GetElapsedTime(asked).Ticks);
        }

        return replies.Count == batch.Count
            ? replies
            : throw new RpcException(RpcFailure.Malformed, $"{transport.Name} gives {replies.Count} replies to {batch.Count} requests.");
    }

    public T Read<T>(RpcRequest request, RpcReply reply, Func<RpcJson, JsonElement, T> read)
    {
        if (reply.Error is { } error)
        {
            throw RpcErrors.ToException(transport.Name, request.Method, error);
        }

        var json = new RpcJson(transport.Name, request.Method);
        try
        {
            return read(json, reply.Result);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json checks escaped surrogates only when a text is taken out.
            throw json.Malformed("text that is no Unicode");
        }
    }
}
