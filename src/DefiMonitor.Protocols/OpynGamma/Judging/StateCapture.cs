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
        if ((reasons.OfMarket() ?? reasons.OfAccount(owner)) is { } reason)
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
                vaults.Add(VaultOf(key, row, block));
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
            Unfollowed = reasons.Unfollowed(owner),
        };
    }

    private VaultState VaultOf(in VaultKey key, in VaultRow row, BlockHeader block) => reasons.OfVault(key, row, block) is not { } gap
        ? WithRounds(market.VaultOf(key, row, block.Timestamp), block.Timestamp)
        : row.IsRead ? market.VaultOf(key, row, block.Timestamp) with { Gap = gap }
        : new VaultState { Id = key.Id, Type = row.Type, Gap = gap, IsRead = false };

    // A verdict needs only the extremes of the rounds; what is said of an account, all of them.
    private VaultState WithRounds(VaultState vault, ulong at) => vault.IsLiveNaked(at) && vault.Short is { } series
        ? vault with
        {
            Rounds = [.. market.RoundsOf.Later(series.Underlying.Address, vault.LatestUpdate)],
            RoundsSince = market.RoundsOf.KnownSince(series.Underlying.Address, vault.LatestUpdate),
        }
        : vault;
}
