using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Protocols;

/// <summary>The fake markets that every suite runs over, and how they are driven.</summary>
public static class SuiteMarket
{
    internal const int Blocks = 60;
    private const int Seeds = 4;

    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var (family, flavour, _) in ProtocolFixtures.All)
        {
            for (var seed = 1; seed <= Seeds; seed++)
            {
                data.Add($"{family}, {flavour}", seed);
            }
        }

        return data;
    }

    internal static MarginReport Report(ProtocolRun run, IFakeMarket market, Address owner) => Report(run, market, owner, Shock.None);

    internal static MarginReport Report(ProtocolRun run, IFakeMarket market, Address owner, Shock shock)
    {
        var state = run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);
        return run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp), shock);
    }

    internal static (IFakeMarket Market, ProtocolRun Run) Begin(string flavour, int seed)
    {
        var market = Make(flavour, seed);
        return (market, new ProtocolRun(market.NewProtocol(), call => market.Answer(call)));
    }

    internal static IFakeMarket Make(string flavour, int seed) =>
        ProtocolFixtures.All.Single(fixture => $"{fixture.Family}, {fixture.Flavour}" == flavour).Make(seed);

    internal static void Step(IFakeMarket market, ProtocolRun run)
    {
        market.Mine();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
    }
}
