using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.OpynGamma;

namespace DefiMonitor.Tests.Protocols.OpynGamma.Fake;

/// <summary>The steps that tests of this family take.</summary>
internal static class GammaSteps
{
    public static readonly UInt256 Option = UInt256.Pow10(8);

    public static readonly UInt256 Dollar = UInt256.Pow10(6);

    /// <summary>A market in which one owner has one naked put of strike 2,000 at a price of 2,000.</summary>
    public static (FakeGamma Market, ProtocolRun Run, Address Owner, VaultKey Key) OnePut(uint dollars)
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * dollars);
        var (_, run) = Begin(market);
        return (market, run, owner, key);
    }

    public static (FakeGamma Market, ProtocolRun Run) Begin(FakeGamma market)
    {
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        Take(market, run);
        return (market, run);
    }

    /// <summary>Open, and everybody in, but nothing of what is read at every block.</summary>
    public static IProtocol Entered(FakeGamma market)
    {
        var protocol = market.NewProtocol();
        Ask(protocol.Open);
        foreach (var owner in market.Owners)
        {
            Ask(soFar => protocol.Snapshot(protocol.AccountOf(owner), soFar));
        }

        return protocol;

        void Ask(Func<CallResults, IEnumerable<Call>> next)
        {
            var soFar = new CallResults();
            var asked = new List<Call>();
            for (var before = -1; asked.Count > before;)
            {
                before = asked.Count;
                foreach (var call in next(soFar).Where(call => !soFar.Contains(call)).ToList())
                {
                    asked.Add(call);
                    soFar.Set(call, market.Answer(call));
                }
            }

            foreach (var call in asked)
            {
                soFar.TryGet(call, out var answer);
                protocol.ApplyRead(market.Header, call, answer, new HashSet<MarginAccountId>());
            }
        }
    }

    public static void Take(FakeGamma market, ProtocolRun run) => run.Take(market.Header, market.Logs, market.Owners, isHead: true);

    /// <summary>A judged block with a new round.</summary>
    public static void Next(FakeGamma market, ProtocolRun run, ulong seconds, ulong dollars)
    {
        market.NextBlock(seconds);
        market.Write(dollars * (UInt256)100_000_000u);
        Take(market, run);
    }

    /// <summary>Judged blocks until the owner is known again, each of which must be right or unknown.</summary>
    public static MarginReport UntilKnown(FakeGamma market, ProtocolRun run, Address owner)
    {
        for (var i = 0; i < 6; i++)
        {
            var report = Report(run, market, owner);
            if (report.Status != MarginStatus.Unknown)
            {
                report.NativeWords.Select(static word => word.Value).ShouldBe(market.Truth(owner));
                return report;
            }

            market.NextBlock();
            Take(market, run);
        }

        throw new ShouldAssertException($"still unknown: {Report(run, market, owner).UnknownReason}");
    }

    public static OpynGammaState StateOf(ProtocolRun run, FakeGamma market, Address owner) => (OpynGammaState)run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);

    public static MarginReport Report(ProtocolRun run, FakeGamma market, Address owner) => run.Protocol.Evaluate(StateOf(run, market, owner), new Instant(market.Header.Timestamp), Shock.None);

    /// <summary>The chain's own view, asked for after the reads as before a message leaves.</summary>
    public static void Agrees(ProtocolRun run, FakeGamma market, Address owner, bool isLiquidatable)
    {
        var agreement = Compare(run, market, owner, run.Protocol.Confirm(run.Protocol.AccountOf(owner)));
        agreement.Kind.ShouldBe(AgreementKind.Equal, agreement.Text);
        agreement.ChainSaysLiquidatable.ShouldBe(isLiquidatable);
    }

    public static Agreement Compare(ProtocolRun run, FakeGamma market, Address owner, IEnumerable<Call> calls, Func<Call, CallResult, CallResult?>? twist = null)
    {
        var answers = new CallResults();
        foreach (var call in calls)
        {
            var truth = market.Answer(call);
            if ((twist is null ? truth : twist(call, truth)) is { } answer)
            {
                answers.Set(call, answer);
            }
        }

        return run.Protocol.Compare(StateOf(run, market, owner), answers);
    }
}
