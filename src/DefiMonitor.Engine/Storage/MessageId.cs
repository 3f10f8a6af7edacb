using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DefiMonitor.Engine.Storage;

/// <summary>Hash of alert id, transition number and sink: the same message has the same id over retries, restarts and machines.</summary>
public static class MessageId
{
    public static string Of(string alertId, int transitionNumber, string sink)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{alertId}\n{transitionNumber}\n{sink}");
        return "msg_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
