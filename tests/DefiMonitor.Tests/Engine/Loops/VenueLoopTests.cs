using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

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
        said = new VenueReport { Account = Account, Status = MarginStatus.Unknown, UnknownReason = "The venue's answer is no JSON.", ReadAt = 1 };
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

    private static VenueReport Says(MarginStatus status, int maintenance, int initial) => new()
    {
        Account = Account,
        Status = status,
        ReadAt = 1,
        ValuedAt = 1_750_000_000,
        MaintenanceMargin = maintenance * (Int128)1_000_000_000_000_000_000,
        InitialMargin = initial * (Int128)1_000_000_000_000_000_000,
        AccountValue = 500 * (Int128)1_000_000_000_000_000_000,
    };

    private static async Task<VenueLoop> LoopAsync(LoopBench bench, Func<VenueReport> said)
    {
        var loop = new VenueLoop(new VenueLoopParts
        {
            Read = _ => Task.FromResult<IReadOnlyList<VenueReport>>([said()]),
            OwnerOf = static _ => "me",
            Store = bench.Store,
            Judge = new Judge(RuleBook.Default, AssetCatalog.Empty),
            Route = static _ => ["sink"],
            Metrics = bench.Metrics,
            Time = bench.Time,
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
}
