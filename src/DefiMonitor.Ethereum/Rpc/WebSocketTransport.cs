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
    private readonly SemaphoreSlim connecting = new(1, 1);
    private WebSocketSession? session;
    private bool disposed;

    public WebSocketTransport(EndpointUrl url, WebSocketTransportOptions? options = null, TimeProvider? time = null)
    {
        this.url = url;
        this.options = options ?? new WebSocketTransportOptions();
        this.time = time ?? TimeProvider.System;
    }

    public string Name => url.Shown;

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var open = await OpenAsync(either.Token);
            return await open.SendAsync(batch, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcFailure.Timeout, $"{Name} does not answer within {options.Timeout.TotalSeconds:0.#} s.");
        }
    }

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
        if (session is { } open)
        {
            await open.DisposeAsync();
        }

        connecting.Dispose();
    }

    private async Task<ChannelReader<HeadHint>> SubscribeAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var open = await OpenAsync(either.Token);
            return await open.SubscribeHeadsAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcFailure.Timeout, $"{Name} does not answer within {options.Timeout.TotalSeconds:0.#} s.");
        }
    }

    private async Task<WebSocketSession> OpenAsync(CancellationToken cancellationToken)
    {
        if (session is { IsOpen: true } open)
        {
            return open;
        }

        await connecting.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (session is { IsOpen: true } opened)
            {
                return opened;
            }

            if (session is { } broken)
            {
                session = null;
                await broken.DisposeAsync();
            }

            session = await WebSocketSession.ConnectAsync(url, options, time, cancellationToken);
            return session;
        }
        finally
        {
            connecting.Release();
        }
    }
}
