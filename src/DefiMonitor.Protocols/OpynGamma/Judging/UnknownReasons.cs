using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Why nobody, an owner, or one of his vaults can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(GammaMarket market)
{
    private readonly GammaTables tables = market.Tables;

    /// <summary>What everybody shares.</summary>
    public string? OfMarket() => tables.Venue.IsOpen ? null : $"{market.Deployment.Id} has not been read yet.";

    /// <summary>What all of an owner's vaults share.</summary>
    public string? OfAccount(in Address owner) =>
        !tables.Accounts.TryGet(owner, out var account) || account.MustEnter ? "The account has not entered yet."
        : account.IsCounted ? null
        : "The number of the account's vaults has not been read since a contract of the venue was replaced.";

    /// <summary>Why some of his vaults are not even looked at.</summary>
    public string? Unfollowed(in Address owner) => tables.Accounts.TryGet(owner, out var account) && account.Counter > Entry.MostFollowed
        ? $"The account has opened {account.Counter} vaults: no more than {Entry.MostFollowed} are followed."
        : null;

    /// <summary>What is not known of one vault, which says nothing of the others; null = all is known.</summary>
    public VaultGap? OfVault(in VaultKey key, in VaultRow vault, BlockHeader block) => Why(key, vault, block) is not { } why
        ? null
        : new VaultGap(why, !vault.IsRead || (vault.Type == 1 && !vault.Short.IsZero && !(tables.Series.TryGet(vault.Short, out var series) && block.Timestamp >= series.Expiry)));

    private string? Why(in VaultKey key, in VaultRow vault, BlockHeader block)
    {
        if (!vault.IsRead)
        {
            return vault.Asked == 0 ? $"Vault {key.Id} has not been read yet." : $"Vault {key.Id} changed and has not been read since.";
        }

        if (!vault.Collateral.IsZero && OfToken(vault.Collateral, block) is { } ofCollateral)
        {
            return ofCollateral;
        }

        foreach (var otoken in (ReadOnlySpan<Address>)[vault.Short, vault.Long])
        {
            if (!otoken.IsZero && OfSeries(key.Id, vault, otoken, block) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private string? OfSeries(ulong id, in VaultRow vault, in Address otoken, BlockHeader block)
    {
        if (!tables.Series.TryGet(otoken, out var series))
        {
            return $"The terms of oToken {otoken} in vault {id} could not be read.";
        }

        var reason = OfToken(series.Underlying, block) ?? OfToken(series.Strike, block) ?? OfToken(series.Collateral, block);
        if (reason is not null || block.Timestamp < series.Expiry)
        {
            return reason ?? (GammaMarket.IsLiveNaked(vault, series, block.Timestamp) ? OfNaked(series, block) : null);
        }

        foreach (var asset in GammaMarket.SettledAssets(series))
        {
            if (!tables.Settled.TryGet(new SettledKey(asset, series.Expiry), out var settled) || !(settled.IsFinal || (settled.IsRead && market.Options.IsFresh(settled.Block, block))))
            {
                return $"The price of {NameOf(asset)} at the expiry of vault {id} could not be read.";
            }
        }

        return null;
    }

    private string? OfNaked(in SeriesRow series, BlockHeader block)
    {
        var hash = GammaMarket.ProductOf(series);
        if (!tables.Products.TryGet(hash, out var product) || !product.HasShock || !product.HasTimes || market.UpperBounds.Unread(hash).Any())
        {
            return $"The spot shock and upper bound values of product {hash.Short} have not been read.";
        }

        if (!tables.Feeds.TryGet(series.Underlying, out var feed) || feed.Aggregator.IsZero)
        {
            return $"The price feed behind {NameOf(series.Underlying)} could not be found: its pricer names no aggregator.";
        }

        return feed.IsRead && feed.HasDecimals && market.Options.IsFresh(feed.Block, block)
            ? null
            : $"The rounds of {NameOf(series.Underlying)} at feed {feed.Aggregator} could not be read, so what a liquidation may name is not known.";
    }

    private string? OfToken(in Address token, BlockHeader block)
    {
        if (!tables.Tokens.TryGet(token, out var row) || (row.Fields & TokenFields.All) != TokenFields.All)
        {
            return $"The decimals and dust of token {token} could not be read.";
        }

        tables.Prices.TryGet(token, out var price);
        if (!market.Options.IsFresh(price.Block, block))
        {
            return price.Block == 0
                ? $"The price of {row.Symbol} has not been read yet."
                : $"The price of {row.Symbol} was last read in block {price.Block}, {block.Number - Math.Min(price.Block, block.Number)} blocks ago.";
        }

        return price.IsRead ? null : $"The price of {row.Symbol} can't be read: the oracle reverted in block {price.Block}.";
    }

    private string NameOf(in Address token) => tables.Tokens.TryGet(token, out var row) ? row.Symbol.ToString() : token.ToHex();
}
