using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DefiMonitor.Core.Alerts;

/// <summary>Names for alerts that come out the same after a crash, a retry or a second recording.</summary>
public static class AlertIds
{
    private const int Bytes = 16;

    /// <summary>
    /// Subject, rule and the number of the opening block, hashed. The block's NUMBER and not its hash: a tape that is recorded again has other hashes
    /// and must tell the same alerts. <see cref="AlertMachine"/> sees to it that one number never opens two alerts of one subject and rule.
    /// </summary>
    public static string Alert(AlertSubject subject, string rule, ulong openingBlock) =>
        Hash("alert", subject.ToString(), rule, openingBlock.ToString(CultureInfo.InvariantCulture));

    // The lengths go in too, so that no two lists of parts share their bytes.
    private static string Hash(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, Bytes));
    }
}
