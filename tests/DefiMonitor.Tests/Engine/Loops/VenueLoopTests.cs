using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>What a venue's own word becomes on its way to people.</summary>
public sealed class VenueLoopTests
{
    private static readonly VenueAccountId Account = new("derive-v3", "77");

    [Fact]
    public async Task A_flag_of_the_venue_wakes_people_and_its_end_is_told()
    {
        await using var bench = await LoopBench.CreateAsync();
        var said = Says(MarginStatus.Healthy, 5, 3);
        var loop = await LoopAsync(bench, () => said);
        await StepAsync(bench, loop);
        (await ToldAsync(bench)).ShouldBeEmpty();

        said = Says(MarginStatus.Healthy, 5, -3);
        await StepAsync(bench, loop);
        said = Says(MarginStatus.Liquidatable, -1, -9);
        await StepAsync(bench, loop);
        await StepAsync(bench, loop);
        said = Says(MarginStatus.Healthy, 5, 3);
        await StepAsync(bench, loop);
        (await ToldAsync(bench)).Select(static t => $"{t.Rule} {t.Kind} {t.Level}").ShouldBe(["venue-margin Opened Danger", "venue-margin Escalated Liquidatable", "venue-margin Resolved None"]);
        var flagged = (await ToldAsync(bench))[1];
        flagged.Subject.ShouldBe(new AlertSubject(SubjectKind.Venue, "derive-v3/77"));
        flagged.OwnerName.ShouldBe("me");
        flagged.WakesPeople.ShouldBeTrue();
        flagged.Title.ShouldBe("LIQUIDATABLE: derive-v3/77: the venue has flagged it for liquidation: its maintenance margin is -1.00 US dollars, its value 500.00");
        flagged.Lines.ShouldHaveSingleItem().ShouldContain("by the venue's own clock");
    }

    [Fact]
    public async Task What_is_not_known_opens_an_alert_after_a_while_and_closes_none()
    {
        await using var bench = await LoopBench.CreateAsync();
        var said = Says(MarginStatus.Liquidatable, -1, -9);
        var loop = await LoopAsync(bench, () => said);
        await StepAsync(bench, loop);
        said = Unknown;
        for (var i = 0; i < 6; i++)
        {
            await StepAsync(bench, loop);
        }

        (await ToldAsync(bench)).Select(static t => $"{t.Rule} {t.Kind} {t.Level}").ShouldBe(["venue-margin Opened Liquidatable", "unknown Opened Danger"]);
        (await ToldAsync(bench))[1].Title.ShouldContain("The venue's answer is no JSON.");
        (await bench.Store.LatestAlertsAsync(LoopNames.Venues)).Single(static alert => alert.Rule == Rules.VenueMargin).IsOpen.ShouldBeTrue();

        said = Says(MarginStatus.Liquidatable, -1, -9);
        await StepAsync(bench, loop);
        (await ToldAsync(bench)).Select(static t => $"{t.Rule} {t.Kind} {t.Level}").Skip(2).ShouldBe(["unknown Resolved None"]);
    }

    [Fact]
    public async Task A_restart_does_not_tell_again_what_was_told()
    {
        await using var bench = await LoopBench.CreateAsync();
        var said = Says(MarginStatus.Liquidatable, -1, -9);
        await StepAsync(bench, await LoopAsync(bench, () => said));
        await StepAsync(bench, await LoopAsync(bench, () => said));
        var told = (await ToldAsync(bench)).ShouldHaveSingleItem();

        var loop = await LoopAsync(bench, () => said);
        await bench.Store.AddCommandAsync(AlertCommands.ForAcknowledge((await bench.Store.AlertAsync(told.AlertId))!, "test", bench.Time.GetUtcNow()));
        await StepAsync(bench, loop);
        (await bench.Store.AlertAsync(told.AlertId))!.State.Acknowledged.ShouldBeTrue();
    }

