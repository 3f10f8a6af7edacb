using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DefiMonitor.Engine.Sinks;

/// <summary>Signatures by Standard Webhooks 1.0 (standardwebhooks.com): <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
public static class WebhookSignature
{
    private const string Prefix = "whsec_";

    // The specification asks for 24 to 64 bytes.
    private const int ShortestKey = 24;
    private const int LongestKey = 64;

    /// <summary>The key's bytes. On failure <paramref name="error"/> is a sentence that repeats nothing of the key.</summary>
    public static bool TryReadKey(string? text, out byte[] key, out string? error)
    {
        key = [];
        error = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            error = $"a signing key begins with {Prefix} and goes on in base64.";
            return false;
        }

        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length))
        {
            error = $"what follows {Prefix} is no base64; make a key with: echo {Prefix}$(openssl rand -base64 32)";
            return false;
        }

        if (length is < ShortestKey or > LongestKey)
        {
            error = $"the key has {length} bytes and must have {ShortestKey} to {LongestKey}; make one with: echo {Prefix}$(openssl rand -base64 32)";
            return false;
        }

        key = bytes[..length];
        return true;
    }

    /// <summary>One signature per key, with a space between: a receiver takes the message when any of them is right.</summary>
    public static string Header(IReadOnlyList<byte[]> keys, string messageId, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{messageId}.{timestamp}."));
        var signed = new byte[head.Length + body.Length];
        head.CopyTo(signed, 0);
        body.CopyTo(signed.AsSpan(head.Length));
        return string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }
}
