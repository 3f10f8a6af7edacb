using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Settings;

public sealed class CallPlanTests
{
    [Theory]
    [InlineData(12, null)]
    [InlineData(12, 100_000L)]
    [InlineData(12, 30_000L)]
    [InlineData(12, 5_000L)]
    [InlineData(12, 1_000L)]
    [InlineData(12, 100L)]
    [InlineData(2, 100_000L)]
    [InlineData(2, 1_000_000L)]
    [InlineData(1, 10_000L)]
    public void Calm_looks_leave_room_in_the_budget_and_near_looks_are_tighter(int block, long? budget)
    {
        var plan = CallPlan.For(Chain(block, budget));
        plan.NearLookSeconds.ShouldBeLessThanOrEqualTo(plan.LookSeconds);
        plan.LookSeconds.ShouldBeGreaterThanOrEqualTo(1);
        if (budget is { } limit)
        {
            plan.CallsPerDay.ShouldBeLessThanOrEqualTo((long)(limit * 0.61));
        }
    }

    [Fact]
    public void Every_block_is_followed_where_the_plan_allows_it()
    {
        CallPlan.For(Chain(12, null)).Mode.ShouldBe(CallMode.Follow);
        CallPlan.For(Chain(12, 100_000)).Mode.ShouldBe(CallMode.Follow);
        CallPlan.For(Chain(2, 100_000)).Mode.ShouldBe(CallMode.Fresh);
    }

    [Fact]
    public void More_calls_never_mean_fewer_looks_nor_the_way_back_to_watch_list_mode()
    {
        var last = CallPlan.For(Chain(12, 100));
        for (var budget = 600L; budget < 200_000; budget += 500)
        {
            var plan = CallPlan.For(Chain(12, budget));
            plan.Mode.ShouldBeOneOf(last.Mode, CallMode.Follow);
            if (plan.Mode == last.Mode)
            {
                plan.LookSeconds.ShouldBeLessThanOrEqualTo(last.LookSeconds + 1e-9, $"at {budget} calls a day");
            }

            last = plan;
        }

        last.Mode.ShouldBe(CallMode.Follow);
    }

    private static ChainSettings Chain(int block, long? budget) =>
        new() { Name = "x", Chain = new ChainId(1), NextBlockSeconds = (ulong)block, CallsPerDay = budget };
}
