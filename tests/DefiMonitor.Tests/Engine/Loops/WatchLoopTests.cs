using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

public sealed class WatchLoopTests
{
    [Fact]
    public async Task A_node_that_dies_is_told_once_loudly_where_someone_stands_near_and_its_return_too()
    {
        await using var bench = await LoopBench.CreateAsync();
        var watch = await WatchAsync(bench);
        await bench.BlockAsync(LoopBench.Price(700_000));
        await watch.StepAsync(CancellationToken.None);
        (await ToldAsync(bench, watch)).ShouldBeEmpty();

        bench.Node.Outage = Outage.Everything;
        for (var i = 0; i < 20; i++)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(12));
            await bench.Loop.StepAsync(CancellationToken.None);
            await watch.StepAsync(CancellationToken.None);
        }

        (await ToldAsync(bench, watch)).ShouldBe(["blind Opened Critical"]);
        bench.Node.Outage = Outage.None;
        await bench.BlockAsync();
        await watch.StepAsync(CancellationToken.None);
        (await ToldAsync(bench, watch))[1].ShouldBe("blind Resolved None");
    }

    [Fact]
    public async Task A_restart_into_a_dead_node_remembers_since_when_it_was_blind_and_who_stood_near()
    {
        await using var bench = await LoopBench.CreateAsync();
        await bench.BlockAsync(LoopBench.Price(700_000));
        bench.Node.Outage = Outage.Everything;
        bench.Time.Advance(TimeSpan.FromSeconds(12));
        await bench.Loop.StepAsync(CancellationToken.None);
        var since = bench.Loop.Vitals.BlindSince.ShouldNotBeNull();
        var head = bench.Loop.Vitals.Head;

        await bench.RestartAsync();
        bench.Time.Advance(TimeSpan.FromSeconds(50));
        await bench.Loop.StepAsync(CancellationToken.None);
        bench.Loop.Vitals.BlindSince.ShouldBe(since);
        bench.Loop.Vitals.Head.ShouldBe(head, "the disk is behind, what was seen is not");
        bench.Loop.Vitals.Standing.ShouldContain(s => s.Account == bench.Account(0) && s.Level == AlertLevel.Liquidatable);
    }

    [Fact]
    public async Task A_chain_without_new_blocks_is_late()
    {
        await using var bench = await LoopBench.CreateAsync();
        var watch = await WatchAsync(bench);
        await bench.BlockAsync();
        bench.Time.Advance(TimeSpan.FromMinutes(3));
        await bench.Loop.StepAsync(CancellationToken.None);
        await watch.StepAsync(CancellationToken.None);
        (await ToldAsync(bench, watch)).ShouldHaveSingleItem().ShouldStartWith("late Opened");
    }

    [Fact]
    public async Task Messages_that_do_not_get_out_are_told_with_what_the_sink_says()
    {
        await using var bench = await LoopBench.CreateAsync();
        var watch = await WatchAsync(bench);
        await bench.BlockAsync(LoopBench.Price(500_000));
        var outbox = await bench.Store.ClaimAsync("outbox");
        var due = await bench.Store.DueAsync("sink", bench.Time.GetUtcNow(), 10);
        await bench.Store.MarkRetryAsync(outbox, due[0].MessageId, bench.Time.GetUtcNow().AddHours(1), "HTTP 502 from https://hooks.example");
        for (var i = 0; i < 15; i++)
        {
            await bench.BlockAsync();
            await watch.StepAsync(CancellationToken.None);
        }

        var told = (await bench.Store.TransitionsAfterAsync(0, 100)).Select(static t => t.Transition).Single(static t => t.Rule == Rules.OutboxStuck);
        told.Level.ShouldBe(AlertLevel.Critical);
        told.Lines.ShouldContain(l => l.Contains("HTTP 502"));
    }

    [Fact]
    public async Task A_test_message_goes_the_whole_way_and_an_alert_of_the_watch_can_be_acknowledged()
    {
        await using var bench = await LoopBench.CreateAsync();
        var watch = await WatchAsync(bench);
        await bench.BlockAsync();
        var id = await bench.Store.AddCommandAsync(new NewCommand(LoopNames.Watch, WatchLoop.TestVerb, "{\"level\":\"critical\"}", bench.Time.GetUtcNow()));
        await watch.StepAsync(CancellationToken.None);
        (await bench.Store.CommandAsync(id))!.Result.ShouldBe("the test is in the outbox");
        (await bench.Store.DueAsync("sink", bench.Time.GetUtcNow(), 10)).Single(static r => r.Stored.Transition.Rule == Rules.Test).Stored.Transition.WakesPeople.ShouldBeTrue();

        bench.Time.Advance(TimeSpan.FromMinutes(3));
        await bench.Loop.StepAsync(CancellationToken.None);
        await watch.StepAsync(CancellationToken.None);
        var late = (await bench.Store.LatestAlertsAsync(LoopNames.Watch)).Single(static a => a.Rule == Rules.Late);
        await bench.Store.AddCommandAsync(AlertCommands.ForAcknowledge((await bench.Store.AlertAsync(late.AlertId))!, "test", bench.Time.GetUtcNow()));
        await watch.StepAsync(CancellationToken.None);
        (await bench.Store.AlertAsync(late.AlertId))!.State.Acknowledged.ShouldBeTrue();
    }

    private static async Task<WatchLoop> WatchAsync(LoopBench bench)
    {
        var watch = new WatchLoop(new WatchLoopParts
        {
            Chains = [() => bench.Loop.Vitals], Store = bench.Store, Judge = new Judge(RuleBook.Default, AssetCatalog.Empty), Route = static _ => ["sink"], Metrics = bench.Metrics, Time = bench.Time,
        });
        await watch.StartAsync(CancellationToken.None);
        return watch;
    }

    // Nobody delivers here: that the outbox is stuck goes without saying.
    private static async Task<List<string>> ToldAsync(LoopBench bench, WatchLoop watch)
    {
        var mine = (await bench.Store.LatestAlertsAsync(watch.Name)).Select(static a => a.AlertId).ToHashSet();
        return [.. (await bench.Store.TransitionsAfterAsync(0, 100)).Select(static t => t.Transition).Where(t => mine.Contains(t.AlertId) && t.Rule != Rules.OutboxStuck).Select(static t => $"{t.Rule} {t.Kind} {t.Level}")];
    }
}
