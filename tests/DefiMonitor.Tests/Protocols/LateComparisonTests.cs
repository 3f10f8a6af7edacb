using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.State;

namespace DefiMonitor.Tests.Protocols;

/// <summary>
/// A message is compared with the chain by another thread, blocks after the account was judged: what is said then must hang on the state and the answers alone, or a true alert
/// would be disputed because the market went on.
/// </summary>
public sealed class LateComparisonTests
{
    public static TheoryData<string> Flavours() => [.. ProtocolFixtures.All.Select(static fixture => $"{fixture.Family}, {fixture.Flavour}")];

    [Theory]
    [MemberData(nameof(Flavours))]
    public void What_a_comparison_says_does_not_change_as_the_tables_go_on(string flavour)
    {
        var equal = 0;
        for (var seed = 1; seed <= 3; seed++)
        {
            var market = ProtocolFixtures.All.Single(fixture => $"{fixture.Family}, {fixture.Flavour}" == flavour).Make(seed);
            var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
            var judged = new List<(AccountState State, CallResults Answers, Agreement Agreement)>();
            for (var i = 0; i < 40; i++)
            {
                run.Take(market.Header, market.Logs, market.Owners, isHead: true);
                foreach (var account in market.Owners.Select(run.Protocol.AccountOf))
                {
                    var answers = new CallResults();
                    foreach (var call in run.Protocol.Confirm(account))
                    {
                        answers.Set(call, market.Answer(call));
                    }

                    var state = run.Protocol.Capture(account, market.Header);
                    judged.Add((state, answers, run.Protocol.Compare(state, answers)));
                }

                market.Mine();
            }

            // And once more with tables that know nothing yet.
            var other = market.NewProtocol();
            foreach (var (state, answers, agreement) in judged)
            {
                Said(run.Protocol.Compare(state, answers)).ShouldBe(Said(agreement), $"{flavour} seed {seed} {state.Account} in block {state.Block.Number}");
                Said(other.Compare(state, answers)).ShouldBe(Said(agreement), $"{flavour} seed {seed} {state.Account} in block {state.Block.Number}, by empty tables");
                equal += agreement.Kind == AgreementKind.Equal ? 1 : 0;
            }
        }

        equal.ShouldBeGreaterThan(40);
    }

    private static string Said(Agreement agreement) =>
        $"{agreement.Kind} {agreement.ChainSaysLiquidatable} {agreement.Text} {string.Join(", ", agreement.Chain.Select(static word => $"{word.Name} {word.Value}"))}";
}
