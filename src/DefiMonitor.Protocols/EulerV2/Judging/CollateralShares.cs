using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The shares of every vault that the market lends on, as tokens that an owner's wallet may hold.</summary>
internal sealed class CollateralShares(EulerTables tables)
{
    /// <summary>Who takes a token: the vault what is repaid, each collateral vault what is deposited. By the plain allowance; what Permit2 allows is not read.</summary>
    public List<Address> SpendersOf(in Address token, in Address liability)
    {
        var spenders = new List<Address>();
        if (tables.Market.Asset == token)
        {
            spenders.Add(liability);
        }

        foreach (var (vault, row) in tables.Collaterals)
        {
            if (row.Asset == token && row.HasLtv)
            {
                spenders.Add(vault);
            }
        }

        spenders.Sort();
        return spenders;
    }

    public IReadOnlyList<VenueToken> All()
    {
        var shares = new List<VenueToken>();
        foreach (var (vault, row) in tables.Collaterals)
        {
            var isKnown = tables.Tokens.TryGet(vault, out var face);

            // The shares of an EVault have its asset's decimals (EVault.decimals).
            var ofAsset = tables.EVaults.TryGet(vault, out var isEVault) && isEVault && tables.Tokens.TryGet(row.Asset, out var asset) ? asset.Decimals : (int?)null;
            var hex = vault.ToHex();
            shares.Add(new VenueToken(vault, isKnown ? face.Symbol.ToString() : $"{hex[..6]}..{hex[^4..]}", isKnown ? face.Decimals : ofAsset));
        }

        shares.Sort(static (a, b) => a.Asset.CompareTo(b.Asset));
        return shares;
    }
}
