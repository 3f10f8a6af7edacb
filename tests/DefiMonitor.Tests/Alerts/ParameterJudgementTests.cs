using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.Engine.Storage;

namespace DefiMonitor.Tests.Alerts;

/// <summary>What was told of parameters and is undone, told and taken back by hand.</summary>
public sealed class ParameterJudgementTests
{
    private static readonly MarketParameter Fee = MarketParameter.Number(ParameterSubject.Market, "fee", 7u, 0, ParameterKind.Other);

    [Fact]
    public void A_fork_that_is_found_late_still_takes_back_what_was_told()
    {
        var told = Told(1);
        var result = Judge(Block(5_000), [], told);
        Of(result).ShouldHaveSingleItem().Kind.ShouldBe(TransitionKind.Retracted);
        result.Markets.ShouldHaveSingleItem().Told.ShouldBeEmpty();
    }

    private static BlockHeader Block(ulong number) => new(number, Sample.Hash(1), Sample.Hash(2), 1_700_000_000 + (12 * number));

    [Fact]
    public void One_alert_told_twice_is_taken_back_once_and_no_number_stands_twice()
    {
        var retracted = Of(Judge(Block(110), [], Told(1), Told(2))).ShouldHaveSingleItem();
        (retracted.AlertId, retracted.Number, retracted.Parameters.Count).ShouldBe(("a", 3, 2));
        var state = Sample.State("a", 1, AlertLevel.None, 4) with { Subject = new AlertSubject(SubjectKind.Market, Sample.Deployment.ToString()), Rule = Rules.Parameters };
        Of(Judge(Block(110), [state], Told(1), Told(2))).ShouldHaveSingleItem().Number.ShouldBe(5);
    }

    private static List<AlertTransition> Of(JudgementResult result) => [.. result.Transitions.Where(static t => t.Rule == Rules.Parameters)];

    private static ToldChanges Told(int number) => new(Block(100).Ref, "a", number, AlertLevel.Warning, [new ParameterChange(Fee, (UInt256)(ulong)number)]);

    private static JudgementResult Judge(BlockHeader head, IReadOnlyList<AlertState> alerts, params ToldChanges[] told) => new Judge(RuleBook.Default, AssetCatalog.Empty).Run(new JudgementInput
    {
        Chain = Sample.Chain,
        Head = head,
        Accounts = [],
        Alerts = alerts.ToDictionary(static a => a.Key),
        IsCanonical = static _ => true,
        Now = head.Timestamp,
        Markets = [new MarketChange { Deployment = Sample.Deployment, Memory = new MarketMemory { Deployment = Sample.Deployment, Parameters = [Fee], Told = told }, Parameters = [Fee], Undone = told }],
    });
}
