using DefiMonitor.App.Cli;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.App.Api;

/// <summary><c>GET /v1/accounts</c> and <c>GET /v1/accounts/{id}</c>: the last stored report of each account.</summary>
internal static class AccountsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/accounts", async (HttpRequest request, IMonitorStore store, CancellationToken cancellationToken) =>
        {
            if (!Paging.TryLimit(request, out var limit, out var error))
            {
                return Results.Json(new ApiError(error!), JsonOutput.Line, statusCode: StatusCodes.Status400BadRequest);
            }

            var page = await store.ReportsAsync(Paging.Cursor(request), limit, cancellationToken);
            return Results.Json(page, JsonOutput.Line);
        });

        // The id holds slashes: aave-v3/eip155:1/core/0x…
        routes.MapGet("/v1/accounts/{**id}", async (string id, IMonitorStore store, CancellationToken cancellationToken) =>
        {
            if (!MarginAccountId.TryParse(id, out var account))
            {
                return Results.Json(new ApiError("An account is written family/chain/name/key, as in aave-v3/eip155:1/core/0x…"), JsonOutput.Line, statusCode: StatusCodes.Status400BadRequest);
            }

            return await store.ReportAsync(account!, cancellationToken) is { } row
                ? Results.Json(row, JsonOutput.Line)
                : Results.Json(new ApiError($"No report of {account} is stored."), JsonOutput.Line, statusCode: StatusCodes.Status404NotFound);
        });
    }
}
