using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>family / CAIP-2 chain / name: <c>aave-v3/eip155:1/core</c>. The field says market or instance.</summary>
public sealed record DeploymentId(string Family, ChainId Chain, string Name) : IComparable<DeploymentId>
{
    /// <summary>By the text.</summary>
    public int CompareTo(DeploymentId? other) => Equals(other) ? 0 : string.CompareOrdinal(ToString(), other?.ToString());

    public override string ToString() => $"{Family}/{Chain}/{Name}";

    public static bool TryParse(string? text, out DeploymentId? id)
    {
        var parts = (text ?? "").Split('/');
        id = parts.Length == 3 && parts[0].Length > 0 && parts[2].Length > 0 && ChainId.TryParse(parts[1], out var chain)
            ? new DeploymentId(parts[0], chain, parts[2])
            : null;
        return id is not null;
    }
}

/// <summary>
/// The smallest thing that is liquidated as one. The text form is canonical and never changes: <c>aave-v3/eip155:1/core/0x…</c> (lower case). A key that is an
/// address is held as its 20 bytes and written out when it is asked for: there may be a million of them.
/// </summary>
public sealed record MarginAccountId : IComparable<MarginAccountId>
{
    private readonly string? text;
    private readonly Address address;

    public MarginAccountId(DeploymentId deployment, string key)
    {
        Deployment = deployment;
        text = Address.TryParseHex(key, out address) ? null : key;
    }

    public MarginAccountId(DeploymentId deployment, ReadOnlySpan<char> key)
    {
        Deployment = deployment;
        text = Address.TryParseHex(key, out address) ? null : key.ToString();
    }

    /// <summary>The account of a user.</summary>
    public MarginAccountId(DeploymentId deployment, in Address user) => (Deployment, address) = (deployment, user);

    public DeploymentId Deployment { get; }

    public string Key => text ?? address.ToHex();

    /// <summary>The address that the key is, if it is one.</summary>
    public bool TryGetUser(out Address user)
    {
        user = address;
        return text is null;
    }

    /// <summary>By the text, which two accounts of one deployment need not be written out for.</summary>
    public int CompareTo(MarginAccountId? other)
    {
        if (!Deployment.Equals(other?.Deployment))
        {
            return string.CompareOrdinal(ToString(), other?.ToString());
        }

        return text is null && other.text is null ? address.CompareTo(other.address) : string.CompareOrdinal(Key, other.Key);
    }

    public bool Equals(MarginAccountId? other) =>
        ReferenceEquals(this, other) || (other is not null && address == other.address && text == other.text && Deployment.Equals(other.Deployment));

    public override int GetHashCode() => text is null ? address.GetHashCode() : text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{Deployment}/{Key}";

    public static bool TryParse(string? text, out MarginAccountId? id)
    {
        id = null;
        var cut = (text ?? "").LastIndexOf('/');
        if (cut > 0 && cut < text!.Length - 1 && DeploymentId.TryParse(text[..cut], out var deployment))
        {
            id = new MarginAccountId(deployment!, text[(cut + 1)..]);
        }

        return id is not null;
    }
}
