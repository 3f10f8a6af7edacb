using System.Net;
using System.Net.Http.Headers;

namespace DefiMonitor.Ethereum.Rpc;

public sealed record HttpTransportOptions
{
    /// <summary>For one post, from connecting to the last byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most requests in one post.</summary>
    public int MaxBatch { get; init; } = 50;

    /// <summary>A longer reply is refused before it is read to the end.</summary>
    public int MaxReplyBytes { get; init; } = 64 * 1024 * 1024;
}

/// <summary>JSON-RPC over HTTP POST: batches, a timeout, a cap on the reply, gzip, and no redirects. Nothing is retried here.</summary>
public sealed class HttpTransport : IRpcTransport, IDisposable
{
    private readonly HttpClient http;
    private readonly EndpointUrl url;
    private readonly HttpTransportOptions options;
    private readonly TimeProvider time;
    private int maxBatch;

    public HttpTransport(EndpointUrl url, HttpTransportOptions? options = null, TimeProvider? time = null)
    {
        this.url = url;
        this.options = options ?? new HttpTransportOptions();
        this.time = time ?? TimeProvider.System;
        maxBatch = this.options.MaxBatch;
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = this.options.Timeout,
        })
        {
            // Ours, below, so that the clock can be another one and the sentence our own.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string Name => url.Shown;

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var requests = batch as RpcRequest[] ?? [.. batch];
        var replies = new List<RpcReply>(requests.Length);
        while (replies.Count < requests.Length)
        {
            var count = Math.Min(Volatile.Read(ref maxBatch), requests.Length - replies.Count);
            var part = requests.AsMemory(replies.Count, count);
            if (await PostAsync(part, cancellationToken) is { } answered)
            {
                replies.AddRange(answered);
            }
            else
            {
                // A node that takes no batch, or only smaller ones, answers the whole of it with one error.
                Volatile.Write(ref maxBatch, Math.Max(1, count / 2));
            }
        }

        return replies;
    }

    public void Dispose() => http.Dispose();

    private async Task<RpcReply[]?> PostAsync(ReadOnlyMemory<RpcRequest> batch, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var content = new ByteArrayContent(JsonRpcWire.Write(batch.Span, 1));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, url.Uri) { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (StatusFailure(response) is { } failure)
            {
                throw failure;
            }

            var body = await ReadAsync(response, either.Token);
            return Replies(response, body, batch.Length);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcFailure.Timeout, $"{Name} does not answer within {options.Timeout.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException e)
        {
            throw new RpcException(RpcFailure.Unreachable, $"{Name} is not reachable: {Reason(e)}.", inner: e);
        }
        catch (IOException e)
        {
            throw new RpcException(RpcFailure.Unreachable, $"{Name} breaks off in the middle of its answer.", inner: e);
        }
    }

    private RpcReply[]? Replies(HttpResponseMessage response, ReadOnlyMemory<byte> body, int asked)
    {
        if (JsonRpcWire.Parse(body) is not { } root)
        {
            throw response.IsSuccessStatusCode
                ? new RpcException(RpcFailure.Malformed, $"{Name} answers with something that is no JSON.")
                : BadStatus(response);
        }

        if (JsonRpcWire.WholeError(root, asked) is { } error)
        {
            var failure = RpcErrors.ToException(Name, "the request", error);
            return asked > 1 && !failure.IsTransient ? null : throw failure;
        }

        if (!response.IsSuccessStatusCode && root.ValueKind != System.Text.Json.JsonValueKind.Array
            && !(root.ValueKind == System.Text.Json.JsonValueKind.Object && root.TryGetProperty("error", out _)))
        {
            throw BadStatus(response);
        }

        return JsonRpcWire.Read(root, Name, asked, 1);
    }

    /// <summary>Statuses whose body is of no use. The others may carry a JSON-RPC error, which says more.</summary>
    private RpcException? StatusFailure(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status switch
        {
            429 => new RpcException(RpcFailure.RateLimited, $"{Name} asks for fewer requests (HTTP 429).", RetryAfter(response)),
            401 or 403 => new RpcException(RpcFailure.Refused, $"{Name} refuses us (HTTP {status}): check the key in the endpoint's URL."),
            413 => new RpcException(RpcFailure.TooMuch, $"{Name} finds the request too large (HTTP 413)."),
            >= 300 and < 400 => new RpcException(RpcFailure.Refused, $"{Name} redirects (HTTP {status}), which is not followed: write the final URL into the configuration."),
            503 when RetryAfter(response) is { } later => new RpcException(RpcFailure.RateLimited, $"{Name} is not available for a while (HTTP 503).", later),
            _ => null,
        };
    }

    private RpcException BadStatus(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status >= 500
            ? new RpcException(RpcFailure.Unreachable, $"{Name} has a fault of its own (HTTP {status}).")
            : new RpcException(RpcFailure.Refused, $"{Name} answers with HTTP {status}: check that the endpoint's URL is one of JSON-RPC.");
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? after?.Date - time.GetUtcNow();
        return wait is { } w && w > TimeSpan.Zero ? w : null;
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var max = options.MaxReplyBytes;
        if (response.Content.Headers.ContentLength > max)
        {
            throw TooLong(max);
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Math.Clamp((int)(response.Content.Headers.ContentLength ?? 0) + 1, 16 * 1024, max)];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return buffer.AsMemory(0, length);
            }

            length += read;
            if (length == buffer.Length)
            {
                if (length >= max)
                {
                    throw TooLong(max);
                }

                Array.Resize(ref buffer, (int)Math.Min(max, 2L * length));
            }
        }
    }

    private RpcException TooLong(int max) => new(RpcFailure.TooMuch, $"{Name} answers with more than {max:N0} bytes, which is not read.");

    private static string Reason(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name is not known to DNS",
        HttpRequestError.ConnectionError => "the connection is refused or lost",
        HttpRequestError.SecureConnectionError => "the TLS handshake fails",
        HttpRequestError.ResponseEnded => "it closes the connection before it has answered",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "it does not speak HTTP properly",
        var other => $"the request fails ({other})",
    };
}
