using System.Globalization;

namespace DefiMonitor.Core.Chain;

/// <summary>A chain by its EIP-155 number, written as CAIP-2: <c>eip155:1</c>.</summary>
public readonly record struct ChainId(ulong Value) : IComparable<ChainId>
{
    private const string Prefix = "eip155:";

    public int CompareTo(ChainId other) => Value.CompareTo(other.Value);

    /// <summary>Reads <c>eip155:8453</c>; a bare number is refused, so that a chain is never mistaken for something else.</summary>
    public static bool TryParse(string? text, out ChainId chain)
    {
        chain = default;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !ulong.TryParse(text.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0)
        {
            return false;
        }

        chain = new ChainId(value);
        return true;
    }

    public override string ToString() => Prefix + Value.ToString(CultureInfo.InvariantCulture);
}
