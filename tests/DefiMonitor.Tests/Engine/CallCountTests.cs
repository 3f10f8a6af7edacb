using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Tests.Engine;

public sealed class CallCountTests
{
    private const int Most = 3;
    private const int Blocks = 10;
    private const ulong FinalityEverySeconds = 12;

    [Fact]
    public async Task A_judged_block_costs_at_most_three_calls_whatever_the_accounts()
    {
        var costs = new Dictionary<int, string>();
        foreach (var people in new[] { 10, 1_000, 100_000 })
        {
            await using var chain = await CountedChain.StartAsync(people);
            await chain.EnterAllAsync();
            var atStart = chain.FinalityAskedAt.Count;
            var counts = new List<int>();
            for (var i = 0; i < Blocks; i++)
            {
                var calls = await chain.JudgeNextAsync(everyPrice: i == Blocks / 2);
                calls.Count.ShouldBeLessThanOrEqualTo(Most, $"{people} accounts, block {i}: {string.Join(", ", calls)}");
                counts.Add(calls.Count);
            }

            costs.Add(people, string.Join(' ', counts));

            // The first start asks once more, for the block to begin at.
            var asked = chain.FinalityAskedAt.Skip(atStart).ToList();
            asked.Count.ShouldBeGreaterThan(1);
            asked.Zip(asked.Skip(1), static (before, after) => after - before).ShouldAllBe(static gap => gap >= FinalityEverySeconds);
        }

        costs.Values.Distinct().ShouldHaveSingleItem(string.Join("; ", costs));
    }

    [Fact]
    public async Task Feeds_beside_their_markets_ride_in_the_same_call()
    {
        await using var chain = await CountedChain.StartAsync(1_000, feeds: true);
        await chain.EnterAllAsync();
        for (var i = 0; i < Blocks; i++)
        {
            (await chain.JudgeNextAsync(everyPrice: false)).Count.ShouldBeLessThanOrEqualTo(Most);
        }

        chain.Told(Rules.NextPrice).ShouldBeGreaterThan(0);
    }
}
