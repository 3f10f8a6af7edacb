using DefiMonitor.Engine.Sinks;
using DefiMonitor.Tests.Outbox;

namespace DefiMonitor.Tests.Sinks;

public sealed class RateLimitTests
{
    [Fact]
    public void No_window_wherever_it_is_laid_holds_more_than_the_limit()
    {
        var time = new ManualTime();
        var limit = new RateLimit(3, TimeSpan.FromSeconds(10), time);
        var random = new Random(7);
        var taken = new List<DateTimeOffset>();
        for (var i = 0; i < 2000; i++)
        {
            if (RateLimit.TryTake([limit], out var wait))
            {
                taken.Add(time.GetUtcNow());
            }
            else
            {
                wait.ShouldBeGreaterThan(TimeSpan.Zero);
            }

            time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 900)));
        }

        for (var i = 3; i < taken.Count; i++)
        {
            (taken[i] - taken[i - 3]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
        }

        taken.Count.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void The_wait_that_is_named_is_enough()
    {
        var time = new ManualTime();
        IReadOnlyList<RateLimit> limits = [new RateLimit(1, TimeSpan.FromSeconds(1), time), new RateLimit(20, TimeSpan.FromMinutes(1), time)];
        var start = time.GetUtcNow();
        for (var sent = 0; sent < 41;)
        {
            if (RateLimit.TryTake(limits, out var wait))
            {
                sent++;
            }

            time.Advance(wait);
        }

        // 20 in the first 20 s, the 21st when the first minute is over, the 41st when the second is.
        (time.GetUtcNow() - start).ShouldBe(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void A_limit_that_has_room_loses_nothing_when_another_has_none()
    {
        var time = new ManualTime();
        var full = new RateLimit(1, TimeSpan.FromHours(1), time);
        var free = new RateLimit(1, TimeSpan.FromSeconds(1), time);
        RateLimit.TryTake([full], out _).ShouldBeTrue();

        RateLimit.TryTake([free, full], out _).ShouldBeFalse();

        RateLimit.TryTake([free], out _).ShouldBeTrue();
    }
}
