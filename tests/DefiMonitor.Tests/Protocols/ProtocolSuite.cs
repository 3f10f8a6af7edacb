using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Protocols;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What every adapter promises, whatever the family. Entering the catalog without a fake market fails here.</summary>
public sealed class ProtocolSuite
{
    private const int Blocks = 60;
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

    [Fact]
    public void Every_family_in_the_catalog_has_a_fake_market() =>
        ProtocolCatalog.Families.Select(family => family.Name).Except(ProtocolFixtures.All.Select(fixture => fixture.Family)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
    public void A_price_told_by_an_exact_factor_moves_an_account_as_the_same_fall_in_ppm_does(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        Step(market, run);
        var moved = 0;
        foreach (var owner in market.Owners)
        {
            var report = Report(run, market, owner);
            foreach (var asset in report.Positions.Select(static leg => leg.Asset).Distinct())
            {
                var byPpm = Report(run, market, owner, Shock.None with { PricePpm = new Dictionary<Address, uint> { [asset] = 800_000 } });
                var byFactor = Report(run, market, owner, Shock.None with { Factors = new Dictionary<Address, PriceFactor> { [asset] = new((UInt256)4u, (UInt256)5u) } });
                (byFactor.Status, byFactor.HealthFactor).ShouldBe((byPpm.Status, byPpm.HealthFactor));
                byFactor.NativeWords.ShouldBe(byPpm.NativeWords);
                moved += byFactor.HealthFactor != report.HealthFactor ? 1 : 0;
            }
        }

        moved.ShouldBePositive();
    }

    [Theory]
    [MemberData(nameof(Cases))]
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
    [MemberData(nameof(Cases))]
    public void Without_any_one_answer_of_its_entry_an_account_is_out_or_unknown_or_right(string flavour, int seed)
    {
        var market = Make(flavour, seed);
        for (var skipped = 0; skipped < 40; skipped++)
        {
            var count = 0;
            var at = skipped;
            var run = new ProtocolRun(market.NewProtocol(), call =>
                market.IsBesideTheVerdict(call) || count++ != at ? market.Answer(call) : new CallResult(false, default));
            run.Take(market.Header, market.Logs, market.Owners, isHead: true);
            JudgedRightly(run, market, $"{flavour} seed {seed} answer {skipped}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
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

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_all_accounts_owe_is_the_contracts_total_at_every_block(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        if (HasNoTotals(flavour, seed))
        {
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
    [MemberData(nameof(Cases))]
    public void What_all_accounts_owe_is_not_the_total_once_a_blocks_logs_are_lost(string flavour, int seed)
    {
        if (HasNoTotals(flavour, seed))
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

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_feed_behind_a_price_tells_its_age_or_that_it_is_not_known(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var answers = new CallResults();
        for (var round = 0; round < 4; round++)
        {
            foreach (var call in run.Protocol.Feeds(answers).Where(call => !answers.Contains(call)).ToList())
            {
                answers.Set(call, market.Answer(call));
            }
        }

        run.Protocol.Feeds(answers).ShouldAllBe(call => answers.Contains(call), "the rounds did not suffice");
        run.Protocol.FeedsOf(answers).Any().ShouldBe(!new[] { "derive-", "lyra-", "opyn-", "panoptic-" }.Any(family => flavour.StartsWith(family, StringComparison.Ordinal)), flavour);
        run.Protocol.FeedsOf(answers).ShouldAllBe(feed => feed.UpdatedAt != null && feed.UpdatedAt < market.Header.Timestamp);
        run.Protocol.FeedsOf(new CallResults()).ShouldAllBe(static feed => feed.UpdatedAt == null);
        run.Protocol.FeedsOf(answers).Select(static feed => feed.Asset).ShouldBe(run.Protocol.FeedsOf(new CallResults()).Select(static feed => feed.Asset), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Cases))]
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

        if (Parameters(run).Count > 0)
        {
            restored.ShouldBeGreaterThan(0);
        }
    }

    /// <summary>They are asked for at every judged block, whatever the number of accounts.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
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

    private static void JudgedRightly(ProtocolRun run, IFakeMarket market, string where)
    {
        foreach (var owner in market.Owners)
        {
            var report = Report(run, market, owner);
            if (report.Status != MarginStatus.Unknown)
            {
                report.NativeWords.Select(word => word.Value).ShouldBe(market.Truth(owner), where);
            }
            else
            {
                report.UnknownReason.ShouldNotBeNullOrWhiteSpace();
            }
        }
    }

    // A family whose contracts tell no total of what is owed.
    private static bool HasNoTotals(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        run.Protocol.IsOpen.ShouldBeTrue();
        var none = !run.Protocol.Totals().Any();
        none.ShouldBe(
            new[] { "derive-v2", "lyra-v1", "euler-v2", "opyn-gamma", "panoptic-v2" }.Any(family => flavour.StartsWith(family, StringComparison.Ordinal)), flavour);
        return none;
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

    private static MarginReport Report(ProtocolRun run, IFakeMarket market, Address owner) => Report(run, market, owner, Shock.None);

    private static MarginReport Report(ProtocolRun run, IFakeMarket market, Address owner, Shock shock)
    {
        var state = run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);
        return run.Protocol.Evaluate(state, new Instant(market.Header.Timestamp), shock);
    }

    private static (IFakeMarket Market, ProtocolRun Run) Begin(string flavour, int seed)
    {
        var market = Make(flavour, seed);
        return (market, new ProtocolRun(market.NewProtocol(), call => market.Answer(call)));
    }

    private static IFakeMarket Make(string flavour, int seed) =>
        ProtocolFixtures.All.Single(fixture => $"{fixture.Family}, {fixture.Flavour}" == flavour).Make(seed);

    private static void Step(IFakeMarket market, ProtocolRun run)
    {
        market.Mine();
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
    }
}