    [Fact]
    public async Task A_message_of_it_has_no_chain_and_no_block()
    {
        await using var bench = await LoopBench.CreateAsync();
        await StepAsync(bench, await LoopAsync(bench, () => Says(MarginStatus.Insolvent, -1, -9)));
        var row = (await bench.Store.DueAsync("sink", bench.Time.GetUtcNow(), 10)).ShouldHaveSingleItem();
        var message = AlertMessages.Of(row.Stored, "id", null, bench.Time.GetUtcNow());
        message.Chain.ShouldBeNull();
        message.Block.ShouldBeNull();
        message.Subject.Kind.ShouldBe("venue");
        message.Level.ShouldBe("liquidatable");
    }

    [Fact]
    public async Task For_how_long_nothing_is_known_is_counted_through_a_loop_that_breaks()
    {
        await using var bench = await LoopBench.CreateAsync();
        var loop = await LoopAsync(bench, static () => Unknown);
        for (var i = 0; i < 6; i++)
        {
            await StepAsync(bench, loop);
            await loop.BrokenAsync("the bug", CancellationToken.None);
            await loop.StartAsync(CancellationToken.None);
        }

        (await ToldAsync(bench)).ShouldHaveSingleItem().Rule.ShouldBe(Rules.Unknown);
    }

    [Fact]
    public async Task What_was_read_long_ago_and_what_a_round_left_out_is_not_known()
    {
        await using var bench = await LoopBench.CreateAsync();
        var said = Says(MarginStatus.Liquidatable, -1, -9);
        var at = (ulong)bench.Time.GetUtcNow().ToUnixTimeSeconds();
        var loop = await LoopAsync(bench, () => said, old: () => at);
        for (var i = 0; i < 8; i++)
        {
            await StepAsync(bench, loop);
        }

        (await ToldAsync(bench)).ShouldHaveSingleItem().Rule.ShouldBe(Rules.VenueMargin, "two minutes are believed");
        await StepAsync(bench, loop);
        (await ToldAsync(bench))[^1].Title.ShouldContain("It was read 135 s ago");

        var silent = await LoopAsync(bench, static () => null);
        for (var i = 0; i < 5; i++)
        {
            await StepAsync(bench, silent);
        }

        (await bench.Store.LatestAlertsAsync(LoopNames.Venues)).ShouldAllBe(static alert => alert.IsOpen);
    }

    [Fact]
    public async Task What_stands_open_of_an_account_that_is_not_watched_any_more_is_closed_and_said_so()
    {
        await using var bench = await LoopBench.CreateAsync();
        var loop = await LoopAsync(bench, static () => Says(MarginStatus.Liquidatable, -1, -9));
        await StepAsync(bench, loop);
        var without = await LoopAsync(bench, static () => null, owners: new Dictionary<VenueAccountId, string>());
        await StepAsync(bench, without);
        await StepAsync(bench, without);
        var told = await ToldAsync(bench);
        told.Count.ShouldBe(2);
        told[1].Kind.ShouldBe(TransitionKind.Resolved);
        told[1].Title.ShouldBe("RESOLVED: derive-v3/77: it is not watched any more, so nothing is said of it; whether it was over nobody knows");
    }

