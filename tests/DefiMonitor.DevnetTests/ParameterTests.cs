using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>Governors of a real market lower a threshold: the figures told are the contract's own, with the change and, on the branch of a reorg, without it.</summary>
public sealed class ParameterTests(ITestOutputHelper output)
{
    private const int People = 16;

    [Theory]
    [InlineData(Devnet.Core302)]
    [InlineData(Devnet.Core36)]
    public async Task A_lower_threshold_is_told_with_the_contracts_health_before_and_after_and_taken_back_by_a_reorg(string market)
    {
        await using var devnet = await Devnet.StartAsync(People, seed: 21);
        await using var chain = await FollowedChain.StartAsync(devnet);
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine" }));
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine", dt = 12 }));
        chain.Told.ShouldNotContain(static t => t.Rule == Rules.Parameters);
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "setCollateral", market, asset = "WETH", ltv = 5_000, threshold = 6_000, bonus = 10_500, dt = 12 }));
        var told = chain.Told.Where(static t => t.Rule == Rules.Parameters).ShouldHaveSingleItem();
        var changed = chain.Head;
        told.Block.ShouldBe(changed);
        told.Level.ShouldBe(AlertLevel.Warning);
        told.Parameters.Select(static c => (c.Parameter.Name, c.Parameter.Value)).ShouldBe([("ltv", (UInt256)5_000u), ("liquidationThreshold", (UInt256)6_000u)]);
        told.Impacts.ShouldContain(static i => i.Fell);
        var after = await HealthAsync(chain, told, changed);

        // The same second on the branch where the governors did nothing.
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "reorg", depth = 1, dt = 12 }));
        var calm = (await chain.Client.GetHeaderAsync(changed.Number, CancellationToken.None))!;
        calm.Hash.ShouldNotBe(changed.Hash);
        calm.Timestamp.ShouldBe(changed.Timestamp);
        var before = await HealthAsync(chain, told, calm);
        foreach (var impact in told.Impacts)
        {
            impact.Source.ShouldBe(ImpactSource.Computed);
            impact.After.ShouldBe(after[impact.Account], $"{impact.Account} after");
            impact.Before.ShouldBe(before[impact.Account], $"{impact.Account} before");
        }

        chain.Told.Count(static t => t.Rule == Rules.Parameters).ShouldBe(2);
        var taken = chain.Told.Last(static t => t.Rule == Rules.Parameters);
        (taken.Kind, taken.AlertId, taken.Number).ShouldBe((TransitionKind.Retracted, told.AlertId, told.Number + 1));
        output.WriteLine(string.Join(Environment.NewLine, told.Lines.Prepend(told.Title)));
    }

    private static async Task<Dictionary<MarginAccountId, UInt256?>> HealthAsync(FollowedChain chain, AlertTransition told, BlockHeader at)
    {
        var health = new Dictionary<MarginAccountId, UInt256?>();
        foreach (var impact in told.Impacts)
        {
            var protocol = chain.Protocols.Single(p => p.Id == impact.Account.Deployment);
            var answers = await chain.Client.CallAsync([.. protocol.Confirm(impact.Account)], at, CancellationToken.None);
            var word = protocol.Compare(protocol.Capture(impact.Account, chain.Head), answers.Results).Chain.Single(static w => w.Name == "healthFactor").Value;
            health[impact.Account] = word == UInt256.MaxValue ? null : word;
        }

        return health;
    }
}
