using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Engine.Storage;

public sealed class SqlStoreTests
{
    [Fact]
    public async Task Of_many_memories_only_those_of_accounts_that_cannot_be_read_are_handed_out_at_once()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        var unknown = new AccountMemory { Account = Sample.Account(1), UnknownSince = Sample.Block(3) };
        var calm = new AccountMemory { Account = Sample.Account(2), Baseline = Sample.Report(2) };
        await store.CommitAsync(fence, new JudgementCommit { At = Sample.Now, Memories = [unknown, calm] });

        var all = await store.MemoriesAsync(Sample.Chain, 2);
        all.IsWhole.ShouldBeTrue();
        all.Memories.Select(static m => m.Account).ShouldBe([unknown.Account, calm.Account]);
        var some = await store.MemoriesAsync(Sample.Chain, 1);
        some.IsWhole.ShouldBeFalse();
        some.Memories.ShouldHaveSingleItem().Account.ShouldBe(unknown.Account);

        await store.CommitAsync(fence, new JudgementCommit { At = Sample.Now, Memories = [unknown with { UnknownSince = null }] });
        (await store.MemoriesAsync(Sample.Chain, 1)).Memories.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_paused_owner_that_wakes_up_cannot_write()
    {
        await using var store = await Sample.MemoryAsync();
        var old = await store.ClaimAsync("chain/eip155:1");
        var fresh = await store.ClaimAsync("chain/eip155:1");
        var commit = new FinalizedCommit { Chain = Sample.Chain, Block = Sample.Block(5), Rows = [] };

        await Should.ThrowAsync<FencedException>(() => store.CommitAsync(old, Sample.Commit(new RoutedTransition(Sample.Transition("a", 1, 1), ["s"]))));
        await Should.ThrowAsync<FencedException>(() => store.CommitFinalizedAsync(old, commit));
        await Should.ThrowAsync<FencedException>(() => store.BeatAsync(old, new Heartbeat(Sample.Now, null, null, null)));

        (await store.TransitionsAfterAsync(0, 10)).ShouldBeEmpty();
        (await store.CheckpointAsync(Sample.Chain)).ShouldBeNull();
        await store.CommitFinalizedAsync(fresh, commit);
        (await store.CheckpointAsync(Sample.Chain)).ShouldBe(Sample.Block(5));
    }

    [Fact]
    public async Task Rows_come_back_as_they_were_finalized()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        await store.CommitFinalizedAsync(fence, new FinalizedCommit
        {
            Chain = Sample.Chain,
            Block = Sample.Block(5),
            Rows = [new(Sample.Deployment, "t", [1], [10, 11]), new(Sample.Deployment, "t", [2], [20]), new(Sample.Deployment, "u", [1], [])],
            Logs = [new FinalizedLog(Sample.Block(5), new Log(default, [Sample.Hash(1), Sample.Hash(2)], new byte[] { 1, 2 }, Sample.Hash(3), 4))],
        });
        await store.CommitFinalizedAsync(fence, new FinalizedCommit
        {
            Chain = Sample.Chain, Block = Sample.Block(6), Rows = [new(Sample.Deployment, "t", [1], [12]), new(Sample.Deployment, "t", [2], null)],
        });

        (await RowsAsync(store)).ShouldBe(["t:01=0C", "u:01="]);
        (await store.TrimLogsAsync(Sample.Chain, 6)).ShouldBe(1);

