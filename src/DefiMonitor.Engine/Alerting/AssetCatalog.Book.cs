using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What the assets files say of tokens beyond how they move: what they hold, who stands behind them, where prices are read.</summary>
public sealed partial class AssetCatalog
{
    private readonly Dictionary<(ChainId Chain, Address Token), (string? Name, string? Issuer, WrapperRule? Wrapper)> tokens = [];
    private readonly Dictionary<string, (string Name, string? Issuer)> names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(ChainId Chain, string Name)> addressed = [];
    private readonly Dictionary<string, double> factors = new(StringComparer.Ordinal);

    public IReadOnlyList<PriceSource> PriceSources { get; internal set; } = [];

    /// <summary>Feeds that are held against the market; of all chains.</summary>
    public IReadOnlyList<FeedWatch> Feeds { get; internal set; } = [];

    public AssetIdentity IdentityOf(ChainId chain, Address token, string symbol)
    {
        var profile = Of(chain, token, symbol);
        if (tokens.TryGetValue((chain, token), out var known))
        {
            return new AssetIdentity(known.Name ?? token.ToHex(), profile, known.Issuer, known.Wrapper);
        }

        // By its symbol it is the asset of that name, unless the chain's own stands here by its address: whoever else calls himself so is somebody else.
        // That it holds anything is believed of named addresses alone.
        return names.TryGetValue(symbol, out var named) && !addressed.Contains((chain, named.Name))
            ? new AssetIdentity(named.Name, profile, named.Issuer, null)
            : new AssetIdentity(token.ToHex(), profile, null, null);
    }

    public AssetIdentity? Named(ChainId chain, string name)
    {
        if (factors.TryGetValue(name, out var volatility))
        {
            return new AssetIdentity(name, new AssetProfile(name, volatility, 0, Assumed: false), null, null);
        }

        foreach (var token in TokensOn(chain))
        {
            if (token.Identity.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return token.Identity;
            }
        }

        return names.ContainsKey(name) ? IdentityOf(chain, default, name) : null;
    }

    public IReadOnlyList<KnownToken> TokensOn(ChainId chain) =>
        [.. tokens.Keys.Where(k => k.Chain == chain).OrderBy(static k => k.Token.ToHex(), StringComparer.Ordinal).Select(k => new KnownToken(k.Token, IdentityOf(chain, k.Token, "")))];

    internal void Describe(string name, double volatility) => factors[name] = volatility;

    internal void Describe(string symbol, string name, string? issuer) => names[symbol] = (name, issuer);

    internal void Describe(ChainId chain, Address token, string? name, string? issuer, WrapperRule? wrapper)
    {
        tokens[(chain, token)] = (name, issuer, wrapper);
        if (name is not null)
        {
            addressed.Add((chain, name));
        }
    }
}
