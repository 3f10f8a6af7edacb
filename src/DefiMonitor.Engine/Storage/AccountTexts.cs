using System.Text;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Storage;

/// <summary>Reads the texts of many accounts. Those of one deployment follow one another, so that it is read once and all of them share it.</summary>
internal sealed class AccountTexts
{
    private const int LongestKey = 128;

    private byte[] prefix = [];
    private DeploymentId? deployment;

    /// <exception cref="StoreException">The text names no account.</exception>
    public MarginAccountId Read(ReadOnlySpan<byte> text)
    {
        var cut = text.LastIndexOf((byte)'/') + 1;
        var key = text[cut..];
        if (deployment is null || key.IsEmpty || key.Length > LongestKey || !text[..cut].SequenceEqual(prefix))
        {
            var account = Whole(text);
            (prefix, deployment) = (text[..cut].ToArray(), account.Deployment);
            return account;
        }

        Span<char> letters = stackalloc char[LongestKey];
        return new MarginAccountId(deployment, letters[..Encoding.UTF8.GetChars(key, letters)]);
    }

    private static MarginAccountId Whole(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return MarginAccountId.TryParse(text, out var id) ? id! : throw new StoreException($"The database names an account '{text}' that is none.");
    }
}
