using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using static DefiMonitor.Tests.Protocols.SuiteMarket;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What every adapter says while an answer is missing: nothing wrong.</summary>
public sealed class LossSuite
{
    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Without_any_one_of_its_reads_no_account_is_judged_wrongly(string flavour, int seed)
    {
        var (market, probe) = Begin(flavour, seed);
        Step(market, probe);
        Step(market, probe);
        foreach (var reverts in new[] { true, false })
        {
            for (var read = 0; read < probe.LastReads.Count; read++)
            {
                WithoutRead(flavour, seed, read, reverts);
            }
        }
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Without_any_one_answer_of_its_entry_an_account_is_out_or_unknown_or_right(string flavour, int seed)
    {
        var market = Make(flavour, seed);
        int count;
        var skipped = 0;
        do
        {
            count = 0;
            var at = skipped;
            var run = new ProtocolRun(market.NewProtocol(), call =>
                market.IsBesideTheVerdict(call) || count++ != at ? market.Answer(call) : new CallResult(false, default));
            run.Take(market.Header, market.Logs, market.Owners, isHead: true);
            JudgedRightly(run, market, $"{flavour} seed {seed} answer {skipped}");
        }
        while (++skipped <= count);
    }

    // The read is lost for good: as long as prices may age nothing is wrong yet, after that nobody may be judged on what is gone.
    private static void WithoutRead(string flavour, int seed, int read, bool reverts)
    {
        var market = Make(flavour, seed);
        var lost = new HashSet<Call>();
        var run = new ProtocolRun(market.NewProtocol(), call => !lost.Contains(call) ? market.Answer(call) : reverts ? new CallResult(false, default) : null);
        Step(market, run);
        Step(market, run);
        var call = run.Protocol.Reads(market.Header).ElementAtOrDefault(read);
        if (call is null || market.IsBesideTheVerdict(call))
        {
            return;
        }

        lost.Add(call);
        for (var i = 0; i < 4; i++)
        {
            Step(market, run);
        }

        JudgedRightly(run, market, $"{flavour} seed {seed}: {(reverts ? "reverted" : "lost")} read {read}, {call}");
    }

    private static bool Found(IEnumerator<UInt256> words, UInt256 word)
    {
        while (words.MoveNext())
        {
            if (words.Current == word)
            {
                return true;
            }
        }

        return false;
    }

    private static void JudgedRightly(ProtocolRun run, IFakeMarket market, string where)
    {
        foreach (var owner in market.Owners)
        {
            var report = Report(run, market, owner);
            if (report.Status != MarginStatus.Unknown && market.TellsGaps(report))
            {
                // What is told is right, and in its place.
                var truth = market.Truth(owner).GetEnumerator();
                report.NativeWords.All(word => Found(truth, word.Value)).ShouldBeTrue(where);
            }
            else if (report.Status != MarginStatus.Unknown)
            {
                report.NativeWords.Select(word => word.Value).ShouldBe(market.Truth(owner), where);
            }
            else
            {
                report.UnknownReason.ShouldNotBeNullOrWhiteSpace();
            }
        }
    }
}