    [Theory]
    [InlineData(false, AlertLevel.Danger)]
    [InlineData(true, AlertLevel.Critical)]
    public async Task A_loop_that_stops_or_hangs_is_told_and_so_is_its_return(bool flagged, AlertLevel level)
    {
        await using var bench = await LoopBench.CreateAsync();
        var hangs = new TaskCompletionSource<VenueReport?>();
        var isHung = false;
        var fine = flagged ? Says(MarginStatus.Liquidatable, -1, -9) : Says(MarginStatus.Healthy, 5, 3);
        var loop = await LoopOverAsync(bench, () => isHung ? hangs.Task : Task.FromResult<VenueReport?>(fine));
        var watch = new WatchLoop(new WatchLoopParts
        {
            Chains = [], Venues = () => loop.Vitals, Store = bench.Store, Judge = new Judge(RuleBook.Default, AssetCatalog.Empty), Route = static _ => [], Metrics = bench.Metrics, Time = bench.Time,
        });
        await watch.StartAsync(CancellationToken.None);
        await StepAsync(bench, loop);

        // It breaks again and again, and starts each time.
        for (var i = 0; i < 10; i++)
        {
            bench.Time.Advance(loop.Interval);
            await loop.BrokenAsync("the bug", CancellationToken.None);
            await loop.StartAsync(CancellationToken.None);
            await watch.StepAsync(CancellationToken.None);
        }

        var dead = (await WatchedAsync(bench)).ShouldHaveSingleItem();
        (dead.Rule, dead.Level, dead.Subject).ShouldBe((Rules.LoopDead, level, new AlertSubject(SubjectKind.Monitor, "venues")));
        dead.Title.ShouldContain("the bug");
        (await bench.Store.LoopAsync(loop.Name))!.Beat!.Unhealthy.ShouldBe("the bug");
        await StepAsync(bench, loop);
        await watch.StepAsync(CancellationToken.None);
        (await WatchedAsync(bench))[^1].Kind.ShouldBe(TransitionKind.Resolved);

        // And once it does not come back.
        isHung = true;
        var step = loop.StepAsync(CancellationToken.None);
        bench.Time.Advance(TimeSpan.FromMinutes(3));
        await watch.StepAsync(CancellationToken.None);
        (await WatchedAsync(bench))[^1].Title.ShouldContain("no sign of life");
        isHung = false;
        hangs.SetResult(fine);
        await step;
        await watch.StepAsync(CancellationToken.None);
        (await WatchedAsync(bench))[^1].Kind.ShouldBe(TransitionKind.Resolved);
    }

    private static VenueReport Unknown => new() { Account = Account, Status = MarginStatus.Unknown, UnknownReason = "The venue's answer is no JSON.", ReadAt = 0 };

    private static VenueReport Says(MarginStatus status, int maintenance, int initial) => new()
    {
        Account = Account,
        Status = status,
        ReadAt = 0,
        ValuedAt = 1_750_000_000,
        MaintenanceMargin = maintenance * (Int128)1_000_000_000_000_000_000,
        InitialMargin = initial * (Int128)1_000_000_000_000_000_000,
        AccountValue = 500 * (Int128)1_000_000_000_000_000_000,
    };

    /// <param name="old">When it was read; null = just now.</param>
    private static Task<VenueLoop> LoopAsync(LoopBench bench, Func<VenueReport?> said, Func<ulong>? old = null, IReadOnlyDictionary<VenueAccountId, string>? owners = null) =>
        LoopOverAsync(bench, () => Task.FromResult(said()), old, owners);

    private static async Task<VenueLoop> LoopOverAsync(LoopBench bench, Func<Task<VenueReport?>> said, Func<ulong>? old = null, IReadOnlyDictionary<VenueAccountId, string>? owners = null)
    {
        var loop = new VenueLoop(new VenueLoopParts
        {
            Read = async _ => await said() is { } report ? [report with { ReadAt = old?.Invoke() ?? (ulong)bench.Time.GetUtcNow().ToUnixTimeSeconds() }] : [],
            Owners = owners ?? new Dictionary<VenueAccountId, string> { [Account] = "me" },
            Store = bench.Store,
            Judge = new Judge(RuleBook.Default, AssetCatalog.Empty),
            Route = static _ => ["sink"],
            Metrics = bench.Metrics,
            Time = bench.Time,
            Logger = NullLogger.Instance,
        });
        await loop.StartAsync(CancellationToken.None);
        return loop;
    }

    private static async Task StepAsync(LoopBench bench, VenueLoop loop)
    {
        bench.Time.Advance(loop.Interval);
        await loop.StepAsync(CancellationToken.None);
    }

    private static async Task<List<AlertTransition>> ToldAsync(LoopBench bench) =>
        [.. (await bench.Store.TransitionsAfterAsync(0, 100)).Select(static t => t.Transition).Where(static t => t.Subject.Kind == SubjectKind.Venue)];

    private static async Task<List<AlertTransition>> WatchedAsync(LoopBench bench) =>
        [.. (await bench.Store.TransitionsAfterAsync(0, 100)).Select(static t => t.Transition).Where(static t => t.Rule == Rules.LoopDead)];
}
