using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using static DefiMonitor.Tests.Protocols.SuiteMarket;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What all accounts of a market owe, against the contract's total.</summary>
public sealed class TotalsSuite
{
    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void What_all_accounts_owe_is_the_contracts_total_at_every_block(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        if (!market.TellsTotals)
        {
            Step(market, run);
            run.Protocol.IsOpen.ShouldBeTrue();
            Equations(run, market).ShouldBeEmpty();
            return;
        }

        var held = 0;
        for (var i = 0; i < Blocks; i++)
        {
            market.Mine();
            run.Take(market.Header, market.Logs, market.Owners, isHead: i % 3 == 0);
            if (i % 3 == 0)
            {
                foreach (var equation in Equations(run, market))
                {
                    equation.Holds.ShouldNotBe(false, $"{flavour} seed {seed} block {i}: {equation}");
                    held += equation.Holds == true ? 1 : 0;
                }

                run.Protocol.Complete(new CallResults()).ShouldAllBe(static equation => equation.Holds == null && equation.Unsettled != null);
            }
        }

        held.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void What_all_accounts_owe_is_not_the_total_once_a_blocks_logs_are_lost(string flavour, int seed)
    {
        if (!Make(flavour, seed).TellsTotals)
        {
            return;
        }

        var broken = 0;
        for (var lost = 2; lost < 20; lost++)
        {
            var (market, run) = Begin(flavour, seed);
            for (var i = 1; i < lost; i++)
            {
                Step(market, run);
            }

            var before = Equations(run, market);
            market.Mine();
            run.Take(market.Header, [], market.Owners, isHead: true);
            foreach (var equation in Equations(run, market))
            {
                var was = before.Single(one => one.Asset == equation.Asset && one.What == equation.What);
                if (was.Holds == true && equation.Unsettled is null && equation.Total != was.Total && market.IsFolded(equation))
                {
                    equation.Holds.ShouldBe(false, $"{flavour} seed {seed} block {lost}: {equation}");
                    (equation.Outside.IsZero ^ equation.Excess.IsZero).ShouldBeTrue();
                    broken++;
                }
            }
        }

        broken.ShouldBeGreaterThan(0);
    }

    private static IReadOnlyList<Completeness> Equations(ProtocolRun run, IFakeMarket market)
    {
        var answers = new CallResults();
        foreach (var call in run.Protocol.Totals())
        {
            answers.Set(call, market.Answer(call));
        }

        return run.Protocol.Complete(answers);
    }
}
