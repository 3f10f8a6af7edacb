using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>How tokens move: the content of config/assets/*.json. Looked up by chain and address, then by symbol; else a cautious default, marked as assumed.</summary>
public sealed class AssetCatalog : IAssetProfiles
{
    private readonly Dictionary<(ChainId, Address), AssetProfile> byAddress = [];
    private readonly Dictionary<string, AssetProfile> bySymbol = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string, string), double> correlations = [];

    /// <summary>Knows no token: everything is assumed to move as <see cref="UnknownVolatility"/>.</summary>
    public static AssetCatalog Empty { get; } = new();

    /// <summary>Daily volatility of a token that stands in no file (0.08 = 8 %).</summary>
    public double UnknownVolatility { get; init; } = 0.08;

    /// <summary>Correlation of two factors whose pair stands in no file.</summary>
    public double OtherCorrelation { get; init; } = 0.5;

    public int Count => byAddress.Count + bySymbol.Count;

    public AssetProfile Of(ChainId chain, Address token, string symbol)
    {
        if (byAddress.TryGetValue((chain, token), out var profile) || bySymbol.TryGetValue(symbol, out profile))
        {
            return profile;
        }

        // A factor of its own: two unknown tokens are never taken to cancel each other out.
        return new AssetProfile("?" + token.ToHex(), UnknownVolatility, 0, Assumed: true);
    }

    public double Correlation(string factor, string other)
    {
        if (factor == other)
        {
            return 1;
        }

        // What nobody knows gets no credit for moving together with anything.
        return factor.StartsWith('?') || other.StartsWith('?') ? 0
            : correlations.TryGetValue(Pair(factor, other), out var value) ? value : OtherCorrelation;
    }

    internal bool Add(ChainId chain, Address token, AssetProfile profile) => byAddress.TryAdd((chain, token), profile);

    internal bool Add(string symbol, AssetProfile profile) => bySymbol.TryAdd(symbol, profile);

    internal bool Correlate(string factor, string other, double value) => correlations.TryAdd(Pair(factor, other), value);

    private static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);
}
