using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Engine;

public sealed class CompletenessTests
{
    [Fact]
    public async Task A_lost_log_shows_within_a_minute_and_what_is_whole_says_so()
    {
        await using var chain = await CountedChain.StartAsync(people: 30);
        await chain.EnterAllAsync();
        for (var i = 0; i < 20; i++)
        {
            await chain.JudgeNextAsync(everyPrice: true);
        }

        var whole = chain.Vitals.Completeness.ShouldHaveSingleItem();
        (whole.Broken, whole.Text).ShouldBe((0, null));
        whole.Equations.ShouldBe(4);

        // Debts and supplies move at most blocks; what the node leaves out nobody reads again.
        for (var i = 0; i < 60; i++)
        {
            await chain.JudgeNextAsync(everyPrice: true, lost: static log => AaveAbi.Mint.Matches(log) || AaveAbi.Burn.Matches(log));
        }

        var broken = chain.Vitals.Completeness.ShouldHaveSingleItem();
        broken.Broken.ShouldBeGreaterThan(0);
        broken.Block.Number.ShouldBeGreaterThan(whole.Block.Number);
        broken.Text.ShouldNotBeNull().ShouldContain("scaledTotalSupply");
    }
}
