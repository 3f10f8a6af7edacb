using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using static DefiMonitor.Tests.Protocols.SuiteMarket;

namespace DefiMonitor.Tests.Protocols;

/// <summary>A log with too few or too many topics, or data that end too early, is taken for nothing that it does not say: it is refused, or nobody is judged wrongly after it.</summary>
public sealed class GarbledLogSuite
{
    private const int Blocks = 10;

    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var (family, flavour, _) in ProtocolFixtures.All.Where(static f => f.Family is "aave-v3" or "aave-v4" or "compound-v3" or "euler-v2" or "morpho-blue"))
        {
            data.Add($"{family}, {flavour}", 1);
            data.Add($"{family}, {flavour}", 2);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_log_that_is_not_whole_is_refused_or_does_no_harm_and_tells_of_nobody(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var (refused, folded) = (0, 0);
        for (var i = 0; i < Blocks; i++)
        {
            market.Mine();
            var wanted = market.Logs.Where(log => run.Protocol.Filters.Any(filter => filter.Matches(log))).ToList();
            foreach (var log in wanted)
            {
                foreach (var garbled in Garbled(log))
                {
                    var where = $"{flavour} seed {seed} block {i} log {log.LogIndex} with {garbled.Topics.Count} topics and {garbled.Data.Length} bytes";
                    OrRefused(() => run.Protocol.Discover(garbled)).ShouldBeNull(where);
                    OrRefused(() => run.Protocol.LiquidationOf(garbled)).ShouldBeNull(where);
                    if (Folds(run, market, log, garbled))
                    {
                        folded++;
                        foreach (var owner in market.Owners)
                        {
                            var report = Report(run, market, owner);
                            if (report.Status != MarginStatus.Unknown)
                            {
                                report.NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(owner), where);
                            }
                        }

                        run.Undo();
                    }
                    else
                    {
                        refused++;
                    }
                }
            }

            run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        }

        (refused + folded).ShouldBeGreaterThan(Blocks);
    }

    private static IEnumerable<Log> Garbled(Log log)
    {
        if (!log.Data.IsEmpty)
        {
            yield return log with { Data = log.Data[..^1] };
            yield return log with { Data = default };
        }

        for (var topics = 1; topics < log.Topics.Count; topics++)
        {
            yield return log with { Topics = [.. log.Topics.Take(topics)] };
        }

        if (log.Topics.Count < 4)
        {
            yield return log with { Topics = [.. log.Topics, Hash32.FromUInt256(7u)] };
        }
    }

    // As the engine takes them: what these throw has the log fetched anew, and then all that was folded given up.
    private static bool Folds(ProtocolRun run, IFakeMarket market, Log log, Log garbled)
    {
        try
        {
            run.Take(market.Header, [.. market.Logs.Select(one => one.LogIndex == log.LogIndex ? garbled : one)], market.Owners, isHead: true);
            return true;
        }
        catch (Exception e) when (e is AbiException or ArithmeticException or FormatException)
        {
            foreach (var table in run.Protocol.Tables)
            {
                table.Undo(table.Seal());
            }

            return false;
        }
    }

    private static T? OrRefused<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (AbiException)
        {
            return null;
        }
    }
}
