using System.Globalization;
using DefiMonitor.App.Cli;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.App.Api;

/// <summary>
/// <c>GET /v1/events?after=SEQ</c>: every alert transition as server-sent events, from the one after SEQ on, without end. The event's id is its seq, so a
/// client that was cut off goes on with Last-Event-ID. A comment line is sent while nothing happens, so that silence is never mistaken for calm.
/// </summary>
internal static class EventsApi
{
    private const int Batch = 200;

    public static void Map(IEndpointRouteBuilder routes, EventStreamOptions options) =>
        routes.MapGet("/v1/events", (HttpContext context, IMonitorStore store, TimeProvider time, IHostApplicationLifetime lifetime) => StreamAsync(context, store, time, lifetime, options));

    private static async Task StreamAsync(HttpContext context, IMonitorStore store, TimeProvider time, IHostApplicationLifetime lifetime, EventStreamOptions options)
    {
        var (request, response) = (context.Request, context.Response);
        var text = request.Headers["Last-Event-ID"] is [{ Length: > 0 } last, ..] ? last : request.Query["after"] is [{ Length: > 0 } after, ..] ? after : "0";
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            await response.WriteAsJsonAsync(new ApiError("after: write the seq of the last event that you have, a number; 0 begins at the first."), JsonOutput.Line, context.RequestAborted);
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await response.WriteAsync($": from {seq}\n\n", end.Token);
            await response.Body.FlushAsync(end.Token);
            var saidAt = time.GetTimestamp();
            while (true)
            {
                var rows = await store.TransitionsAfterAsync(seq, Batch, end.Token);
                foreach (var row in rows)
                {
                    await response.WriteAsync($"id: {row.Seq}\nevent: alert\ndata: {AlertJson.Write(AlertJson.Of(row))}\n\n", end.Token);
                    seq = row.Seq;
                }

                if (rows.Count > 0)
                {
                    await response.Body.FlushAsync(end.Token);
                    saidAt = time.GetTimestamp();
                    continue;
                }

                if (time.GetElapsedTime(saidAt) >= options.Heartbeat)
                {
                    await response.WriteAsync($": {time.GetUtcNow().ToUnixTimeSeconds()}\n\n", end.Token);
                    await response.Body.FlushAsync(end.Token);
                    saidAt = time.GetTimestamp();
                }

                await Task.Delay(options.Look, time, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client went, or the program stops: the stream ends; the client comes back with the id of the last event it has.
            context.Abort();
        }
    }
}

/// <param name="Look">Pause between two looks into the store.</param>
/// <param name="Heartbeat">Longest silence.</param>
public sealed record EventStreamOptions(TimeSpan Look, TimeSpan Heartbeat)
{
    public static EventStreamOptions Usual { get; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));
}
