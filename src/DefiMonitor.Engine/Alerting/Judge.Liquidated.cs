using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// The rule "liquidated": something that happened, not a condition that holds. Each liquidation is told once, also one in a block that was never judged, or that left
/// the account healthy; it is retracted when a fork undoes its block. Those of one account in one block are one alert. On file such an alert is closed from the beginning.
/// </summary>
public sealed partial class Judge
{
    private void JudgeLiquidations(Desk desk, JudgementInput input)
    {
        var latest = new Dictionary<AlertSubject, AlertState>();
        foreach (var (key, state) in input.Alerts)
        {
            if (key.Rule != Rules.Liquidated)
            {
                continue;
            }

            latest[key.Subject] = state;
            if (StandsTold(state) && !input.IsCanonical(state.RaisedAt))
            {
                latest[key.Subject] = Retract(desk, input, state);
            }
        }

        foreach (var same in input.Liquidations.GroupBy(static l => (l.Block.Hash, l.Liquidation.Account)))
        {
            var block = same.First().Block;
            var subject = new AlertSubject(SubjectKind.Account, same.Key.Account.ToString());
            var last = latest.GetValueOrDefault(subject);
            if (last is null || !StandsTold(last) || last.RaisedAt.Number < block.Number)
            {
                latest[subject] = Tell(desk, input, subject, last, block, [.. same.Select(static l => l.Liquidation)]);
            }
        }

        foreach (var state in latest.Values)
        {
            desk.Set(state);
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

    private AlertState Tell(Desk desk, JudgementInput input, AlertSubject subject, AlertState? last, BlockHeader block, IReadOnlyList<Liquidation> liquidations)
    {
        // As in AlertMachine: an id never stands for two things, so after a reorg the last alert is taken up again.
        var again = last is not null && last.OpenedAt.Number >= block.Number;
        var account = Find(input, subject);
        var state = new AlertState
        {
            AlertId = again ? last!.AlertId : AlertIds.Alert(subject, Rules.Liquidated, block.Number),
            Subject = subject,
            Rule = Rules.Liquidated,
            Level = AlertLevel.None,
            ToldLevel = AlertLevel.Critical,
            OpenedAt = again ? last!.OpenedAt : block.Ref,
            OpenedTimestamp = again ? last!.OpenedTimestamp : block.Timestamp,
            RaisedAt = block.Ref,
            TransitionNumber = again ? last!.TransitionNumber + 1 : 1,
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

/// <summary>An account's liquidations in one block in words: amounts by the legs that are, or were, known.</summary>
internal sealed class LiquidationWords(IReadOnlyList<Liquidation> liquidations, MarginReport? now, MarginReport? before)
{
    public string What => string.Join("; ", liquidations.Select(one =>
        $"{Amount(DebtOf(one), one.DebtAsset, one.DebtRepaid)} of debt repaid, {string.Join(", ", TakenBy(one).Select(t => Amount(Leg(t.Asset), t.Asset, t.Amount)))} taken"));

    public IEnumerable<string> Lines()
    {
        if (Sum(liquidations.SelectMany(TakenBy).Select(t => Worth(Leg(t.Asset), t.Amount))) is { } taken
            && Sum(liquidations.Select(one => Worth(DebtOf(one), one.DebtRepaid))) is { } repaid
            && taken > repaid && now is not null)
        {
            yield return $"It cost about {Say.Money(now, taken - repaid)} beyond the debt that it repaid (at the prices of the block judged, the protocol's fee not counted).";
        }

        if (now is { Status: not MarginStatus.Unknown })
        {
            yield return $"What is left: {Say.Money(now, now.CollateralValue)} of collateral, {Say.Money(now, now.DebtValue)} of debt, health factor {Say.Health(now.HealthFactor)}.";
        }
    }

    private static IEnumerable<TakenCollateral> TakenBy(Liquidation one) => [new(one.CollateralAsset, one.CollateralTaken), .. one.AlsoTaken];

    // Null where a part is.
    private static UInt256? Sum(IEnumerable<UInt256?> parts)
    {
        var sum = UInt256.Zero;
        foreach (var part in parts)
        {
            if (part is not { } worth)
            {
                return null;
            }

            sum += worth;
        }

        return sum;
    }

    private Position? DebtOf(Liquidation one) => one.Option is { } option ? First(p => option.Is(p.Option)) : Leg(one.DebtAsset);

    private Position? Leg(Address asset) => First(p => p.Asset == asset && p.Option is null);

    private Position? First(Func<Position, bool> which) => now?.Positions.FirstOrDefault(which) ?? before?.Positions.FirstOrDefault(which);

    private static string Amount(Position? leg, Address asset, in UInt256 amount) =>
        leg is not null ? $"{Say.Amount(amount, leg.Decimals)} {Say.Symbol(leg.Symbol)}" : $"{amount} units of {asset}";

    private static UInt256? Worth(Position? leg, in UInt256 amount) =>
        leg is not null ? UInt256.MulDiv(amount, leg.Price, UInt256.Pow10(leg.Decimals), Rounding.Down) : null;
}
