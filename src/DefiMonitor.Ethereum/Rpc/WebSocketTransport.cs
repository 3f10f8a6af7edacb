using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Rpc;

public sealed record WebSocketTransportOptions
{
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxReplyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>A connection over which nothing comes back to a ping for so long is given up.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest pause between two attempts to subscribe again.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// JSON-RPC over one WebSocket, with eth_subscribe("newHeads"). The socket is opened when first needed and again after it broke; requests that were
/// under way then fail as unreachable.
/// </summary>
public sealed class WebSocketTransport : IRpcTransport, IAsyncDisposable
{
    private readonly EndpointUrl url;
    private readonly WebSocketTransportOptions options;
    private readonly TimeProvider time;
    private readonly Line work = new();

    /// <summary>A connection of its own for what is asked beside the work: an answer that is too large ends the connection that it comes over.</summary>
    private readonly Line aside = new();
    private bool disposed;

    public WebSocketTransport(EndpointUrl url, WebSocketTransportOptions? options = null, TimeProvider? time = null)
    {
        this.url = url;
        this.options = options ?? new WebSocketTransportOptions();
        this.time = time ?? TimeProvider.System;
    }

    public string Name => url.Shown;

    public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) => SendAsync(work, batch, cancellationToken);

    public Task<IReadOnlyList<RpcReply>> SendBesideAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) => SendAsync(aside, batch, cancellationToken);

    public async IAsyncEnumerable<HeadHint> SubscribeHeads([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!cancellationToken.IsCancellationRequested)
        {
            ChannelReader<HeadHint>? heads = null;
            try
            {
                heads = await SubscribeAsync(cancellationToken);
            }
            catch (RpcException)
            {
                // Tried again below; that no heads come is seen, and told, by who waits for them: the head is polled meanwhile.
            }

            if (heads is not null)
            {
                while (await heads.WaitToReadAsync(cancellationToken))
                {
                    while (heads.TryRead(out var hint))
                    {
                        pause = TimeSpan.FromSeconds(1);
                        yield return hint;
                    }
                }
            }

            await Task.Delay(pause * (0.75 + (0.5 * Random.Shared.NextDouble())), time, cancellationToken);
            pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;
        }
    }

    IAsyncEnumerable<HeadHint>? IRpcTransport.SubscribeHeads(CancellationToken cancellationToken) => SubscribeHeads(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        foreach (var line in (Line[])[work, aside])
        {
            if (line.Session is { } open)
            {
                await open.DisposeAsync();
            }

            line.Connecting.Dispose();
        }
    }

    private async Task<IReadOnlyList<RpcReply>> SendAsync(Line line, IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var open = await OpenAsync(line, either.Token);
            return await open.SendAsync(batch, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcFailure.Timeout, $"{Name} does not answer within {options.Timeout.TotalSeconds:0.#} s.");
        }
    }

    private async Task<ChannelReader<HeadHint>> SubscribeAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var open = await OpenAsync(work, either.Token);
            return await open.SubscribeHeadsAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcFailure.Timeout, $"{Name} does not answer within {options.Timeout.TotalSeconds:0.#} s.");
        }
    }

    private async Task<WebSocketSession> OpenAsync(Line line, CancellationToken cancellationToken)
    {
        if (line.Session is { IsOpen: true } open)
        {
            return open;
        }

        await line.Connecting.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (line.Session is { IsOpen: true } opened)
            {
                return opened;
            }

            if (line.Session is { } broken)
            {
                line.Session = null;
                await broken.DisposeAsync();
            }

            line.Session = await WebSocketSession.ConnectAsync(url, options, time, cancellationToken);
            return line.Session;
        }
        finally
        {
            line.Connecting.Release();
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Connecting { get; } = new(1, 1);

        public WebSocketSession? Session { get; set; }
    }
}
