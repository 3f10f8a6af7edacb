using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>Why nobody, or a user, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(PanopticMarket market)
{
    private readonly PanopticTables tables = market.Tables;

    /// <summary>What everybody shares.</summary>
    public string? OfPool(BlockHeader block)
    {
        if (!tables.Pool.IsOpen)
        {
            return $"The pool {market.Deployment.Id} has not been read yet.";
        }

        var ticks = tables.Ticks;
        return ticks.IsRead && ticks.IsTwapRead && market.Options.IsFresh(ticks.Block, block) && market.Options.IsFresh(ticks.TwapBlock, block)
            ? null
            : $"The oracle's ticks of pool {market.Deployment.Pool} could not be read.";
    }

    public string? OfUser(in Address user, BlockHeader block)
    {
        if (!tables.Users.TryGet(user, out var row))
        {
            return "The account has not entered yet.";
        }

        if (!market.Options.IsFresh(row.LegsBlock, block) || !market.Options.IsFresh(row.AssetsBlock, block))
        {
            return "The pool did not tell how many legs and how much collateral the account has.";
        }

        var positions = market.PositionsOf.Of(user);
        var known = positions.Sum(static tokenId => TokenIds.CountLegs(tokenId));
        if ((ulong)known != row.Legs)
        {
            return $"The pool counts {row.Legs} legs of the account and {known} are known: the pool lists no positions, and those opened before the monitor followed it must be stated as tokenIds in its entry.";
        }

        if (positions.Count == 0)
        {
            return null;
        }

        if (!market.Options.IsFresh(row.VerdictBlock, block) || row.Verdict == PoolVerdict.Unread)
        {
            return "The pool's own decision on the account could not be read.";
        }

        if (row.Verdict == PoolVerdict.WrongList)
        {
            return "The positions that are known are not those that the pool's hash stands for: one was missed; state all of them as tokenIds in the pool's entry.";
        }

        return market.Options.IsFresh(row.PremiumBlock, block) && market.Options.IsFresh(row.MarginBlock, block) ? null : "The account's premia and margin could not be read.";
    }
}
