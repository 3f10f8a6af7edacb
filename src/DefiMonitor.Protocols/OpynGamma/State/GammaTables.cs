using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>All that is known of one deployment. There is no other state.</summary>
internal sealed class GammaTables
{
    private const byte TheOne = 0;

    public GammaTables() => All = [Venues, Tokens, Prices, Feeds, Rounds, Series, Drafts, Products, Steps, Settled, Vaults, Accounts];

    public StateTable<byte, VenueRow> Venues { get; } = new("venue");

    public StateTable<Address, TokenRow> Tokens { get; } = new("token");

    public StateTable<Address, PriceRow> Prices { get; } = new("price");

    public StateTable<Address, FeedRow> Feeds { get; } = new("feed");

    public StateTable<RoundKey, RoundRow> Rounds { get; } = new("round");

    /// <summary>By oToken.</summary>
    public StateTable<Address, SeriesRow> Series { get; } = new("series");

    /// <summary>By oToken: those whose terms are not whole yet.</summary>
    public StateTable<Address, DraftRow> Drafts { get; } = new("draft");

    /// <summary>By the contract's product hash.</summary>
    public StateTable<Hash32, ProductRow> Products { get; } = new("product");

    public StateTable<StepKey, StepRow> Steps { get; } = new("upperBound");

    public StateTable<SettledKey, SettledRow> Settled { get; } = new("settled");

    public StateTable<VaultKey, VaultRow> Vaults { get; } = new("vault");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    public IReadOnlyList<IStateTable> All { get; }

    public VenueRow Venue
    {
        get => Venues.TryGet(TheOne, out var row) ? row : default;
        set => Venues.Set(TheOne, value);
    }
}

internal static class TableKeys
{
    /// <summary>A copy, so that rows may be changed on the way.</summary>
    public static List<TKey> Keys<TKey, TRow>(this StateTable<TKey, TRow> table)
        where TKey : unmanaged, IEquatable<TKey>
        where TRow : unmanaged
    {
        var keys = new List<TKey>();
        foreach (var (key, _) in table)
        {
            keys.Add(key);
        }

        return keys;
    }
}
