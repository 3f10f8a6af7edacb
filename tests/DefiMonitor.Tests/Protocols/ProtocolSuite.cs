using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using static DefiMonitor.Tests.Protocols.SuiteMarket;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What every adapter promises, whatever the family. Entering the catalog without a fake market fails here.</summary>
public sealed class ProtocolSuite
{
    [Fact]
    public void Every_family_in_the_catalog_has_a_fake_market() =>
        ProtocolCatalog.Families.Select(family => family.Name).Except(ProtocolFixtures.All.Select(fixture => fixture.Family)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Every_word_equals_the_contract_at_every_block(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        for (var i = 0; i < Blocks; i++)
        {
            Step(market, run);
            foreach (var owner in market.Owners)
            {
                Report(run, market, owner).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(owner), $"{flavour} seed {seed} block {i} {owner}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Blocks_that_are_only_folded_lead_to_the_same_words(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        for (var i = 1; i <= Blocks; i++)
        {
            market.Mine();
            run.Take(market.Header, market.Logs, market.Owners, isHead: i % 7 == 0);
            if (i % 7 == 0)
            {
                foreach (var owner in market.Owners)
                {
                    Report(run, market, owner).NativeWords.Select(word => word.Value).ShouldBe(market.Truth(owner), $"{flavour} seed {seed} block {i} {owner}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Who_joins_late_sees_what_who_followed_sees(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        for (var i = 0; i < Blocks; i++)
        {
            Step(market, run);
        }

        var late = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        late.Take(market.Header, market.Logs, market.Owners, isHead: true);
        foreach (var owner in market.Owners)
        {
            var followed = Report(run, market, owner);
            var joined = Report(late, market, owner);
            joined.NativeWords.ShouldBe(followed.NativeWords);
            joined.Positions.ShouldBe(followed.Positions);

            // Who says that he does not know all yet (the past of a feed) may lack a remark.
            if (joined.Tag != ResultTag.ChainView || followed.Tag == ResultTag.ChainView)
            {
                joined.Remedies.ShouldBe(followed.Remedies);
            }
        }
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void The_same_blocks_and_answers_give_the_same_bytes(string flavour, int seed)
    {
        var (market, first) = Begin(flavour, seed);
        var (twin, second) = Begin(flavour, seed);
        for (var i = 0; i < Blocks / 2; i++)
        {
            Step(market, first);
            Step(twin, second);
        }

        second.Dump().ShouldBe(first.Dump());
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Undoing_restores_every_byte_and_redoing_repeats_them(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var dumps = new Stack<List<string>>();
        var filters = run.Protocol.Filters.Sum(filter => filter.Addresses.Count * filter.Topics.Count);
        for (var i = 0; i < Blocks / 2; i++)
        {
            dumps.Push(run.Dump());
            Step(market, run);
        }

        while (dumps.Count > 0)
        {
            run.Undo();
            run.Dump().ShouldBe(dumps.Pop());
        }

        run.Protocol.Filters.Sum(filter => filter.Addresses.Count * filter.Topics.Count).ShouldBe(filters);
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Stored_rows_put_back_judge_alike(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        for (var i = 0; i < 10; i++)
        {
            Step(market, run);
        }

        var restarted = market.NewProtocol();
        for (var i = 0; i < restarted.Tables.Count; i++)
        {
            foreach (var (key, row) in run.Protocol.Tables[i].Dump())
            {
                restarted.Tables[i].Load(key, row);
            }
        }

        foreach (var owner in market.Owners)
        {
            var account = restarted.AccountOf(owner);
            restarted.Evaluate(restarted.Capture(account, market.Header), new Instant(market.Header.Timestamp), Shock.None).NativeWords
                .ShouldBe(Report(run, market, owner).NativeWords);
        }
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Judging_many_agrees_with_evaluating_each(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        var broken = new Random(seed);
        Call? missing = null;
        var partial = new ProtocolRun(run.Protocol, call => call.Equals(missing) ? null : market.Answer(call));
        for (var i = 0; i < Blocks / 4; i++)
        {
            market.Mine();
            missing = run.Protocol.IsOpen && broken.Next(4) == 0 ? run.Protocol.Reads(market.Header).ElementAt(0) : null;
            partial.Take(market.Header, market.Logs, market.Owners, isHead: i % 5 != 4);
            var accounts = market.Owners.Select(run.Protocol.AccountOf).ToArray();
            var slots = accounts.Select(run.Protocol.SlotOf).ToArray();
            foreach (var seconds in new ulong[] { 0, 12, 86_400 })
            {
                var at = new Instant(market.Header.Timestamp) + seconds;
                var verdicts = new Verdict[accounts.Length];
                run.Protocol.JudgeMany(slots, market.Header, at, verdicts);
                for (var a = 0; a < accounts.Length; a++)
                {
                    var report = run.Protocol.Evaluate(run.Protocol.Capture(accounts[a], market.Header), at, Shock.None);
                    var health = report.Status == MarginStatus.Unknown ? UInt256.Zero : report.HealthFactor ?? UInt256.MaxValue;
                    verdicts[a].ShouldBe(new Verdict(report.Status, health), $"{flavour} seed {seed} block {i}: {report.UnknownReason}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Compare_says_equal_when_read_and_different_when_a_word_is_not_ours(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var account = run.Protocol.AccountOf(market.Owners[0]);
        var state = run.Protocol.Capture(account, market.Header);
        var answers = new CallResults();
        foreach (var call in run.Protocol.Confirm(account))
        {
            answers.Set(call, market.Answer(call));
        }

        run.Protocol.Compare(state, answers).Kind.ShouldBe(AgreementKind.Equal);
        run.Protocol.Compare(state, new CallResults()).Kind.ShouldBe(AgreementKind.Unreadable);
        foreach (var (call, result) in answers.All.ToList())
        {
            var wrong = result.Data.ToArray();
            if (wrong.Length > 31)
            {
                wrong[31] ^= 1;
            }

            answers.Set(call, new CallResult(true, wrong));
        }

        var different = run.Protocol.Compare(state, answers);
        different.Kind.ShouldBe(AgreementKind.Different);
        different.Text.ShouldContain("ours");
    }
}