        await store.DropStateAsync(fence, Sample.Chain);
        (await RowsAsync(store)).ShouldBeEmpty();
        (await store.CheckpointAsync(Sample.Chain)).ShouldBeNull();
    }

    [Fact]
    public async Task Everything_that_is_told_comes_back_field_by_field()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        var transition = Sample.Transition("a", 1, 1);
        var state = Sample.State("a", 1, AlertLevel.Warning, 1);
        var memory = new AccountMemory { Account = Sample.Account(1), Baseline = Sample.Report(1), UnknownSince = Sample.Block(3), KnownSigmas = 1.5 };
        var seqs = await store.CommitAsync(fence, new JudgementCommit
        {
            At = Sample.Now,
            Alerts = [state],
            Transitions = [new(transition, ["x", "y"])],
            Reports = [new ReportRow(Sample.Report(1), AlertLevel.Warning, double.PositiveInfinity, Sample.Now)],
            Memories = [memory],
            Beat = new Heartbeat(Sample.Now, Sample.Block(7), Sample.Block(7), null) { Reads = [new(Sample.Deployment, Sample.Block(7))] },
        });

        var stored = (await store.TransitionsAfterAsync(0, 10)).ShouldHaveSingleItem();
        stored.Seq.ShouldBe(seqs[0]);
        StoreJson.Write(stored.Transition).ShouldBe(StoreJson.Write(transition));
        (await store.LatestAlertsAsync("c")).ShouldBe([state]);
        StoreJson.Write((await store.MemoriesAsync(Sample.Chain, 9)).Memories.ShouldHaveSingleItem()).ShouldBe(StoreJson.Write(memory));
        var found = await store.MemoriesOfAsync([Sample.Account(2), Sample.Account(1)]);
        found.Keys.ShouldBe([Sample.Account(1)]);
        StoreJson.Write(found[Sample.Account(1)]).ShouldBe(StoreJson.Write(memory));
        var report = (await store.ReportAsync(Sample.Account(1))).ShouldNotBeNull();
        StoreJson.Write(report.Report).ShouldBe(StoreJson.Write(Sample.Report(1)));
        report.Sigmas.ShouldBe(double.PositiveInfinity);
        (await store.AlertAsync("a"))!.Last!.Title.ShouldBe(transition.Title);
        (await store.LoopAsync("c"))!.Beat!.Reads.ShouldHaveSingleItem().Block.ShouldBe(Sample.Block(7));
        (await store.DueAsync("x", Sample.Now, 10)).ShouldHaveSingleItem().MessageId.ShouldBe(MessageId.Of("a", 1, "x"));
    }

    [Fact]
    public async Task A_transition_told_twice_is_refused_whole()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        await store.CommitAsync(fence, Sample.Commit(new RoutedTransition(Sample.Transition("a", 1, 1), [])));

        await Should.ThrowAsync<StoreException>(() => store.CommitAsync(fence, new JudgementCommit
        {
            At = Sample.Now,
            Alerts = [Sample.State("b", 2, AlertLevel.Danger, 1)],
            Transitions = [new(Sample.Transition("b", 2, 1), ["x"]), new(Sample.Transition("a", 1, 1), ["x"])],
        }));

        (await store.LatestAlertsAsync("c")).ShouldBeEmpty();
        (await store.TransitionsAfterAsync(0, 10)).Count.ShouldBe(1);
        (await store.OutboxHealthAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_never_overtakes_an_older_one_of_the_same_alert()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        await store.CommitAsync(fence, Sample.Commit(
            new(Sample.Transition("a", 1, 1), ["x", "y"]), new(Sample.Transition("b", 2, 1), ["x"]), new(Sample.Transition("a", 1, 2), ["x"])));

        Titles(await store.DueAsync("x", Sample.Now, 10)).ShouldBe(["a1", "b1"]);
        await store.MarkRetryAsync(fence, MessageId.Of("a", 1, "x"), Sample.Now.AddSeconds(30), "connection refused");
        Titles(await store.DueAsync("x", Sample.Now, 10)).ShouldBe(["b1"]);
        Titles(await store.DueAsync("y", Sample.Now, 10)).ShouldBe(["a1"]);

        await store.MarkSentAsync(fence, MessageId.Of("a", 1, "x"), Sample.Now.AddSeconds(31), "confirmed");
        Titles(await store.DueAsync("x", Sample.Now.AddSeconds(31), 10)).ShouldBe(["b1", "a2"]);
    }

    [Fact]
    public async Task A_dead_letter_is_shown_and_can_be_sent_again()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        await store.CommitAsync(fence, Sample.Commit(new(Sample.Transition("a", 1, 1), ["x"]), new(Sample.Transition("a", 1, 2), ["x"])));
        await store.MarkDeadAsync(fence, MessageId.Of("a", 1, "x"), Sample.Now, "410 gone");

        // Undeliverable is not waiting: the younger one goes out.
        Titles(await store.DueAsync("x", Sample.Now, 10)).ShouldBe(["a2"]);
        var letter = (await store.DeadLettersAsync(10)).ShouldHaveSingleItem();
        letter.LastError.ShouldBe("410 gone");
        (await store.OutboxHealthAsync()).ShouldBe([new OutboxHealth("x", 1, 1, Sample.Now)]);

        (await store.RequeueAsync(letter.MessageId, Sample.Now)).ShouldBe(1);
        Titles(await store.DueAsync("x", Sample.Now, 10)).ShouldBe(["a1"]);
        (await store.DeadLettersAsync(10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_follow_one_another_without_gap_or_repetition()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        var alerts = Enumerable.Range(1, 7).Select(i => Sample.State($"id{i}", i, i % 2 == 0 ? AlertLevel.None : AlertLevel.Danger, 1)).ToList();
        await store.CommitAsync(fence, new JudgementCommit
        {
            At = Sample.Now, Alerts = alerts, Reports = [.. Enumerable.Range(1, 7).Select(i => new ReportRow(Sample.Report(i), AlertLevel.None, null, Sample.Now))],
        });

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await store.AlertsAsync(openOnly: true, cursor, 3);
            seen.AddRange(page.Items.Select(r => r.State.AlertId));
            cursor = page.Next;
        }
        while (cursor is not null);
        seen.ShouldBe(["id7", "id5", "id3", "id1"]);

        var first = await store.ReportsAsync(null, 4);
        var second = await store.ReportsAsync(first.Next, 4);
        first.Items.Concat(second.Items).Select(r => r.Report.Account).ShouldBe(Enumerable.Range(1, 7).Select(Sample.Account));
        second.Next.ShouldBeNull();
        await Should.ThrowAsync<ArgumentException>(() => store.AlertsAsync(false, "'; drop", 3));
    }

    [Fact]
    public async Task Candidates_are_kept_once_and_remember_when_they_entered()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        (await store.AddCandidatesAsync(fence, [new(Sample.Account(2), "watch", Sample.Now), new(Sample.Account(1), "discovery", Sample.Now)])).ShouldBe(2);
        (await store.AddCandidatesAsync(fence, [new(Sample.Account(2), "import", Sample.Now.AddDays(1))])).ShouldBe(1, "who was only on the watch list is followed from now on without it");
        (await store.AddCandidatesAsync(fence, [new(Sample.Account(2), "watch", Sample.Now), new(Sample.Account(1), "import", Sample.Now)])).ShouldBe(0);
        await store.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = Sample.Chain, Block = Sample.Block(9), Rows = [], Entered = [Sample.Account(2)] });

        (await store.CandidatesAsync(Sample.Chain)).ShouldBe(
            [new(Sample.Account(1), "discovery", Sample.Now), new(Sample.Account(2), "import", Sample.Now, 9)]);
        (await store.CandidatesAsync(new ChainId(2))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Commands_mutes_and_confirmations_are_settled_in_one_commit()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        var id = await store.AddCommandAsync(new NewCommand("c", "ack", "{\"alertId\":\"a\"}", Sample.Now));
        await store.AddCommandAsync(new NewCommand("other", "ack", "{}", Sample.Now));
        await store.AskConfirmationAsync(fence, new PendingConfirmation(4, "a", Sample.Account(1), Sample.Now));
        (await store.PendingCommandsAsync("c")).ShouldHaveSingleItem().Id.ShouldBe(id);
        (await store.PendingConfirmationsAsync(Sample.Chain)).ShouldBe([new PendingConfirmation(4, "a", Sample.Account(1), Sample.Now)]);

        await store.CommitAsync(fence, new JudgementCommit
        {
            At = Sample.Now, Commands = [new AppliedCommand(id, "acknowledged")], Confirmed = [4], Mutes = [new Mute("Account:x", Sample.Now.AddHours(1))],
        });

        (await store.PendingCommandsAsync("c")).ShouldBeEmpty();
        (await store.CommandAsync(id))!.Result.ShouldBe("acknowledged");
        (await store.PendingConfirmationsAsync(Sample.Chain)).ShouldBeEmpty();
        (await store.MutesAsync(Sample.Now)).ShouldBe([new Mute("Account:x", Sample.Now.AddHours(1))]);
        (await store.MutesAsync(Sample.Now.AddHours(2))).ShouldBeEmpty();
        (await store.TrimAsync(Sample.Now.AddDays(1))).ShouldBe(3);
    }

    [Fact]
    public async Task The_newest_alert_of_a_subject_stands_for_it()
    {
        await using var store = await Sample.MemoryAsync();
        var fence = await store.ClaimAsync("c");
        await store.CommitAsync(fence, new JudgementCommit { At = Sample.Now, Alerts = [Sample.State("old", 1, AlertLevel.None, 2, block: 5)] });
        await store.CommitAsync(fence, new JudgementCommit { At = Sample.Now, Alerts = [Sample.State("new", 1, AlertLevel.Danger, 1, block: 8)] });
        (await store.LatestAlertsAsync("c")).ShouldHaveSingleItem().AlertId.ShouldBe("new");
        (await store.LatestAlertsAsync("d")).ShouldBeEmpty();
    }

    private static IEnumerable<string> Titles(IEnumerable<OutboxRow> rows) => rows.Select(r => r.Stored.Transition.AlertId + r.Stored.Transition.Number);

    private static async Task<List<string>> RowsAsync(SqlStore store)
    {
        var rows = new List<string>();
        await store.LoadRowsAsync(Sample.Deployment, (table, key, row) => rows.Add($"{table}:{Convert.ToHexString(key)}={Convert.ToHexString(row)}"));
        return rows;
    }
}
