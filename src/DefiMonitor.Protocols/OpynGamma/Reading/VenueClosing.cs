using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// Closes the venue when one of its contracts is another one now, or may be. Nothing that they said stands any more, and until the venue is open again no log of theirs is
/// folded: so every vault has to be read again, and every owner's number of vaults.
/// </summary>
internal sealed class VenueClosing(GammaMarket market)
{
    private readonly GammaTables tables = market.Tables;

    public void Close(ISet<MarginAccountId> touched)
    {
        new SeriesWriter(market).Forget();
        foreach (var key in tables.Vaults.Keys())
        {
            tables.Vaults.TryGet(key, out var row);
            tables.Vaults.Set(key, row with { IsRead = false });
        }

        foreach (var owner in tables.Accounts.Keys())
        {
            tables.Accounts.TryGet(owner, out var row);
            tables.Accounts.Set(owner, row with { IsCounted = false });
            touched.Add(market.IdOf(owner));
        }

        tables.Venue = default;
    }
}
