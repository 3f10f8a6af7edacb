using System.Net;
using DefiMonitor.App.Cli;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.App.Api;

/// <summary>The HTTP API of a running monitor: one file per resource, this one puts them together.</summary>
public static class ApiServer
{
    // Nothing that is asked here needs a body.
    private const long LargestBody = 16 * 1024;

    // Streams stay open; a client that opens them without end must not take the process with it.
    private const long MostConnections = 500;

    public static void Listen(WebApplicationBuilder builder, ApiSettings settings) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            foreach (var url in settings.Urls)
            {
                if (url.Host == "localhost")
                {
                    kestrel.ListenLocalhost(url.Port);
                }
                else if (IPAddress.TryParse(url.DnsSafeHost, out var address))
                {
                    kestrel.Listen(address, url.Port);
                }
                else
                {
                    kestrel.ListenAnyIP(url.Port);
                }
            }
        });

    public static void Map(WebApplication app, ApiSettings settings, EventStreamOptions events)
    {
        app.UseMiddleware<ApiGuard>(settings);
        app.Use(OneSentenceAsync);
        HealthApi.Map(app);
        MetricsApi.Map(app);
        AccountsApi.Map(app);
        AlertsApi.Map(app);
        EventsApi.Map(app, events);
    }

    private static async Task OneSentenceAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (StoreException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsJsonAsync(new ApiError(e.Message), JsonOutput.Line, context.RequestAborted);
        }
    }
}
