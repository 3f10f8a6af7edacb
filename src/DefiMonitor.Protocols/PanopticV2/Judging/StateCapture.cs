using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>Takes one user's inputs out of the tables.</summary>
internal sealed class StateCapture(PanopticMarket market, PoolCalls calls, UnknownReasons reasons)
{
    public PanopticV2State Capture(MarginAccountId id, BlockHeader block)
    {
        var user = market.UserOf(id);
        var state = new PanopticV2State(id, block);
        if ((reasons.OfPool(block) ?? reasons.OfUser(user, block)) is { } reason)
        {
            return state with { Unknown = reason };
        }

        var pool = market.Tables.Pool;
        var ticks = market.Tables.Ticks;
        market.Tables.Users.TryGet(user, out var row);
        return state with
        {
            Token0 = new PanopticToken(pool.Token0, NameOf(pool.Symbol0), pool.Decimals0),
            Token1 = new PanopticToken(pool.Token1, NameOf(pool.Symbol1), pool.Decimals1),
            Ticks = new PanopticTicks(ticks.Current, ticks.Spot, ticks.Latest, ticks.Twap),
            Positions = market.ListOf(user),
            Legs = row.Legs,
            Assets0 = row.Assets0,
            Assets1 = row.Assets1,
            ShortPremium = row.ShortPremium,
            LongPremium = row.LongPremium,
            Verdict = row.Verdict,
            Margin = row.Margin,
            CrossBuffer0 = pool.CrossBuffer0,
            CrossBuffer1 = pool.CrossBuffer1,
            Probes = market.Options.IsFresh(row.ProbeBlock, block) ? calls.ProbesOf(user, row) : [],
        };
    }

    private static string NameOf(in Core.State.Text32 symbol) => symbol.ToString() is { Length: > 0 } name ? name : "native";
}
