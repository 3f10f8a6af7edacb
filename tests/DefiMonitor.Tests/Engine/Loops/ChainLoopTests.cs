using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Simulation;
using DefiMonitor.Tests.Engine.Storage;

namespace DefiMonitor.Tests.Engine.Loops;

public sealed class ChainLoopTests
{
    [Fact]
    public async Task A_judged_block_costs_three_calls_whatever_the_accounts()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync();
        for (var i = 0; i < 5; i++)
        {
            bench.Node.Node.Requests.Clear();
            await bench.BlockAsync(LoopBench.Price(1_000_000 + (ulong)i));
            var methods = bench.Node.Node.Requests.Select(static r => r.Method + (r.Params.GetArrayLength() > 0 && r.Params[0].ToString() == "finalized" ? " finalized" : "")).ToList();
            methods.RemoveAll(static m => m.EndsWith("finalized", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(1);
            methods.ShouldBe(["eth_getBlockByNumber", "eth_getLogs", "eth_call"]);
        }

        bench.Judged.Count.ShouldBe(6);
        bench.Judged[^1].Accounts.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_differs_from_the_chain_is_shown_and_read_afresh_before_it_is_judged(bool confirmsByFigures)
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { ComparePerBlock = 8 }, [new ToyProtocol(LoopBench.Id) { ConfirmsByFigures = confirmsByFigures }]);
        await bench.BlockAsync();
        bench.Loop.Vitals.Drift.ShouldHaveSingleItem().Different.ShouldBe(0);

        // A migration moves the debt without any log: the account can be liquidated, and our figures do not show it.
        await bench.BlockAsync(static s => s with { Debts = s.Debts.SetItem(Toy.User(1), 900_000_000) });
        var drift = bench.Loop.Vitals.Drift.ShouldHaveSingleItem();
        drift.Different.ShouldBe(1);
        drift.VerdictDiffers.ShouldBeTrue();
        drift.Text.ShouldNotBeNull().ShouldContain(Toy.User(1).ToHex());
        (await bench.AlertAsync(1)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Liquidatable);

        await bench.BlockAsync();
        bench.Loop.Vitals.Drift.ShouldHaveSingleItem().Different.ShouldBe(0);

        // What the chain answered stands in the tables of that block alone: a fork takes it back with it.
        var state = bench.Node.StateAt(bench.Head);
        bench.Node.Take(new ToyTick(1, [new(12, [], state), new(12, [], state)], 2, Outage.None));
        await bench.StepAsync();
        bench.Loop.Tally.Reorgs.ShouldBe(1);
        bench.Loop.Vitals.Drift.ShouldHaveSingleItem().Different.ShouldBe(0);
    }

    [Fact]
    public async Task A_borrower_is_found_stored_and_judged_at_the_block_of_its_first_borrowing()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync();
        (await bench.Store.CandidatesAsync(LoopBench.Chain)).Count.ShouldBe(3);

