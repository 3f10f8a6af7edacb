using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Assets;

/// <summary>What a token is, beyond how it moves.</summary>
/// <param name="Name">The asset on whatever chain, such as USDC; the address of a token that stands in no file.</param>
/// <param name="Issuer">Who stands behind it; null = not stated.</param>
/// <param name="Wrapper">What is inside; null = it is its own root.</param>
public sealed record AssetIdentity(string Name, AssetProfile Profile, string? Issuer, WrapperRule? Wrapper)
{
    /// <summary>The root asset that it is when nothing is inside: its factor where it does not move against that, else itself.</summary>
    public string Root => Profile is { BasisDailyVolatility: 0, Assumed: false } ? Profile.Factor : Name;
}

/// <summary>A token that a file names on a chain.</summary>
public sealed record KnownToken(Address Address, AssetIdentity Identity);

/// <summary>Where a price in US dollars of root assets is read. One that names no asset is an oracle that prices any token by its address (Aave's getAssetPrice).</summary>
/// <param name="Asset">The root that a feed of Chainlink's shape prices; null = any.</param>
/// <param name="MaxAgeSeconds">A feed's answer older than this is not used; null = any age.</param>
public sealed record PriceSource(ChainId Chain, Address Contract, string? Asset, int Decimals = 8, ulong? MaxAgeSeconds = null);

/// <summary>The assets files: which tokens there are, what they hold, and where their prices in US dollars are read.</summary>
public interface IAssetBook : IAssetProfiles
{
    AssetIdentity IdentityOf(ChainId chain, Address token, string symbol);

    /// <summary>A factor, or the token of that name on that chain; null when no file has it.</summary>
    AssetIdentity? Named(ChainId chain, string name);

    /// <summary>In an order that does not change.</summary>
    IReadOnlyList<KnownToken> TokensOn(ChainId chain);

    /// <summary>Best first.</summary>
    IReadOnlyList<PriceSource> PriceSources { get; }
}
