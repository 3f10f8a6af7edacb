using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// The rule "liquidated": something that happened, not a condition that holds. What happened to an account in one block is told once, also in a block that was never judged, or that
/// left the account healthy; it is retracted when a fork undoes its block. On file such an alert is closed from the beginning. Its id goes by the number of that block: told again on
/// another branch it goes on, and of several each is taken back by itself.
/// </summary>
public sealed partial class Judge
{
    private void JudgeLiquidations(Desk desk, JudgementInput input)
    {
        var known = new Dictionary<string, AlertState>();
        var changed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var state in input.Happened)
        {
            known[state.AlertId] = state;
            if (StandsTold(state) && !input.IsCanonical(state.RaisedAt))
            {
                known[state.AlertId] = Retract(desk, input, state);
                changed.Add(state.AlertId);
            }
        }

        foreach (var there in input.Liquidations.GroupBy(static l => (l.Block, l.Liquidation.Account)))
        {
            var subject = new AlertSubject(SubjectKind.Account, there.Key.Account.ToString());
            var id = AlertIds.Alert(subject, Rules.Liquidated, there.Key.Block.Number);
            var last = known.GetValueOrDefault(id);
            if (last is null || !StandsTold(last))
            {
                known[id] = Tell(desk, input, subject, id, last, there.Key.Block, [.. there.Select(static l => l.Liquidation)]);
                changed.Add(id);
            }
        }

        foreach (var id in changed)
        {
            desk.Set(known[id]);
        }
    }

    // Closed from the beginning, so that the level told is what remains of it: none = taken back.
    internal static bool StandsTold(AlertState state) => state.ToldLevel != AlertLevel.None;

    private AlertState Retract(Desk desk, JudgementInput input, AlertState state)
    {
        var after = state with { TransitionNumber = state.TransitionNumber + 1, ToldLevel = AlertLevel.None };
        var account = Find(input, state.Subject);
        desk.Tell(Of(input, after, TransitionKind.Retracted, input.Head, account) with
        {
            Level = AlertLevel.None,
            PreviousLevel = AlertLevel.Critical,
            Cause = new Cause(CauseKind.Reorg, $"block {state.RaisedAt} is no longer on the chain"),
            Title = $"Retracted: the liquidation of {Whose(state.Subject, account)} in block {state.RaisedAt.Number} was undone by a reorg.",
            Lines = ["The chain went on another branch, on which this liquidation has not happened. The account is judged anew there."],
        });
        return after;
    }

    private static AlertState Tell(Desk desk, JudgementInput input, AlertSubject subject, string id, AlertState? last, BlockHeader block, IReadOnlyList<Liquidation> liquidations)
    {
        var account = Find(input, subject);
        var state = new AlertState
        {
            AlertId = id,
            Subject = subject,
            Rule = Rules.Liquidated,
            Level = AlertLevel.None,
            ToldLevel = AlertLevel.Critical,
            OpenedAt = block.Ref,
            OpenedTimestamp = block.Timestamp,
            RaisedAt = block.Ref,
            TransitionNumber = (last?.TransitionNumber ?? 0) + 1,
        };
        var words = new LiquidationWords(liquidations, account?.AtBlock, account?.Memory?.Baseline ?? account?.Previous);
        desk.Tell(Of(input, state, TransitionKind.Opened, block, account) with
        {
            Level = AlertLevel.Critical,
            PreviousLevel = AlertLevel.None,
            Cause = new Cause(CauseKind.Liquidation, words.What),
            Title = $"LIQUIDATED: {Whose(subject, account)} in block {block.Number}{(liquidations.Count > 1 ? $", {liquidations.Count} times" : "")}: {words.What}.",
            Lines = [.. words.Lines()],
        });
        return state;
    }

    private static AccountInput? Find(JudgementInput input, AlertSubject subject) =>
        input.Accounts.FirstOrDefault(a => a.Account.ToString() == subject.Key);

    private static string Whose(AlertSubject subject, AccountInput? account) =>
        MarginAccountId.TryParse(subject.Key, out var id) ? $"{Say.Who(id!, account?.OwnerName)} on {id!.Deployment.Name}" : subject.Key;

    private static AlertTransition Of(JudgementInput input, AlertState state, TransitionKind kind, BlockHeader block, AccountInput? account) => new()
    {
        AlertId = state.AlertId,
        Number = state.TransitionNumber,
        Subject = state.Subject,
        Rule = state.Rule,
        Kind = kind,
        Level = state.Level,
        PreviousLevel = AlertLevel.None,
        Chain = input.Chain,
        Block = block,
        Title = "",
        Lines = [],
        Report = account?.AtBlock,
        Pin = input.Pin,
        OwnerName = account?.OwnerName,
    };
}

