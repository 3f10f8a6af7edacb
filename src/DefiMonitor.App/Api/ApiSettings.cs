using System.Net;

namespace DefiMonitor.App.Api;

/// <summary>Where the HTTP API listens and who may ask.</summary>
public sealed record ApiSettings
{
    public const string DefaultUrl = "http://127.0.0.1:8645";

    public const string TokenVariable = "DEFIMONITOR_API_TOKEN";

    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>Asked for in <c>Authorization: Bearer …</c>; null = not asked for, which only loopback addresses may do. A secret.</summary>
    public string? Token { get; init; }

    /// <summary>Reads <c>--urls</c>: one or more URLs, split by semicolons; "none" = no API.</summary>
    public static bool TryParse(string? text, string? token, out ApiSettings settings, out string? error)
    {
        settings = new ApiSettings { Urls = [], Token = string.IsNullOrEmpty(token) ? null : token };
        if (text == "none")
        {
            error = null;
            return true;
        }

        var urls = new List<Uri>();
        foreach (var part in (text ?? DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(part, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/")
            {
                error = $"--urls: '{part}' is no address to listen at; write it as {DefaultUrl} (https belongs into a proxy in front), or 'none'.";
                return false;
            }

            urls.Add(url);
        }

        if (urls.Exists(u => !IsLoopback(u)) && settings.Token is null)
        {
            error = $"--urls: {urls.Find(u => !IsLoopback(u))!.Host} can be reached from other machines, so a token is needed: set the environment variable {TokenVariable}, or listen at {DefaultUrl}.";
            return false;
        }

        settings = settings with { Urls = urls };
        error = null;
        return true;
    }

    public static bool IsLoopback(Uri url) => url.IsLoopback || (IPAddress.TryParse(url.DnsSafeHost, out var ip) && IPAddress.IsLoopback(ip));
}
