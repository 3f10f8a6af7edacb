using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks.Http;

namespace DefiMonitor.Engine.Venues;

/// <summary>
/// Listens to what a venue pushes, for one thing: that an account whose margin goes below 0 is asked about at once. No verdict goes by a push, so whether the venue pushes, how often and
/// of whom only changes how early a round is.
/// </summary>
/// <param name="urgent">Called when there is something to <see cref="Take"/>.</param>
public sealed class VenuePushes(IVenueFeed feed, VenueSettings settings, GuardedHttp http, TimeProvider time, Action urgent)
{
    private const int MaxMessage = 32 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    private readonly HashSet<VenueAccountId> watched = [.. settings.Accounts.Select(static account => account.Id)];
    private readonly HashSet<(VenueAccountId Account, bool IsMaintenance)> below = [];
    private readonly List<VenueAccountId> waiting = [];
    private readonly Lock gate = new();

    /// <summary>Who has gone below 0 since it was last asked, with either margin, once each until the venue has said otherwise of it.</summary>
    public IReadOnlyList<VenueAccountId> Take()
    {
        lock (gate)
        {
            var taken = waiting.ToList();
            waiting.Clear();
            return taken;
        }
    }

    /// <summary>Takes in what one message said.</summary>
    public void Hear(IReadOnlyList<VenuePush> pushes)
    {
        var isNew = false;
        lock (gate)
        {
            foreach (var push in pushes)
            {
                // The initial margin goes first, so each counts by itself.
                if (Crosses((push.Account, false), push.IsInitialBelow) | Crosses((push.Account, true), push.IsMaintenanceBelow))
                {
                    waiting.Add(push.Account);
                    isNew = true;
                }
            }
        }

        if (isNew)
        {
            urgent();
        }
    }

    /// <summary>Returns when cancelled, or when the venue pushes nothing; a connection that is lost is opened again, with a growing pause.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (feed.Pushes is { } ask)
        {
            try
            {
                await foreach (var message in MessagesAsync(ask, cancellationToken))
                {
                    pause = FirstPause;
                    Hear(feed.ReadPush(message, watched));
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or InvalidOperationException or TimeoutException)
            {
                // Rounds go on without it.
            }

            try
            {
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private bool Crosses((VenueAccountId Account, bool IsMaintenance) margin, bool isBelow)
    {
        if (isBelow)
        {
            return below.Add(margin);
        }

        below.Remove(margin);
        return false;
    }

    private async IAsyncEnumerable<string> MessagesAsync(VenueRequest ask, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var url = new UriBuilder(new Uri(settings.Url, ask.Path));
        url.Scheme = url.Scheme == Uri.UriSchemeHttp ? Uri.UriSchemeWs : Uri.UriSchemeWss;
        using var socket = await http.OpenSocketAsync(url.Uri, KeepAlive, OpenLimit, cancellationToken);
        lock (gate)
        {
            // Whoever rose meanwhile was not heard of.
            below.Clear();
        }

        await socket.SendAsync(Encoding.UTF8.GetBytes(ask.Body), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (read.MessageType == WebSocketMessageType.Close || message.Length + read.Count > MaxMessage)
            {
                yield break;
            }

            message.Write(buffer, 0, read.Count);
            if (read.EndOfMessage)
            {
                yield return Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length);
                message.SetLength(0);
            }
        }
    }
}
