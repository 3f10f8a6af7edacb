namespace DefiMonitor.Core.Ledger;

/// <summary>What hangs on one thing: an asset, a root, a factor, a venue, an oracle, an issuer. US dollars.</summary>
/// <param name="Long">What the owner has.</param>
/// <param name="Short">What the owner owes.</param>
public sealed record Exposure(string Key, Figure Long, Figure Short)
{
    public Figure Gross => Long + Short;

    public Figure Net => Long - Short;

    /// <summary>Whole units, net, of a root asset; null for what is no root asset.</summary>
    public Figure? Quantity { get; init; }
}
