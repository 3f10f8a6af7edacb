using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>What the vaults of those who are in go by at a block, each once and in an order of its own.</summary>
internal sealed class Needed
{
    /// <summary>Live naked vaults that are read again in each block although no event told of them, those first that were not for the longest: Controller.sync leaves none.</summary>
    private const int Refreshed = 32;

    /// <summary>Vaults that changed, or that nobody has read yet, in a block, and owners whose vaults must be counted: each owner's in turn, so that nobody waits for another who has thousands.</summary>
    private const int MostUnread = 1_000;

    private readonly GammaTables tables;

    private Needed(GammaTables tables) => this.tables = tables;

    /// <summary>To be read.</summary>
    public SortedSet<VaultKey> Vaults { get; } = new(Comparer<VaultKey>.Create(static (a, b) => a.Owner == b.Owner ? a.Id.CompareTo(b.Id) : a.Owner.CompareTo(b.Owner)));

    /// <summary>Whose number of vaults is not known any more.</summary>
    public SortedSet<Address> Owners { get; } = [];

    /// <summary>Whose terms are not known.</summary>
    public SortedSet<Address> Otokens { get; } = [];

    /// <summary>Whose price counts.</summary>
    public SortedSet<Address> Tokens { get; } = [];

    /// <summary>Of naked vaults, with the earliest second of a last change: all rounds since then count.</summary>
    public SortedDictionary<Address, ulong> Underlyings { get; } = [];

    /// <summary>Of naked vaults, by the contract's hash; a series stands for its product.</summary>
    public Dictionary<Hash32, SeriesRow> Products { get; } = [];

    /// <summary>Expired, and not final.</summary>
    public SortedSet<(Address Asset, ulong Expiry)> Settled { get; } = [];

    public static Needed At(GammaMarket market, BlockHeader head)
    {
        var need = new Needed(market.Tables);
        var naked = new List<(VaultKey Key, ulong Asked)>();
        var unread = new List<(VaultKey Key, ulong Asked)>();
        foreach (var (key, row) in market.Tables.Vaults)
        {
            if (!row.IsRead)
            {
                unread.Add((key, row.Asked));
            }

            if (!row.Collateral.IsZero)
            {
                need.Tokens.Add(row.Collateral);
            }

            if (need.AddSeries(row, row.Short, head) | need.AddSeries(row, row.Long, head))
            {
                naked.Add((key, row.Asked));
            }
        }

        var uncounted = new List<(ulong Since, Address Owner)>();
        foreach (var (owner, row) in market.Tables.Accounts)
        {
            if (!row.IsCounted)
            {
                uncounted.Add((row.Block, owner));
            }
        }

        need.Owners.UnionWith(PendingTurns.Of(uncounted, head, MostUnread));

        need.Vaults.UnionWith(unread.Count <= MostUnread ? unread.Select(static one => one.Key) : need.OfEachOwner(unread).Take(MostUnread));
        need.Vaults.UnionWith(need.LongestAgo(naked).Take(Refreshed));
        return need;
    }

    private IEnumerable<VaultKey> LongestAgo(IEnumerable<(VaultKey Key, ulong Asked)> vaults) =>
        vaults.OrderBy(static one => one.Asked).ThenBy(static one => one.Key, Vaults.Comparer).Select(static one => one.Key);

    // The first of each owner's, then the second of each.
    private IEnumerable<VaultKey> OfEachOwner(List<(VaultKey Key, ulong Asked)> vaults) =>
        vaults.GroupBy(static one => one.Key.Owner)
            .SelectMany(owner => LongestAgo(owner).Select(static (key, place) => (Key: key, Place: place)))
            .OrderBy(static one => one.Place).ThenBy(static one => one.Key, Vaults.Comparer).Select(static one => one.Key);

    // True for the short of a live naked vault.
    private bool AddSeries(in VaultRow vault, in Address otoken, BlockHeader head)
    {
        if (otoken.IsZero)
        {
            return false;
        }

        if (!tables.Series.TryGet(otoken, out var series))
        {
            Otokens.Add(otoken);
            return false;
        }

        Tokens.UnionWith([series.Underlying, series.Strike, series.Collateral]);
        if (head.Timestamp >= series.Expiry)
        {
            foreach (var asset in GammaMarket.SettledAssets(series))
            {
                if (!tables.Settled.TryGet(new SettledKey(asset, series.Expiry), out var settled) || !settled.IsFinal)
                {
                    Settled.Add((asset, series.Expiry));
                }
            }
        }

        if (otoken != vault.Short || !GammaMarket.IsLiveNaked(vault, series, head.Timestamp))
        {
            return false;
        }

        Underlyings[series.Underlying] = Math.Min(vault.LatestUpdate, Underlyings.GetValueOrDefault(series.Underlying, ulong.MaxValue));
        Products.TryAdd(GammaMarket.ProductOf(series), series);
        return true;
    }
}
