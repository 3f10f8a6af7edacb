using System.Globalization;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Sinks;

public sealed class SinkQuietHoursTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("2026-01-15T20:59:59Z", null)]
    [InlineData("2026-01-15T21:00:00Z", "2026-01-16T06:00:00Z")]
    [InlineData("2026-01-15T23:30:00Z", "2026-01-16T06:00:00Z")]
    [InlineData("2026-01-16T05:59:59Z", "2026-01-16T06:00:00Z")]
    [InlineData("2026-01-16T06:00:00Z", null)]
    [InlineData("2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z")]
    public void A_night_ends_by_the_clock_on_the_persons_wall(string now, string? end)
    {
        var quiet = new SinkQuietHours(new TimeOnly(22, 0), new TimeOnly(7, 0), Berlin, QuietAction.Hold);

        quiet.EndIfQuiet(Parse(now)).ShouldBe(end is null ? null : Parse(end));
    }

    [Fact]
    public void Hours_within_one_day_end_on_that_day()
    {
        var quiet = new SinkQuietHours(new TimeOnly(12, 0), new TimeOnly(14, 0), TimeZoneInfo.Utc, QuietAction.Silent);

        quiet.EndIfQuiet(Parse("2026-01-15T13:00:00Z")).ShouldBe(Parse("2026-01-15T14:00:00Z"));
        quiet.EndIfQuiet(Parse("2026-01-15T14:00:00Z")).ShouldBeNull();
    }

    [Fact]
    public void An_end_that_the_clock_skips_still_comes()
    {
        var quiet = new SinkQuietHours(new TimeOnly(22, 0), new TimeOnly(2, 30), Berlin, QuietAction.Hold);

        quiet.EndIfQuiet(Parse("2026-03-28T23:00:00Z")).ShouldBe(Parse("2026-03-29T00:30:00Z"));
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
