using System.Globalization;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>How tokens move: the content of config/assets/*.json. Looked up by chain and address, then by symbol; else a cautious default, marked as assumed.</summary>
public sealed partial class AssetCatalog : IAssetBook
{
    private const char UnknownMark = '?';

    private readonly Dictionary<(ChainId, Address), AssetProfile> byAddress = [];
    private readonly Dictionary<string, AssetProfile> bySymbol = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string, string), double> correlations = [];

    /// <summary>Knows no token: each is assumed to move as <see cref="UnknownVolatility"/> says.</summary>
    public static AssetCatalog Empty { get; } = new();

    /// <summary>Daily volatility of a token that stands in no file (0.08 = 8 %).</summary>
    public double UnknownVolatility { get; internal set; } = 0.08;

    /// <summary>Correlation of two factors whose pair stands in no file.</summary>
    public double OtherCorrelation { get; internal set; } = 0.5;

    /// <summary>Addresses and symbols known.</summary>
    public int Count => byAddress.Count + bySymbol.Count;

    public AssetProfile Of(ChainId chain, Address token, string symbol)
    {
        if (byAddress.TryGetValue((chain, token), out var profile) || bySymbol.TryGetValue(symbol, out profile))
        {
            return profile;
        }

        // A factor of its own: two unknown tokens are never taken to cancel each other out.
        return new AssetProfile(UnknownMark + token.ToHex(), UnknownVolatility, 0, Assumed: true);
    }

    public double Correlation(string factor, string other)
    {
        if (factor == other)
        {
            return 1;
        }

        // What nobody knows gets no credit for moving together with anything.
        return factor.StartsWith(UnknownMark) || other.StartsWith(UnknownMark) ? 0
            : correlations.TryGetValue(Pair(factor, other), out var value) ? value : OtherCorrelation;
    }

    public string Text => string.Join('\n', (string[])
    [
        string.Create(CultureInfo.InvariantCulture, $"{UnknownVolatility} {OtherCorrelation}"),
        .. byAddress.Select(static a => $"{a.Key.Item1} {a.Key.Item2} {Line(a.Value)}").Order(StringComparer.Ordinal),
        .. bySymbol.Select(static s => $"{s.Key.ToUpperInvariant()} {Line(s.Value)}").Order(StringComparer.Ordinal),
        .. correlations.Select(static c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value}")).Order(StringComparer.Ordinal),
    ]);

    internal void Set(ChainId chain, Address token, AssetProfile profile) => byAddress[(chain, token)] = profile;

    internal void Set(string symbol, AssetProfile profile) => bySymbol[symbol] = profile;

    internal void Correlate(string factor, string other, double value) => correlations[Pair(factor, other)] = value;

    private static string Line(AssetProfile profile) =>
        string.Create(CultureInfo.InvariantCulture, $"{profile.Factor} {profile.FactorDailyVolatility} {profile.BasisDailyVolatility} {profile.Assumed}");

    private static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);
}
