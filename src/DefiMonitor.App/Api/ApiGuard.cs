using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace DefiMonitor.App.Api;

/// <summary>
/// Who may ask. With a token: whoever has it (the bare sign of life excepted). Without: this machine only, and no web page that a browser on it
/// happens to show, neither by a foreign origin nor by a foreign name that resolves to this machine.
/// </summary>
public sealed class ApiGuard(RequestDelegate next, ApiSettings settings)
{
    private readonly byte[]? token = settings.Token is { } text ? SHA256.HashData(Encoding.UTF8.GetBytes(text)) : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (Refuse(context.Request) is not { } refusal)
        {
            return next(context);
        }

        context.Response.StatusCode = refusal.Status;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return context.Response.WriteAsJsonAsync(new ApiError(refusal.Text), context.RequestAborted);
    }

    private static bool IsThisMachine(string? host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host?.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private (int Status, string Text)? Refuse(HttpRequest request)
    {
        if (request.Headers.Origin is [{ } origin, ..] && (!Uri.TryCreate(origin, UriKind.Absolute, out var from) || !string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)))
        {
            return (StatusCodes.Status403Forbidden, "Requests from web pages of other origins are refused.");
        }

        if (token is null)
        {
            return IsThisMachine(request.Host.Host) ? null : (StatusCodes.Status403Forbidden, "Ask by the name localhost or a loopback address.");
        }

        if (request.Path == "/healthz")
        {
            return null;
        }

        const string Scheme = "Bearer ";
        var given = request.Headers.Authorization is [{ } header, ..] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), token)
            ? null
            : (StatusCodes.Status401Unauthorized, "Send the header 'Authorization: Bearer TOKEN'.");
    }
}

/// <param name="Error">One sentence.</param>
public sealed record ApiError(string Error);
