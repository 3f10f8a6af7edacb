using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Assets;

/// <summary>One price of one root asset in US dollars, for the ledger. No verdict ever looks at it.</summary>
/// <param name="Price">Of one whole unit, with <paramref name="Decimals"/> decimals.</param>
/// <param name="Source">Where it was read.</param>
/// <param name="Block">At which it was read; null for the unit itself.</param>
public sealed record RootPrice(string Root, UInt256 Price, int Decimals, string Source, ChainId Chain, BlockRef? Block)
{
    public double ToDouble() => Price.ToDouble() / UInt256.Pow10(Decimals).ToDouble();
}

/// <summary>One price a root asset for the whole ledger, whatever the chains and venues of its legs: the first that could be read, best source first.</summary>
public sealed class MarketData
{
    /// <summary>The factor that prices are counted in, and the root of nothing but itself.</summary>
    public const string Unit = "USD";

    private readonly SortedDictionary<string, RootPrice> prices = new(StringComparer.Ordinal);

    /// <param name="candidates">Best first; a price of zero is none.</param>
    public MarketData(IEnumerable<RootPrice> candidates)
    {
        prices.Add(Unit, new RootPrice(Unit, UInt256.One, 0, "the unit itself", default, null));
        foreach (var candidate in candidates)
        {
            if (!candidate.Price.IsZero)
            {
                prices.TryAdd(candidate.Root, candidate);
            }
        }
    }

    public static MarketData Empty { get; } = new([]);

    public IEnumerable<RootPrice> Prices => prices.Values;

    public RootPrice? Of(string root) => prices.GetValueOrDefault(root);
}
