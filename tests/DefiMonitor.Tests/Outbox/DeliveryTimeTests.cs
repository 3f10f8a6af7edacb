using DefiMonitor.App.Api;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Outbox;

/// <summary>What the exporter says of the way from the commit to the sink. The clock of these tests stands at 12:00 UTC.</summary>
public sealed class DeliveryTimeTests : IAsyncLifetime
{
    private OutboxHouse house = null!;
    private PrometheusExporter exporter = null!;

    public async Task InitializeAsync()
    {
        house = await OutboxHouse.OpenAsync();
        exporter = new PrometheusExporter(house.MeterName);
    }

    public async Task DisposeAsync()
    {
        exporter.Dispose();
        await house.DisposeAsync();
    }

    [Fact]
    public async Task The_way_to_the_sink_is_told_by_stage()
    {
        var sink = Slow(static _ => null);
        var loop = await house.StartAsync([sink]);
        house.Confirmer.Say = _ =>
        {
            house.Time.Advance(TimeSpan.FromMilliseconds(300));
            return new Confirmation(ConfirmationState.Confirmed);
        };
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");
        house.Time.Advance(TimeSpan.FromMilliseconds(20));
        await loop.DrainAsync(CancellationToken.None);

        var text = exporter.Scrape();
        Sum(text, "queued").ShouldBe("0.02");
        Sum(text, "confirm").ShouldBe("0.3");
        Sum(text, "send").ShouldBe("0.05");
        text.ShouldContain("defimonitor_decision_to_delivered_seconds_sum{sink=\"phone\"} 0.37\n");
        text.ShouldContain("defimonitor_decision_to_delivered_seconds_bucket{sink=\"phone\",le=\"0.25\"} 0\n");
        text.ShouldContain("defimonitor_decision_to_delivered_seconds_bucket{sink=\"phone\",le=\"0.5\"} 1\n");
    }

    [Fact]
    public async Task Where_nothing_waits_any_more_the_figures_say_so()
    {
        var refuses = true;
        var sink = Slow(_ => refuses ? new SinkResult.Retry(TimeSpan.FromSeconds(5), "not now", SinkWide: false) : null);
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");
        await loop.DrainAsync(CancellationToken.None);
        await BeatAsync(loop);
        exporter.Scrape().ShouldContain("defimonitor_outbox_due{sink=\"phone\"} 1\n");

        refuses = false;
        await BeatAsync(loop);
        await BeatAsync(loop);
        var text = exporter.Scrape();
        text.ShouldContain("defimonitor_outbox_due{sink=\"phone\"} 0\n");
        text.ShouldContain("defimonitor_outbox_oldest_due_seconds{sink=\"phone\"} 0\n");
    }

    [Fact]
    public async Task What_the_sink_refused_first_was_queued_meanwhile()
    {
        var refuses = true;
        var sink = Slow(_ => refuses ? new SinkResult.Retry(TimeSpan.FromSeconds(5), "not now", SinkWide: false) : null);
        var loop = await house.StartAsync([sink]);
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Danger), "phone");
        await loop.DrainAsync(CancellationToken.None);
        exporter.Scrape().ShouldNotContain("defimonitor_decision_to_delivered_seconds");

        refuses = false;
        house.Time.Advance(TimeSpan.FromSeconds(10));
        await loop.DrainAsync(CancellationToken.None);
        var text = exporter.Scrape();
        Sum(text, "queued").ShouldBe("10.05");
        Sum(text, "send").ShouldBe("0.05");
    }

    [Fact]
    public async Task What_quiet_hours_held_and_repeats_are_not_late()
    {
        var noon = new SinkQuietHours(new TimeOnly(11, 0), new TimeOnly(14, 0), TimeZoneInfo.Utc, QuietAction.Hold);
        var (phone, pager) = (Slow(static _ => null), new RecordingSink("pager"));
        var loop = await house.StartAsync([phone, pager], new OutboxOptions
        {
            QuietHours = new Dictionary<string, SinkQuietHours> { ["phone"] = noon }, Escalation = new EscalationSettings(10, "pager"),
        });
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Warning), "phone");
        await house.CommitAsync(OutboxHouse.Told(TransitionKind.Opened, AlertLevel.Liquidatable, alert: "b"), "pager");
        await loop.DrainAsync(CancellationToken.None);
        house.Time.Advance(TimeSpan.FromHours(2));
        await loop.DrainAsync(CancellationToken.None);

        phone.Tried.Count.ShouldBe(1);
        pager.Tried.Count.ShouldBe(2);
        var text = exporter.Scrape();
        text.ShouldNotContain("defimonitor_decision_to_delivered_seconds_count{sink=\"phone\"}");
        text.ShouldContain("defimonitor_decision_to_delivered_seconds_count{sink=\"pager\"} 1\n");
    }

    private RecordingSink Slow(Func<SinkMessage, SinkResult?> answer) => new("phone")
    {
        Answer = message =>
        {
            house.Time.Advance(TimeSpan.FromMilliseconds(50));
            return answer(message);
        },
    };

    private async Task BeatAsync(OutboxLoop loop)
    {
        house.Time.Advance(TimeSpan.FromMinutes(1));
        await loop.StepAsync(CancellationToken.None);
        await loop.DrainAsync(CancellationToken.None);
    }

    private static string Sum(string text, string stage)
    {
        var before = $"defimonitor_delivery_stage_seconds_sum{{sink=\"phone\",stage=\"{stage}\"}} ";
        return text.Split('\n').Single(line => line.StartsWith(before, StringComparison.Ordinal))[before.Length..];
    }
}
