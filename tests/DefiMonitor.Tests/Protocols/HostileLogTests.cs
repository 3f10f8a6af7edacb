using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols;

/// <summary>Logs that no contract of ours would write: of a stranger with our topics they are none of ours, of our own contract they are refused in a way that the engine catches.</summary>
public sealed class HostileLogTests
{
    public static TheoryData<string> Options() => [.. ProtocolFixtures.All.Where(static fixture => fixture.Family is "opyn-gamma" or "panoptic-v2" or "lyra-v1").Select(static fixture => $"{fixture.Family}, {fixture.Flavour}")];

    [Theory]
    [MemberData(nameof(Options))]
    public void A_strangers_log_is_nothing_and_a_garbled_one_of_our_own_is_refused_or_taken_whole(string flavour)
    {
        var (refused, strange) = (0, 0);
        for (var seed = 1; seed <= 3; seed++)
        {
            var random = new Random(seed);
            var (market, run) = SuiteMarket.Begin(flavour, seed);
            for (var i = 0; i < 30; i++)
            {
                SuiteMarket.Step(market, run);
                foreach (var log in market.Logs)
                {
                    var before = run.Dump();
                    foreach (var garbled in Garbled(log, random))
                    {
                        Told(garbled with { Address = FakeAddress.Of(0x77, 7) }).ShouldBe(0);
                        run.Dump().ShouldBe(before, "a stranger changed something");
                        strange++;
                        try
                        {
                            Told(garbled);
                        }
                        catch (Exception e) when (e is AbiException or ArithmeticException or FormatException)
                        {
                            refused++;
                        }

                        foreach (var table in run.Protocol.Tables)
                        {
                            table.Undo(table.Seal());
                        }
                    }
                }
            }

            int Told(Log log)
            {
                var touched = new HashSet<MarginAccountId>();
                run.Protocol.Apply(market.Header, log, touched);
                return touched.Count + (run.Protocol.Discover(log) is null ? 0 : 1) + (run.Protocol.LiquidationOf(log) is null ? 0 : 1);
            }
        }

        strange.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(50);
    }

    private static IEnumerable<Log> Garbled(Log log, Random random)
    {
        yield return log;
        yield return log with { Topics = [] };
        yield return log with { Topics = [.. log.Topics.Take(log.Topics.Count - 1)] };
        yield return log with { Topics = [.. log.Topics, Keccak256.HashUtf8("one more")] };
        yield return log with { Topics = [log.Topics[0], .. log.Topics.Skip(1).Select(static _ => Keccak256.HashUtf8("no address"))] };
        yield return log with { Data = Array.Empty<byte>() };
        yield return log with { Data = log.Data[..Math.Max(0, log.Data.Length - 1)] };
        yield return log with { Data = log.Data[..(log.Data.Length / 64 * 32)] };
        yield return log with { Data = Enumerable.Repeat((byte)0xff, log.Data.Length).ToArray() };
        var bent = log.Data.ToArray();
        if (bent.Length > 0)
        {
            bent[random.Next(bent.Length)] ^= (byte)random.Next(1, 256);
        }

        yield return log with { Data = bent };
    }
}