        await bench.BlockAsync(null, ToyLogs.Debt(Toy.User(4), true, 790_000_000, 0));
        var found = (await bench.Store.CandidatesAsync(LoopBench.Chain)).Single(c => c.Account == bench.Account(4));
        found.Source.ShouldBe("discovery");
        found.FoundBlock.ShouldBe(bench.Head.Number);
        (await bench.AlertAsync(4)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Critical);
    }

    [Fact]
    public async Task What_becomes_final_at_once_goes_to_the_disk_in_slices_that_a_crash_may_come_between()
    {
        await using var bench = await LoopBench.CreateAsync(
            static o => o with { FinalizePerStep = 1 }, follower: new ChainFollowerOptions { ChainName = "toy", FinalityEvery = TimeSpan.FromMinutes(5) });
        var stored = new List<ulong>();
        for (var i = 0; i < 45; i++)
        {
            await bench.BlockAsync(null, ToyLogs.Debt(Toy.User(0), true, 1_000, 0));
            stored.Add((await bench.Store.CheckpointAsync(LoopBench.Chain)).ShouldNotBeNull().Number);
            if (i == 30)
            {
                await bench.RestartAsync();
            }
        }

        // Asked for every 25 blocks, finality jumps by 18; in every block somebody borrows.
        stored.Zip(stored.Skip(1), static (before, after) => after - before).ShouldAllBe(static n => n <= 1);
        (stored[^1] - stored[0]).ShouldBeGreaterThan(15ul);
        var disk = new ToyProtocol(LoopBench.Id);
        await bench.Store.LoadRowsAsync(LoopBench.Id, (name, key, row) => disk.Tables.Single(t => t.Name == name).Load(key, row));
        var block = bench.Node.Node.Canonical.Single(b => b.Header.Number == stored[^1]).Header;
        disk.Debt(Toy.User(0)).ShouldBe(bench.Node.StateAt(block).Debts[Toy.User(0)], "disk is the block that the checkpoint names");
    }

    [Fact]
    public async Task A_first_start_stores_a_final_block_at_once_so_that_no_borrower_is_forgotten()
    {
        await using var bench = await LoopBench.CreateAsync();
        for (var i = 0; i < 20; i++)
        {
            bench.Mine();
        }

        await bench.StepAsync();
        (await bench.Store.CheckpointAsync(LoopBench.Chain)).ShouldNotBeNull().Number.ShouldBe(bench.Head.Number - 8);
        bench.Loop.IsSettled.ShouldBeTrue();

        // It dies at once, and somebody borrows before it is back.
        bench.Mine(null, ToyLogs.Debt(Toy.User(4), true, 1_000, 0));
        bench.Mine();
        await bench.RestartAsync();
        await bench.StepAsync();
        (await bench.Store.CandidatesAsync(LoopBench.Chain)).ShouldContain(c => c.Account == bench.Account(4));
    }

    [Fact]
    public async Task Where_every_block_is_final_at_once_the_newest_is_judged_again_after_a_restart()
    {
        await using var bench = await LoopBench.CreateAsync(follower: new ChainFollowerOptions { ChainName = "toy", FinalityDepth = 0, FinalityEvery = TimeSpan.Zero });
        await bench.BlockAsync();
        await bench.BlockAsync();
        var checkpoint = (await bench.Store.CheckpointAsync(LoopBench.Chain)).ShouldNotBeNull();
        checkpoint.Number.ShouldBe(bench.Head.Number - 1);

        await bench.RestartAsync();
        await bench.StepAsync();
        bench.Loop.IsSettled.ShouldBeTrue();
        bench.Judged[^1].Head.ShouldBe(bench.Head);
    }

    [Fact]
    public async Task A_failed_read_says_nothing_until_the_reading_is_too_old()
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { MaxReadAgeBlocks = 2, MaxReadAgeSeconds = 1_000 });
        await bench.BlockAsync();
        var before = bench.Judged.Count;
        for (var i = 0; i < 2; i++)
        {
            bench.Mine();
            bench.Node.Outage = Outage.Calls;
            await bench.StepAsync();
            bench.Judged.Count.ShouldBe(before, "an unread block is not judged");
            bench.Loop.IsSettled.ShouldBeFalse();
        }

        bench.Mine();
        bench.Node.Outage = Outage.Calls;
        await bench.StepAsync();
        bench.Judged[^1].Accounts.ShouldAllBe(a => a.Worse.Status == MarginStatus.Unknown);
        bench.Judged[^1].Unread.ShouldHaveSingleItem();
        bench.Loop.Vitals.BlindSince.ShouldNotBeNull();

        bench.Node.Outage = Outage.None;
        await bench.StepAsync();
        bench.Judged[^1].Accounts.ShouldAllBe(a => a.Worse.Status == MarginStatus.Healthy);
        bench.Judged[^1].Head.ShouldBe(bench.Head);
        bench.Loop.Vitals.BlindSince.ShouldBeNull();
        bench.Loop.Tally.Unreadable.ShouldBe(3);
    }

    [Fact]
    public async Task A_market_that_does_not_open_leaves_the_others_in_peace()
    {
        var closed = new ClosedProtocol(new DeploymentId("closed", LoopBench.Chain, "market"));
        await using var bench = await LoopBench.CreateAsync(protocols: [new ToyProtocol(LoopBench.Id), closed]);
        await bench.BlockAsync();
        await bench.BlockAsync(LoopBench.Price(500_000));
        (await bench.AlertAsync(0)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Liquidatable);
        bench.Judged[^1].Unread.ShouldHaveSingleItem().Deployment.ShouldBe(closed.Id);
        bench.Loop.Vitals.BlindSince.ShouldBeNull("one market is no blind chain");
    }

    [Fact]
    public async Task A_fork_below_the_final_block_stops_the_loop_and_a_repair_leads_on()
    {
        await using var bench = await LoopBench.CreateAsync();
        for (var i = 0; i < 12; i++)
        {
            await bench.BlockAsync();
        }

        await bench.BlockAsync(LoopBench.Price(700_000));
        bench.Time.Advance(TimeSpan.FromSeconds(12));
        await bench.StepAsync();
        var state = bench.Node.StateAt(bench.Head);
        bench.Node.Take(new ToyTick(10, [.. Enumerable.Range(0, 12).Select(_ => new ToyBlock(12, [], state))], 8, Outage.None));
        var e = await Should.ThrowAsync<ForkBelowFinalityException>(bench.StepAsync);
        e.Message.ShouldContain("repair --chain toy");
        await Should.ThrowAsync<ForkBelowFinalityException>(async () =>
        {
            await bench.RestartAsync();
            await bench.StepAsync();
        });

        var id = await bench.Store.AddCommandAsync(ChainCommands.ForRepair(LoopBench.Chain, bench.Time.GetUtcNow()));
        await bench.RestartAsync();
        await bench.StepAsync();
        (await bench.Store.CommandAsync(id))!.AppliedAt.ShouldNotBeNull();
        bench.Loop.IsSettled.ShouldBeTrue();
        bench.Judged[^1].Head.ShouldBe(bench.Head);
        bench.Judged[^1].Accounts.Count.ShouldBe(3, "everybody enters again");
    }

    [Fact]
    public async Task A_person_can_acknowledge_an_alert_and_have_an_address_watched()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync(LoopBench.Price(700_000));
        var alert = (await bench.AlertAsync(0)).ShouldNotBeNull();
        var ack = await bench.Store.AddCommandAsync(AlertCommands.ForAcknowledge((await bench.Store.AlertAsync(alert.AlertId))!, "test", bench.Time.GetUtcNow()));
        var watch = await bench.Store.AddCommandAsync(ChainCommands.ForWatch(LoopBench.Chain, Toy.User(3), bench.Time.GetUtcNow()));
        var nonsense = await bench.Store.AddCommandAsync(new NewCommand(bench.Loop.Name, "dance", "[]", bench.Time.GetUtcNow()));
        await bench.StepAsync();

        (await bench.AlertAsync(0)).ShouldNotBeNull().Acknowledged.ShouldBeTrue();
        (await bench.Store.CommandAsync(ack))!.Result.ShouldBe("acknowledged");
        (await bench.Store.CommandAsync(watch))!.Result.ShouldBe("watched on 1 deployments");
        (await bench.Store.CommandAsync(nonsense))!.Result.ShouldNotBeNull().ShouldStartWith("refused");
        bench.Judged[^1].Accounts.ShouldContain(a => a.Account == bench.Account(3), "without waiting for the next block");

        await bench.RestartAsync();
        await bench.BlockAsync();
        bench.Judged[^1].Accounts.ShouldContain(a => a.Account == bench.Account(3));
        (await bench.AlertAsync(0)).ShouldNotBeNull().Acknowledged.ShouldBeTrue();
    }

    [Theory]
    [InlineData(false, TransitionKind.Confirmed)]
    [InlineData(true, TransitionKind.Disputed)]
    public async Task What_went_out_unconfirmed_is_confirmed_or_disputed_under_the_same_alert(bool lying, TransitionKind answer)
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { ComparePerBlock = 0 });
        await bench.BlockAsync(LoopBench.Price(500_000));
        var told = (await bench.Store.TransitionsAfterAsync(0, 10)).First(t => t.Transition.Report?.Account == bench.Account(0));
        var outbox = await bench.Store.ClaimAsync("outbox");
        await bench.Store.AskConfirmationAsync(outbox, new PendingConfirmation(told.Seq, told.Transition.AlertId, bench.Account(0), bench.Time.GetUtcNow()));

        await bench.BlockAsync(lying ? static s => s with { Debts = s.Debts.SetItem(Toy.User(0), 1_000_000_000) } : null);
        (await bench.Store.PendingConfirmationsAsync(LoopBench.Chain)).ShouldBeEmpty();
        var all = await bench.Store.TransitionsOfAsync(told.Transition.AlertId);
        all.Select(static t => t.Transition.Kind).ShouldBe([TransitionKind.Opened, answer]);
        all[^1].Transition.Number.ShouldBe(2);
    }

    [Fact]
    public async Task An_unchanged_report_is_stored_once_a_minute()
    {
        await using var bench = await LoopBench.CreateAsync();
        var stored = new List<DateTimeOffset>();
        for (var i = 0; i < 11; i++)
        {
            await bench.BlockAsync();
            var at = (await bench.Store.ReportAsync(bench.Account(2))).ShouldNotBeNull().At;
            if (stored.Count == 0 || stored[^1] != at)
            {
                stored.Add(at);
            }
        }

        stored.Zip(stored.Skip(1), static (a, b) => b - a).ShouldAllBe(static gap => gap == TimeSpan.FromSeconds(60));
        stored.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Whoever_leaves_the_watch_list_is_followed_until_what_was_told_of_him_is_over()
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { Discover = new HashSet<DeploymentId>() });
        await bench.BlockAsync(LoopBench.Price(700_000));
        (await bench.AlertAsync(0)).ShouldNotBeNull().IsOpen.ShouldBeTrue();

        await bench.RestartAsync(bench.Options with { Watch = [new WatchedOwner(Toy.User(2), null)] });
        await bench.StepAsync();
        bench.Judged[^1].Accounts.Select(static a => a.Account).ShouldContain(bench.Account(0));

        await bench.BlockAsync(LoopBench.Price(2_000_000));
        (await bench.AlertAsync(0)).ShouldNotBeNull().IsOpen.ShouldBeFalse();

        await bench.RestartAsync();
        await bench.StepAsync();
        bench.Judged[^1].Accounts.Select(static a => a.Account).ShouldBe([bench.Account(2)]);
    }

    [Fact]
    public async Task Whoever_leaves_the_watch_list_is_followed_while_only_a_price_that_is_due_was_told_of_him()
    {
        await using var bench = await LoopBench.CreateAsync(static o => o with { Discover = new HashSet<DeploymentId>() });
        await bench.BlockAsync();
        (await bench.AlertAsync(2)).ShouldBeNull();
        var subject = new AlertSubject(SubjectKind.Account, bench.Account(2).ToString());
        var head = bench.Head.Ref;
        var open = new AlertState
        {
            AlertId = "due", Subject = subject, Rule = Rules.NextPrice, Level = AlertLevel.Warning, ToldLevel = AlertLevel.Warning, OpenedAt = head, OpenedTimestamp = 1, RaisedAt = head, TransitionNumber = 1,
        };
        await bench.Store.CommitAsync(await bench.Store.ClaimAsync(bench.Loop.Name), new JudgementCommit { At = bench.Time.GetUtcNow(), Alerts = [open] });

        await bench.RestartAsync(bench.Options with { Watch = [new WatchedOwner(Toy.User(0), null)] });
        await bench.BlockAsync();
        await bench.BlockAsync();
        (await bench.AlertAsync(2, Rules.NextPrice)).ShouldNotBeNull().IsOpen.ShouldBeFalse("nothing is due any more, and nobody but this loop can say so");
    }
}
