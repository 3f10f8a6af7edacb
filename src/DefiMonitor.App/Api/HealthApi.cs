using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;

namespace DefiMonitor.App.Api;

/// <summary><c>GET /healthz</c>: the process answers. <c>GET /readyz</c>: its figures are fresh, worst of all checks; 503 when they are not.</summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Json(new { Status = "ok" }, JsonOutput.Line));
        routes.MapGet("/readyz", async (ReadinessProbe probe, CancellationToken cancellationToken) =>
        {
            var readiness = await probe.LookAsync(cancellationToken);
            return Results.Json(readiness, JsonOutput.Line, statusCode: readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
