using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Routes with what was read of each step, and why one can't be used.</summary>
internal sealed class Quotes(EulerMarket market)
{
    private readonly EulerTables tables = market.Tables;

    /// <summary>The steps as they were read last, whatever that is worth; none where a figure is missing altogether.</summary>
    public IReadOnlyList<StageState>? Stages(in Address from)
    {
        if (market.Routes.Of(from) is not { Broken: null } route)
        {
            return null;
        }

        var stages = new StageState[route.Stages.Count];
        for (var i = 0; i < stages.Length; i++)
        {
            var stage = route.Stages[i];
            if (stage.Kind == StageKind.Shares)
            {
                if (!tables.Totals.TryGet(stage.Source.Oracle, out var totals) || !totals.HasBorrows)
                {
                    return null;
                }

                stages[i] = new StageState(stage.Kind, totals.Totals, UInt256.Zero);
            }
            else
            {
                if (!tables.Rates.TryGet(stage.Source, out var rate) || !rate.IsRead)
                {
                    return null;
                }

                stages[i] = new StageState(stage.Kind, default, rate.Out);
            }
        }

        return stages;
    }

    /// <summary>Why a base can't be priced at a block: one sentence, or null.</summary>
    public string? Unread(in Address from, BlockHeader block)
    {
        if (market.Routes.Of(from) is not { } route)
        {
            return $"How {Name(from)} is priced has not been read yet.";
        }

        if (route.Broken is not null || route.Stages.Count == 0)
        {
            return route.Broken;
        }

        foreach (var stage in route.Stages)
        {
            if ((stage.Kind == StageKind.Shares ? OfTotals(stage, block) : OfRate(from, stage, block)) is { } why)
            {
                return why;
            }
        }

        tables.Checks.TryGet(from, out var check);
        return !market.IsFresh(check.Block, block) ? $"The price of {Name(from)} has not been held against the vault's oracle since block {check.Block}."
            : !check.IsRead ? $"The price of {Name(from)} can't be read: the vault's oracle reverted in block {check.Block}."
            : !check.Agrees ? $"The vault's oracle quotes {Name(from)} otherwise than its parts, taken one by one, add up to in block {check.Block}."
            : null;
    }

    private string? OfTotals(in Stage stage, BlockHeader block) =>
        tables.Totals.TryGet(stage.Source.Oracle, out var totals) && EulerMarket.IsUsable(totals, block)
            ? null
            : $"The figures of the vault {Name(stage.Source.Oracle)} could not be read at block {block.Number}.";

    private string? OfRate(in Address from, in Stage stage, BlockHeader block)
    {
        tables.Rates.TryGet(stage.Source, out var rate);
        return !market.IsFresh(rate.Block, block)
            ? rate.Block == 0
                ? $"The price of {Name(from)} has not been read yet."
                : $"The price of {Name(from)} was last read in block {rate.Block}, {block.Number - Math.Min(rate.Block, block.Number)} blocks ago."
            : rate.IsRead ? null : $"The price of {Name(from)} can't be read: {stage.Source.Oracle} reverted in block {rate.Block}.";
    }

    private string Name(in Address token) => tables.Tokens.TryGet(token, out var face) && face.Symbol.ToString() is { Length: > 0 } symbol ? symbol : token.ToString();
}
