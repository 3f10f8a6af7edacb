using DefiMonitor.Core.Chain;

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

/// <summary>The smallest thing that is liquidated as one. The text form is canonical and never changes: <c>aave-v3/eip155:1/core/0x…</c> (lower case).</summary>
public sealed record MarginAccountId(DeploymentId Deployment, string Key) : IComparable<MarginAccountId>
{
    /// <summary>By the text, which two accounts of one deployment need not be written out for.</summary>
    public int CompareTo(MarginAccountId? other) => Deployment.Equals(other?.Deployment)
        ? string.CompareOrdinal(Key, other.Key)
        : string.CompareOrdinal(ToString(), other?.ToString());

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
