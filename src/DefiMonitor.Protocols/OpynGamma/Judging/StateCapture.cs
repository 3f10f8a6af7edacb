using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Takes one owner's inputs out of the tables.</summary>
internal sealed class StateCapture(GammaMarket market, UnknownReasons reasons)
{
    public OpynGammaState Capture(MarginAccountId id, BlockHeader block)
    {
        var owner = market.UserOf(id);
        var state = new OpynGammaState(id, block);
        if ((reasons.OfMarket() ?? reasons.OfAccount(owner, block)) is { } reason)
        {
            return state with { Unknown = reason };
        }

        var venue = market.Tables.Venue;
        market.Tables.Accounts.TryGet(owner, out var account);
        var vaults = new List<VaultState>();
        foreach (var number in market.Owned.Of(owner))
        {
            var key = new VaultKey(owner, number);
            if (market.Tables.Vaults.TryGet(key, out var row))
            {
                vaults.Add(WithRounds(market.VaultOf(key, row, block.Timestamp), block.Timestamp));
            }
        }

        return state with
        {
            Controller = venue.Controller,
            Calculator = venue.Calculator,
            OracleDeviation = venue.OracleDeviation,
            IsPaused = venue.IsPartiallyPaused || venue.IsFullyPaused,
            Counter = account.Counter,
            Vaults = vaults,
        };
    }

    // A verdict needs only the extremes of the rounds; what is said of an account, all of them.
    private VaultState WithRounds(VaultState vault, ulong at) => vault.IsLiveNaked(at) && vault.Short is { } series
        ? vault with
        {
            Rounds = [.. market.RoundsOf.Later(series.Underlying.Address, vault.LatestUpdate)],
            RoundsSince = market.RoundsOf.KnownSince(series.Underlying.Address, vault.LatestUpdate),
        }
        : vault;
}
