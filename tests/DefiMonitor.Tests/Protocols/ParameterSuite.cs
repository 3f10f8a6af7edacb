using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using static DefiMonitor.Tests.Protocols.SuiteMarket;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What governors set, listed and put back.</summary>
public sealed class ParameterSuite
{
    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Parameters_put_back_are_those_of_before_and_taken_out_again_leave_no_trace(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var restored = 0;
        for (var i = 0; i < Blocks; i++)
        {
            var before = Parameters(run);
            Step(market, run);
            var now = Parameters(run);
            var dump = run.Dump();
            var put = MarketMemory.Compare(before, now, out _).Where(change => change.Old is { } old && run.Protocol.Restore(old)).ToList();
            var asked = Parameters(run);
            asked.Count.ShouldBe(now.Count);
            for (var n = 0; n < now.Count; n++)
            {
                var change = put.Find(c => c.Parameter.IsSameAs(now[n]));
                asked.ShouldContain(change.Before is { } was ? now[n] with { Value = was } : now[n], $"{flavour} seed {seed} block {i}");
            }

            restored += put.Count;
            foreach (var table in run.Protocol.Tables)
            {
                table.Undo(table.Seal());
            }

            run.Dump().ShouldBe(dump);
        }

        (Parameters(run).Count > 0).ShouldBe(market.HasParameters, flavour);
        (restored > 0).ShouldBe(market.HasParameters, flavour);
    }

    /// <summary>They are asked for at every judged block, whatever the number of accounts.</summary>
    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Listing_parameters_again_allocates_nothing(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var list = new List<MarketParameter>();
        for (var i = 0; i < 3; i++)
        {
            list.Clear();
            run.Protocol.Parameters(list);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        list.Clear();
        run.Protocol.Parameters(list);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0, $"{flavour}: {list.Count} parameters");
    }

    private static List<MarketParameter> Parameters(ProtocolRun run)
    {
        var parameters = new List<MarketParameter>();
        run.Protocol.Parameters(parameters);
        parameters.DistinctBy(static p => (p.Subject.What, p.Subject.Asset, p.Subject.Number, p.Name)).Count().ShouldBe(parameters.Count, "each is named once");
        return parameters;
    }
}
