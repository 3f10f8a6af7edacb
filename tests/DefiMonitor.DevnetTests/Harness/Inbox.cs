using System.Collections.Concurrent;
using System.Text;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.Sinks;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>
/// A person's receiver of webhooks, as docs/webhooks.md asks for one: it drops what it has seen by webhook-id. Now and then it takes a message and
/// fails to say so, and then the message comes again.
/// </summary>
internal sealed class Inbox : IAsyncDisposable
{
    private const int FailEvery = 7;

    private readonly ConcurrentDictionary<string, byte> seen = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<AlertV1> messages = new();
    private LocalServer? server;
    private int replies;
    private int repeats;

    public string Url => server!.Url.ToString();

    /// <summary>In the order in which they came, each once.</summary>
    public IReadOnlyList<AlertV1> Messages => [.. messages];

    /// <summary>Messages dropped because they had come before.</summary>
    public int Repeats => Volatile.Read(ref repeats);

    public static async Task<Inbox> StartAsync()
    {
        var inbox = new Inbox();
        inbox.server = await LocalServer.StartAsync((context, received) =>
        {
            context.Response.StatusCode = inbox.Take(received);
            return Task.CompletedTask;
        });
        return inbox;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    private int Take(LocalServer.Received received)
    {
        if (seen.TryAdd(received.Headers["webhook-id"], 0))
        {
            messages.Enqueue(AlertJson.Read(Encoding.UTF8.GetString(received.Body)));
        }
        else
        {
            Interlocked.Increment(ref repeats);
        }

        return Interlocked.Increment(ref replies) % FailEvery == 0 ? 503 : 204;
    }
}
