using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>One connection from opening to its end. One task reads; replies find their request by id, announcements their subscription.</summary>
internal sealed class WebSocketSession : IAsyncDisposable
{
    // Heads are hints: when nobody takes them the oldest is of no use any more.
    private const int HeadsKept = 16;

    private readonly ClientWebSocket socket;
    private readonly string name;
    private readonly int maxReplyBytes;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource lifetime = new();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<RpcReply>> waiting = new();
    private readonly Channel<HeadHint> heads = Channel.CreateBounded<HeadHint>(new BoundedChannelOptions(HeadsKept) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Task reading;
    private long lastId;
    private bool subscribed;
    private volatile bool tooLong;

    private WebSocketSession(ClientWebSocket socket, string name, int maxReplyBytes, TimeProvider time)
    {
        this.socket = socket;
        this.name = name;
        this.maxReplyBytes = maxReplyBytes;
        this.time = time;
        reading = ReadAsync();
    }

    public bool IsOpen => !reading.IsCompleted && socket.State == WebSocketState.Open;

    public static async Task<WebSocketSession> ConnectAsync(EndpointUrl url, WebSocketTransportOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var opening = new ClientWebSocket();
        opening.Options.KeepAliveInterval = options.KeepAlive;
        opening.Options.KeepAliveTimeout = options.KeepAlive;
        opening.Options.CollectHttpResponseDetails = true;
        try
        {
            await opening.ConnectAsync(url.Uri, cancellationToken);
            return new WebSocketSession(opening, url.Shown, options.MaxReplyBytes, time);
        }
        catch (WebSocketException e)
        {
            var status = (int)opening.HttpStatusCode;
            opening.Dispose();
            throw status switch
            {
                429 => new RpcException(RpcFailure.RateLimited, $"{url.Shown} asks for fewer connections (HTTP 429).", inner: e),
                401 or 403 => new RpcException(RpcFailure.Refused, $"{url.Shown} refuses us (HTTP {status}): check the key in the endpoint's URL.", inner: e),
                >= 200 and < 500 => new RpcException(RpcFailure.Refused, $"{url.Shown} does not speak WebSocket there (HTTP {status}).", inner: e),
                _ => new RpcException(RpcFailure.Unreachable, $"{url.Shown} does not open a WebSocket: the connection is refused or lost.", inner: e),
            };
        }
        catch
        {
            opening.Dispose();
            throw;
        }
    }

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var first = Interlocked.Add(ref lastId, batch.Count) - batch.Count + 1;
        var replies = new Task<RpcReply>[batch.Count];
        try
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var source = new TaskCompletionSource<RpcReply>(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting[first + i] = source;
                replies[i] = source.Task;
            }

            // One message a request: every node understands that, and the answers come as they are ready.
            await sending.WaitAsync(cancellationToken);
            try
            {
                for (var i = 0; i < batch.Count; i++)
                {
                    RpcRequest[] one = [batch[i]];
                    await socket.SendAsync(JsonRpcWire.Write(one, first + i), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
                }
            }
            finally
            {
                sending.Release();
            }

            // The end of the connection leaves nobody waiting, also who came between its end and its farewell.
            if (reading.IsCompleted)
            {
                Abandon();
            }

            return await Task.WhenAll(replies).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or ObjectDisposedException)
        {
            throw Lost(e);
        }
        finally
        {
            for (var i = 0; i < batch.Count; i++)
            {
                waiting.TryRemove(first + i, out _);
            }
        }
    }

    /// <summary>The heads of this connection; completes when it ends.</summary>
    public async Task<ChannelReader<HeadHint>> SubscribeHeadsAsync(CancellationToken cancellationToken)
    {
        if (!subscribed)
        {
            var request = RpcRequest.Create("eth_subscribe", "newHeads");
            var reply = (await SendAsync([request], cancellationToken))[0];
            if (reply.Error is { } error)
            {
                throw RpcErrors.ToException(name, request.Method, error);
            }

            subscribed = true;
        }

        return heads.Reader;
    }

    public async ValueTask DisposeAsync()
    {
        await lifetime.CancelAsync();
        await reading;
        socket.Dispose();
        lifetime.Dispose();
        sending.Dispose();
    }

    /// <summary>Never throws: its end is the end of the session.</summary>
    private async Task ReadAsync()
    {
        await Task.Yield();
        var buffer = new byte[64 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length), lifetime.Token);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                length += read.Count;
                if (read.EndOfMessage)
                {
                    // The document keeps the bytes, so the next message gets new ones.
                    Take(buffer.AsMemory(0, length).ToArray());
                    length = 0;
                }
                else if (length == buffer.Length)
                {
                    if (length >= maxReplyBytes)
                    {
                        tooLong = true;
                        return;
                    }

                    Array.Resize(ref buffer, (int)Math.Min(maxReplyBytes, 2L * length));
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or RpcException or InvalidOperationException)
        {
            // Broken, garbled or closed by us: in each case the connection is over, and all who wait are told so below.
        }
        finally
        {
            socket.Abort();
            heads.Writer.TryComplete();
            Abandon();
        }
    }

    private void Take(ReadOnlyMemory<byte> message)
    {
        if (JsonRpcWire.Parse(message) is not { ValueKind: JsonValueKind.Object } root)
        {
            throw new RpcException(RpcFailure.Malformed, $"{name} sends something that is no JSON object.");
        }

        if (root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number))
        {
            // A reply after its timeout finds nobody waiting.
            var reply = JsonRpcWire.ReadReply(root, name);
            if (waiting.TryRemove(number, out var source))
            {
                source.TrySetResult(reply);
            }

            return;
        }

        if (root.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String && method.ValueEquals("eth_subscription")
            && root.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object
            && parameters.TryGetProperty("result", out var head) && head.ValueKind == JsonValueKind.Object)
        {
            var header = new RpcJson(name, "eth_subscribe").Header(head);
            heads.Writer.TryWrite(new HeadHint(header.Number, header.Hash) { ArrivedAt = time.GetTimestamp() });
        }
    }

    private void Abandon()
    {
        foreach (var (number, source) in waiting)
        {
            if (waiting.TryRemove(number, out _))
            {
                source.TrySetException(Lost(null));
            }
        }
    }

    // Whoever waited is told so, also who asked something else: it is the connection that is over.
    private RpcException Lost(Exception? why) =>
        new(RpcFailure.Unreachable, tooLong ? $"{name} answers with more than {maxReplyBytes:N0} bytes, which is not read." : $"{name} closed the WebSocket.", inner: why);
}
