using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Tests.Outbox;

namespace DefiMonitor.Tests.Settings;

public sealed class CallCadenceTests
{
    private const long Budget = 5_000;
    private const double PerLook = 9;

    private static readonly CallPlan Plan = CallPlan.For(new ChainSettings { Name = "x", Chain = new ChainId(1), NextBlockSeconds = 12, CallsPerDay = Budget });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 24)]
    [InlineData(6, 10)]
    [InlineData(20, 24)]
    public void A_day_is_never_run_out_of_calls_however_long_an_account_is_near(int nearFrom, int nearTo)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var end = time.GetUtcNow().AddDays(1);
        var spent = 0.0;
        var longest = TimeSpan.Zero;
        var cadence = new CallCadence(Plan, () => (long)spent, time);
        while (time.GetUtcNow() < end)
        {
            spent += PerLook;
            var hour = time.GetUtcNow().Hour;
            var pause = cadence.Next(hour >= nearFrom && hour < nearTo);
            longest = time.GetUtcNow() + pause < end && pause > longest ? pause : longest;
            time.Advance(pause);
        }

        spent.ShouldBeLessThanOrEqualTo(Budget);

        // And nobody is left alone for long at its end.
        longest.TotalSeconds.ShouldBeLessThan(4 * Plan.LookSeconds);
    }

    [Fact]
    public void Near_a_rule_it_looks_more_often_while_the_reserve_lasts()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        var calm = new CallCadence(Plan, () => (long)(Budget * 0.3), time);
        calm.Next(near: true).ShouldBeLessThan(calm.Next(near: false));
        var spent = new CallCadence(Plan, () => Budget, time);
        spent.Next(near: true).ShouldBe(TimeSpan.FromHours(12));
    }
}