/// <summary>What was liquidated in one block in words: amounts by the legs that are, or were, known.</summary>
internal sealed class LiquidationWords(IReadOnlyList<Liquidation> all, MarginReport? now, MarginReport? before)
{
    private const int MostNamed = 4;

    public string What => string.Join("; ", all.Take(MostNamed).Select(Of)) + (all.Count > MostNamed ? $"; and {all.Count - MostNamed} times more" : "");

    public IEnumerable<string> Lines()
    {
        if (Sum(WorthOfTaken) is { } taken && Sum(l => Worth(DebtOf(l), l.DebtRepaid)) is { } repaid && taken > repaid && now is not null)
        {
            yield return $"It cost about {Say.Money(now, taken - repaid)} beyond the debt that it repaid (at the prices of the block judged, the protocol's fee not counted).";
        }

        if (now is { Status: not MarginStatus.Unknown })
        {
            yield return $"What is left: {Say.Money(now, now.CollateralValue)} of collateral, {Say.Debt(now)} of debt, health factor {Say.Health(now.HealthFactor)}.";
        }
    }

    private string Of(Liquidation liquidation) =>
        $"{Amount(DebtOf(liquidation), liquidation.DebtAsset, liquidation.DebtRepaid)} of debt repaid, {string.Join(", ", TakenBy(liquidation).Select(t => Amount(Leg(t.Asset), t.Asset, t.Amount)))} taken";

    private static IEnumerable<TakenCollateral> TakenBy(Liquidation liquidation) => [new(liquidation.CollateralAsset, liquidation.CollateralTaken), .. liquidation.AlsoTaken];

    private UInt256? WorthOfTaken(Liquidation liquidation)
    {
        var sum = UInt256.Zero;
        foreach (var taken in TakenBy(liquidation))
        {
            if (Worth(Leg(taken.Asset), taken.Amount) is not { } worth)
            {
                return null;
            }

            sum += worth;
        }

        return sum;
    }

    /// <summary>Null where one of them is not known.</summary>
    private UInt256? Sum(Func<Liquidation, UInt256?> worthOf)
    {
        var sum = UInt256.Zero;
        foreach (var liquidation in all)
        {
            if (worthOf(liquidation) is not { } worth)
            {
                return null;
            }

            sum += worth;
        }

        return sum;
    }

    private Position? DebtOf(Liquidation liquidation) => liquidation.Option is { } option ? First(p => option.Is(p.Option)) : Leg(liquidation.DebtAsset);

    private Position? Leg(Address asset) => First(p => p.Asset == asset && p.Option is null && p.Perpetual is null);

    private Position? First(Func<Position, bool> which) => now?.Positions.FirstOrDefault(which) ?? before?.Positions.FirstOrDefault(which);

    private static string Amount(Position? leg, Address asset, in UInt256 amount) =>
        leg is not null ? $"{Say.Amount(amount, leg.Decimals)} {Say.Symbol(leg.Symbol)}" : $"{amount} units of {asset}";

    private static UInt256? Worth(Position? leg, in UInt256 amount) =>
        leg is not null ? UInt256.MulDiv(amount, leg.Price, UInt256.Pow10(leg.Decimals), Rounding.Down) : null;
}
