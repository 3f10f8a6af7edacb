using DefiMonitor.App.Cli;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.App.Api;

/// <summary>
/// <c>GET /v1/alerts</c> (<c>open=true</c> for the open ones), <c>GET /v1/alerts/{id}</c> with all its transitions, and <c>POST …/ack</c>, <c>…/mute?for=8h</c>, <c>…/unmute</c>:
/// these leave a command that the owning loop applies, so they answer 202 with what became of it so far.
/// </summary>
internal static class AlertsApi
{
    private const string By = "api";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/alerts", ListAsync);
        routes.MapGet("/v1/alerts/{id}", OneAsync);
        routes.MapPost("/v1/alerts/{id}/ack", (string id, IMonitorStore store, TimeProvider time, CancellationToken cancel) =>
            LeaveAsync(id, store, row => AlertCommands.ForAcknowledge(row, By, time.GetUtcNow()), cancel));
        routes.MapPost("/v1/alerts/{id}/unmute", (string id, IMonitorStore store, TimeProvider time, CancellationToken cancel) =>
            LeaveAsync(id, store, row => AlertCommands.ForUnmute(row.State.Subject.ToString(), By, time.GetUtcNow()), cancel));
        routes.MapPost("/v1/alerts/{id}/mute", (string id, HttpRequest request, IMonitorStore store, TimeProvider time, CancellationToken cancel) =>
            PersonCommands.TryReadDuration(request.Query["for"] is [{ Length: > 0 } text, ..] ? text : "8h", out var span)
                ? LeaveAsync(id, store, row => AlertCommands.ForMute(row.State.Subject.ToString(), time.GetUtcNow() + span, By, time.GetUtcNow()), cancel)
                : Task.FromResult(Bad("for: write a length of time as in 30m, 8h or 2d, 30d at most.")));
        routes.MapGet("/v1/commands/{id:long}", async (long id, IMonitorStore store, CancellationToken cancel) =>
            await store.CommandAsync(id, cancel) is { } command
                ? Results.Json(command, JsonOutput.Line)
                : Missing($"There is no command {id}."));
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IMonitorStore store, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(request, out var limit, out var error))
        {
            return Bad(error!);
        }

        try
        {
            var open = string.Equals(request.Query["open"], "true", StringComparison.OrdinalIgnoreCase);
            return Results.Json(await store.AlertsAsync(open, Paging.Cursor(request), limit, cancellationToken), JsonOutput.Line);
        }
        catch (ArgumentException)
        {
            return Bad("cursor: this one was not given out by the monitor; start without one.");
        }
    }

    private static async Task<IResult> OneAsync(string id, IMonitorStore store, CancellationToken cancellationToken)
    {
        if (await store.AlertAsync(id, cancellationToken) is not { } row)
        {
            return Missing($"There is no alert {id}.");
        }

        var transitions = await store.TransitionsOfAsync(id, cancellationToken);
        return Results.Json(new { row.State, row.Loop, row.UpdatedAt, Events = transitions.Select(t => AlertJson.Of(t)) }, JsonOutput.Line);
    }

    private static async Task<IResult> LeaveAsync(string id, IMonitorStore store, Func<AlertRow, NewCommand> command, CancellationToken cancellationToken)
    {
        if (await store.AlertAsync(id, cancellationToken) is not { } row)
        {
            return Missing($"There is no alert {id}.");
        }

        var left = await store.AddCommandAsync(command(row), cancellationToken);
        return Results.Json(new { Command = left, Status = $"/v1/commands/{left}" }, JsonOutput.Line, statusCode: StatusCodes.Status202Accepted);
    }

    private static IResult Bad(string text) => Results.Json(new ApiError(text), JsonOutput.Line, statusCode: StatusCodes.Status400BadRequest);

    private static IResult Missing(string text) => Results.Json(new ApiError(text), JsonOutput.Line, statusCode: StatusCodes.Status404NotFound);
}
