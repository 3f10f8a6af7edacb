using System.Diagnostics.CodeAnalysis;
using System.Text;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Ens;

/// <summary>
/// A name of the Ethereum Name Service, plain: a to z, 0 to 9, hyphen and dot. Such a name is its own normal form (ENSIP-15); others, in which letters of
/// two scripts look the same, are refused.
/// </summary>
public sealed class EnsName
{
    private const int LongestName = 255;

    private EnsName(string text) => Text = text;

    public string Text { get; }

    /// <summary>ERC-137: namehash.</summary>
    public Hash32 Node => NodeOf(Text);

    /// <summary>Where the name of an address is kept (ERC-181).</summary>
    public static Hash32 ReverseNode(Address address) => NodeOf($"{address.ToHex()[2..]}.addr.reverse");

    /// <param name="error">One sentence that says what to write instead.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out EnsName? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        var small = text.ToLowerInvariant();
        if (small.Any(static c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.')))
        {
            error = "this ENS name has other characters than a to z, 0 to 9, hyphen and dot; such names are not resolved, because two of them may look the same: write the address.";
            return false;
        }

        var labels = small.Split('.');
        if (labels.Length < 2 || small.Length > LongestName || labels.Any(static l => l.Length == 0 || (l.Length > 3 && l[2] == '-' && l[3] == '-')))
        {
            error = $"\"{small}\" is no ENS name; write one such as name.eth, or the address.";
            return false;
        }

        name = new EnsName(small);
        error = null;
        return true;
    }

    public override string ToString() => Text;

    private static Hash32 NodeOf(string name)
    {
        Span<byte> both = stackalloc byte[2 * Hash32.Size];
        var node = default(Hash32);
        foreach (var label in name.Split('.').Reverse())
        {
            node.ToArray().CopyTo(both);
            Keccak256.Hash(Encoding.ASCII.GetBytes(label)).ToArray().CopyTo(both[Hash32.Size..]);
            node = Keccak256.Hash(both);
        }

        return node;
    }
}
