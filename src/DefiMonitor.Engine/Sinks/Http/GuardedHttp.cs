using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace DefiMonitor.Engine.Sinks.Http;

/// <summary>
/// HTTP to a place that the configuration names but does not own: no redirects, no proxy, no cookies, private addresses refused at connect time,
/// the reply read up to a limit, the whole within a time limit. What goes wrong is a result, never an exception.
/// </summary>
public sealed class GuardedHttp : IDisposable
{
    private const int MaxHeaderKilobytes = 16;
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(2);

    private readonly HttpClient client;
    private readonly TimeProvider time;
    private readonly bool allowPrivate;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;

    /// <param name="allowPrivate">False: only public addresses are connected to.</param>
    /// <param name="resolve">Name to addresses; null = as the machine resolves them.</param>
    public GuardedHttp(bool allowPrivate, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        this.allowPrivate = allowPrivate;
        this.time = time;
        this.resolve = resolve ?? Dns.GetHostAddressesAsync;
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,

            // A proxy would resolve and connect in our place, behind the guard's back.
            UseProxy = false,
            MaxResponseHeadersLength = MaxHeaderKilobytes,

            // What is left of a reply is not read to its end for the sake of keeping the connection.
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = ConnectionLife,
            ConnectCallback = ConnectAsync,
        })
        {
            // The limit of each exchange stands in SendAsync.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("DefiMonitor/1");
    }

    /// <summary>Sends the request and reads at most <paramref name="maxReply"/> bytes of the reply; the rest is left unread.</summary>
    public async Task<HttpReply> SendAsync(HttpRequestMessage request, TimeSpan limit, int maxReply, CancellationToken cancellationToken)
    {
        var origin = request.RequestUri is { } url ? Redaction.Origin(url) : "<url>";
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadAsync(response, maxReply, either.Token);
            return new HttpReply((int)response.StatusCode, body, RetryAfter(response), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpReply.Failed($"{origin} did not answer within {limit.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e)
        {
            return HttpReply.Failed(Redaction.ByShape.Error($"{origin}: {Innermost(e)}"));
        }
        catch (IOException e)
        {
            return HttpReply.Failed(Redaction.ByShape.Error($"{origin}: {Innermost(e)}"));
        }
    }

    /// <summary>A WebSocket by the same rules, open within the limit. What goes wrong here is an exception: WebSocketException, HttpRequestException, IOException or TimeoutException.</summary>
    public async Task<WebSocket> OpenSocketAsync(Uri url, TimeSpan keepAlive, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = keepAlive;
            socket.Options.KeepAliveTimeout = keepAlive;
            await socket.ConnectAsync(url, client, either.Token);
            return socket;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new TimeoutException($"{Redaction.Origin(url)} did not open a WebSocket within {limit.TotalSeconds:0.#} s", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => client.Dispose();

    private static string Innermost(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is AddressRefusedException)
            {
                return inner.Message;
            }
        }

        return e.InnerException is { } cause and (SocketException or IOException or System.Security.Authentication.AuthenticationException) ? cause.Message : e.Message;
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, int max, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Math.Min(max, (int)Math.Min(response.Content.Headers.ContentLength ?? 4096, int.MaxValue)) + 1];
        var length = 0;
        while (length < max)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, max));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length, max) - length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return buffer[..length];
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var after = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return after is { } span && span < TimeSpan.Zero ? TimeSpan.Zero : after;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        string? refused = null;
        Exception? failed = null;
        foreach (var address in addresses)
        {
            if (PublicAddress.Refusal(address, allowPrivate) is { } kind)
            {
                refused = kind;
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                // To the address that was judged, not to the name: it is not resolved a second time.
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                failed = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failed ?? (refused is null
            ? new IOException($"{host} has no address")
            : new AddressRefusedException($"{host} leads to {refused}, which is not connected to; where that is meant, set \"allowPrivate\": true (link-local addresses stay closed)"));
    }

    private sealed class AddressRefusedException(string message) : IOException(message);
}

/// <param name="Status">0 where no reply came.</param>
/// <param name="Body">What was read of it.</param>
/// <param name="RetryAfter">By the reply's header; never negative.</param>
/// <param name="Failure">Why no reply came, redacted; null = one came.</param>
public sealed record HttpReply(int Status, byte[] Body, TimeSpan? RetryAfter, string? Failure)
{
    public bool IsSuccess => Status is >= 200 and <= 299;

    internal static HttpReply Failed(string why) => new(0, [], null, why);
}
