using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace DefiMonitor.Engine.Sinks.Http;

/// <summary>The rule for URLs that we send to: https, or http to this very machine.</summary>
public static class OutboundUrl
{
    /// <summary>On failure <paramref name="error"/> is a sentence that says what to write and repeats nothing of the URL but scheme and host.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? url, out string? error)
    {
        error = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Host.Length == 0 || url.Scheme is not ("http" or "https"))
        {
            error = "this is no URL of a web server; write one that begins with https://.";
        }
        else if (url.UserInfo.Length > 0)
        {
            error = $"{Redaction.Origin(url)}: a name and password in front of the host are not sent; write the URL without them.";
        }
        else if (url.Scheme == "http" && !IsThisMachine(url))
        {
            error = $"{Redaction.Origin(url)} would be sent to in the clear; write https:// (http:// is taken only for localhost).";
        }

        url = error is null ? url : null;
        return url is not null;
    }

    public static bool IsThisMachine(Uri url) =>
        url.Host is "localhost" || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
