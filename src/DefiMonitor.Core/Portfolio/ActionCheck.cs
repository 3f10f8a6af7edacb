using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>What an owner can do for an account. Borrowing helps nobody out of trouble.</summary>
public enum ActionKind
{
    Repay,

    /// <summary>More collateral.</summary>
    Deposit,

    /// <summary>Collateral, as far as the account's health allows.</summary>
    Withdraw,
}

/// <summary>From the best to the worst.</summary>
public enum Possibility
{
    Yes,

    /// <summary>Up to <see cref="ActionCheck.Limit"/>, or as the reason says.</summary>
    Limited,

    /// <summary>Something that it hangs on was not read: never yes.</summary>
    Unknown,
    No,
}

/// <param name="Code">paused, frozen, inactive, halted, supply-cap, liquidity, hook, sequencer, health, wallet, allowance</param>
/// <param name="Limit">The most that it leaves, in the asset's decimals; null = it names no amount.</param>
public sealed record ActionReason(string Code, string Text, Possibility Possible, UInt256? Limit = null);

/// <summary>Whether something can be done at the block, and why not.</summary>
/// <param name="Possible">The worst of the reasons; yes without any.</param>
/// <param name="Limit">The least of the reasons' limits, in the asset's own decimals.</param>
public sealed record ActionCheck(
    ActionKind Kind, Address Asset, string Symbol, int Decimals, Possibility Possible, UInt256? Limit, IReadOnlyList<ActionReason> Reasons)
{
    public static ActionCheck Of(ActionKind kind, in Address asset, string symbol, int decimals, params IEnumerable<ActionReason?> reasons)
    {
        var known = new List<ActionReason>();
        var possible = Possibility.Yes;
        UInt256? limit = null;
        foreach (var reason in reasons)
        {
            if (reason is not null)
            {
                known.Add(reason);
                possible = reason.Possible > possible ? reason.Possible : possible;
                limit = reason.Limit is { } most && (limit is null || most < limit) ? most : limit;
            }
        }

        return new ActionCheck(kind, asset, symbol, decimals, possible, limit, known);
    }

    /// <summary>With what else stands in the way.</summary>
    public ActionCheck And(params IEnumerable<ActionReason?> more) => Of(Kind, Asset, Symbol, Decimals, Reasons.Concat(more));

    /// <summary>Of the account as a whole: the best that can be done to bring it away from its edge; null where nothing is known of any way.</summary>
    public static Possibility? Best(IReadOnlyList<ActionCheck> actions)
    {
        Possibility? best = null;
        foreach (var action in actions)
        {
            if (action.Kind != ActionKind.Withdraw && (best is null || action.Possible < best))
            {
                best = action.Possible;
            }
        }

        return best;
    }
}
