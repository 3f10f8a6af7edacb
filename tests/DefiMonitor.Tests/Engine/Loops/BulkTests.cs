using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>What must hold where there are too many accounts to evaluate everybody.</summary>
public sealed class BulkTests
{
    [Fact]
    public async Task Who_is_in_calm_is_not_evaluated()
    {
        await using var bench = await LoopBench.CreateAsync(InBulk);
        await SettleAsync(bench);
        bench.Judged.Clear();
        await bench.BlockAsync();
        bench.Judged.ShouldHaveSingleItem().Accounts.ShouldBeEmpty();
        await bench.BlockAsync(LoopBench.Price(900_000));
        bench.Judged[^1].Accounts.ShouldContain(a => a.Account == bench.Account(0));
    }

    [Fact]
    public async Task After_a_restart_with_the_same_rules_nobody_in_calm_is_evaluated()
    {
        await using var bench = await LoopBench.CreateAsync(InBulk);
        await SettleAsync(bench);
        await bench.RestartAsync();
        bench.Judged.Clear();
        await bench.BlockAsync();

        // Whoever has an alert open is looked at again.
        bench.Judged.ShouldHaveSingleItem().Accounts.ShouldHaveSingleItem().Account.ShouldBe(bench.Account(0));
    }

    [Fact]
    public async Task After_a_restart_with_other_rules_everybody_is_judged_by_them_at_once()
    {
        await using var bench = await LoopBench.CreateAsync(InBulk);
        await SettleAsync(bench);
        (await bench.AlertAsync(1)).ShouldBeNull();
        await bench.RestartAsync(rules: RuleBook.Default with { Levels = [new LevelRule(AlertLevel.Warning, Sigmas: 8)] });
        await bench.BlockAsync();
        (await bench.AlertAsync(1)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Warning);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_nearest_is_held_against_the_chain_at_every_block(int calm)
    {
        await using var bench = await LoopBench.CreateAsync(static o => InBulk(o) with { ComparePerBlock = 2 });
        await SettleAsync(bench);
        for (var i = 0; i <= calm; i++)
        {
            // Somebody far away is the only one who is evaluated.
            await bench.BlockAsync(null, ToyLogs.Debt(Toy.User(3), up: true, 1, 0));
        }

        // Without any log the nearest owes more.
        await bench.BlockAsync(static s => s with { Debts = s.Debts.SetItem(Toy.User(0), s.Debts[Toy.User(0)] * 2) });
        (await bench.AlertAsync(0)).ShouldNotBeNull().Level.ShouldBe(AlertLevel.Liquidatable);
    }

    private static ChainLoopOptions InBulk(ChainLoopOptions options) => options with { FullPassAccounts = 0, FarPerBlock = 0, MemoriesAtHand = 0 };

    private static async Task SettleAsync(LoopBench bench)
    {
        // Who entered above the final block would enter again after a restart, and be evaluated for that.
        for (var i = 0; i < 15; i++)
        {
            await bench.BlockAsync();
        }

        bench.Judged.SelectMany(static b => b.Accounts).ShouldContain(static a => a.Worse.Status == MarginStatus.Healthy);
    }
}
