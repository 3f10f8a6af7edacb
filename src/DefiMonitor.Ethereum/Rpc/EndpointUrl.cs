using System.Diagnostics.CodeAnalysis;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>The URL of an endpoint. It is a secret: only <see cref="ToString"/>, scheme and host, is ever shown.</summary>
public sealed class EndpointUrl
{
    private EndpointUrl(Uri uri)
    {
        Uri = uri;
        Shown = uri.IsDefaultPort ? $"{uri.Scheme}://{uri.IdnHost}" : $"{uri.Scheme}://{(uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost)}:{uri.Port}";
    }

    /// <summary>For connecting, never for showing.</summary>
    public Uri Uri { get; }

    public string Shown { get; }

    public bool IsWebSocket => Uri.Scheme is "ws" or "wss";

    public static bool TryParse(string? text, [NotNullWhen(true)] out EndpointUrl? url, [NotNullWhen(false)] out string? error)
    {
        url = null;
        if (string.IsNullOrWhiteSpace(text) || text.Length > 2_000)
        {
            error = "An endpoint is a URL such as https://host/path or wss://host/path, not an empty or endless text.";
            return false;
        }

        if (text.Contains("${", StringComparison.Ordinal))
        {
            error = "The endpoint still holds a ${NAME}: set the environment variable of that name.";
            return false;
        }

        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            error = "The endpoint is no URL: write it as https://host/path or wss://host/path.";
            return false;
        }

        if (uri.Scheme is not ("http" or "https" or "ws" or "wss"))
        {
            error = $"The endpoint begins with '{RpcText.Clean(uri.Scheme)}:', which is not spoken here: write http, https, ws or wss.";
            return false;
        }

        error = null;
        url = new EndpointUrl(uri);
        return true;
    }

    /// <exception cref="FormatException">The text is no endpoint; the message does not repeat it.</exception>
    public static EndpointUrl Parse(string? text) => TryParse(text, out var url, out var error) ? url : throw new FormatException(error);

    public override string ToString() => Shown;
}
