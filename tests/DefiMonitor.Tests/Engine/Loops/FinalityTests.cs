using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Feeds;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

/// <summary>What hangs on a block that a fork has undone keeps the disk back only until somebody can say what is so now.</summary>
public sealed class FinalityTests
{
    private static readonly DeploymentId Second = new("toy", LoopBench.Chain, "second");

    [Fact]
    public async Task A_price_that_was_due_and_can_not_be_looked_at_any_more_does_not_keep_the_disk_back()
    {
        ulong? market = 1_000_000;
        var watch = FeedSamples.Watch(null, Toy.Asset(0)) with { Chain = LoopBench.Chain, Decimals = 0, Market = new SecondFeed(FeedSamples.Second, 0) { MaxAgeSeconds = 90_000 } };
        await using var bench = await LoopBench.CreateAsync(o => o with { Feeds = [watch] });
        var rest = bench.Node.Node.OnCall!;
        bench.Node.Node.OnCall = (call, at) =>
            call.Equals(FeedSamples.Round(FeedSamples.Feed)) ? FeedSamples.RoundOf(bench.Node.StateAt(at).Prices[Toy.Asset(0)], at.Timestamp - 60)
            : call.Equals(FeedSamples.Round(FeedSamples.Second)) ? market is { } price ? FeedSamples.RoundOf(price, at.Timestamp) : AbiWords.Reverted
            : rest(call, at);
        await BlocksAsync(bench, 15);
        market = 700_000;
        await bench.BlockAsync();
        (await bench.AlertAsync(0, Rules.NextPrice)).ShouldNotBeNull().IsOpen.ShouldBeTrue();

        market = null;
        await ForkAsync(bench, 1);
        var undone = bench.Head.Number;
        await BlocksAsync(bench, 30);
        (await bench.AlertAsync(0, Rules.NextPrice)).ShouldNotBeNull().IsOpen.ShouldBeTrue("what can't be read ends nothing");
        (await CheckpointAsync(bench)).ShouldBeGreaterThan(undone);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_told_of_a_market_is_taken_back_when_a_fork_undid_it_and_nobody_can_read_it(bool andNobodyElse)
    {
        IReadOnlyList<IProtocol> protocols = andNobodyElse ? [new ToyProtocol(LoopBench.Id)] : [new ToyProtocol(LoopBench.Id), new ToyProtocol(Second)];
        await using var bench = await LoopBench.CreateAsync(static o => o with { Watch = [], Discover = new HashSet<DeploymentId>() }, protocols);
        await BlocksAsync(bench, 15);
        await bench.BlockAsync(null, ToyLogs.Tuned(7_000, 0));
        var told = Of(bench).Where(static t => t.Subject.Key == LoopBench.Id.ToString()).ShouldHaveSingleItem();
        told.Kind.ShouldBe(TransitionKind.Opened);

        // On the other branch it was never changed, and the price of its asset can't be asked for.
        var undone = bench.Head.Number;
        bench.Node.Outage = Outage.Calls;
        var state = bench.Node.StateAt(bench.Head) with { Threshold = 8_000 };
        bench.Mine(_ => state);
        bench.Node.Take(new ToyTick(2, [.. Enumerable.Range(0, 3).Select(_ => new ToyBlock(12, [], state))], 8, Outage.Calls));
        await bench.StepAsync();
        bench.Judged.Clear();
        for (var i = 0; i < 30; i++)
        {
            bench.Node.Take(new ToyTick(0, [new ToyBlock(12, [], state)], 8, Outage.Calls));
            await bench.StepAsync();
        }

        var back = Of(bench).Where(static t => t.Subject.Key == LoopBench.Id.ToString()).ShouldHaveSingleItem();
        (back.Kind, back.AlertId, back.Number).ShouldBe((TransitionKind.Retracted, told.AlertId, 2));
        back.Lines.ShouldHaveSingleItem().ShouldContain("can't be read there");
        (await CheckpointAsync(bench)).ShouldBeGreaterThan(undone);

        // Told back is told back, and as it was it is no news.
        bench.Node.Outage = Outage.None;
        bench.Judged.Clear();
        await bench.StepAsync();
        Of(bench).ShouldBeEmpty();
        bench.Loop.IsSettled.ShouldBeTrue();
    }

    [Fact]
    public async Task An_alert_that_nobody_judges_any_more_does_not_keep_the_disk_back_for_ever()
    {
        await using var bench = await LoopBench.CreateAsync();
        await BlocksAsync(bench, 15);
        await bench.BlockAsync(LoopBench.Price(700_000));
        (await bench.AlertAsync(0)).ShouldNotBeNull().IsOpen.ShouldBeTrue();
        var undone = bench.Head.Number;

        // Undone by a fork while the price can't be read, for good.
        var state = bench.Node.StateAt(bench.Head) with { Broken = [Toy.Asset(0)] };
        bench.Mine(_ => state);
        bench.Node.Take(new ToyTick(2, [.. Enumerable.Range(0, 3).Select(_ => new ToyBlock(12, [], state))], 8, Outage.None));
        await bench.StepAsync();
        await BlocksAsync(bench, 20);
        (await CheckpointAsync(bench)).ShouldBeLessThan(undone);
        for (var i = 0; i < 26; i++)
        {
            bench.Node.Take(new ToyTick(0, [.. Enumerable.Range(0, 40).Select(_ => new ToyBlock(12, [], state))], 8, Outage.None));
            await bench.StepAsync();
        }

        (await CheckpointAsync(bench)).ShouldBeGreaterThan(undone);
        (await bench.AlertAsync(0)).ShouldNotBeNull().IsOpen.ShouldBeTrue("what can't be read ends nothing");
    }

    /// <summary>The tables on disk may be ahead of what anybody was told: of blocks that became final before one of them was judged, and of another branch than the one that was.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task What_became_final_before_it_was_judged_is_told_after_a_crash(int undo)
    {
        await using var bench = await LoopBench.CreateAsync(protocols: [new ToyProtocol(LoopBench.Id) { HearsThreshold = true }]);
        await BlocksAsync(bench, 15);
        bench.Node.Outage = Outage.Calls;
        var state = bench.Node.StateAt(bench.Head) with { Threshold = 7_000 };
        var tuned = new ToyBlock(12, [ToyLogs.Tuned(7_000, 0)], state);
        bench.Mine(_ => state);
        var judged = bench.Head.Number - 1;

        // Final is the block after that of the change: above the one judged, or as high as that, on the other branch.
        ToyBlock[] blocks = [tuned, .. Enumerable.Range(0, undo + 6).Select(_ => new ToyBlock(12, [], state))];
        bench.Node.Take(new ToyTick(undo + 1, blocks, (ulong)blocks.Length - 2, Outage.Calls));
        for (var i = 0; i < 4; i++)
        {
            await bench.StepAsync();
            bench.Time.Advance(TimeSpan.FromSeconds(12));
        }

        var checkpoint = await CheckpointAsync(bench);
        (checkpoint <= judged).ShouldBe(undo > 0);
        checkpoint.ShouldBe(judged + 2 - (ulong)undo);
        await bench.RestartAsync(protocols: [new ToyProtocol(LoopBench.Id) { HearsThreshold = true }]);
        bench.Judged.Clear();
        bench.Node.Outage = Outage.None;
        await bench.StepAsync();
        bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Parameters).ShouldHaveSingleItem().Parameters.ShouldHaveSingleItem().Parameter.Value.ShouldBe((UInt256)7_000u);
    }

    /// <summary>Of liquidations that a fork undid, the earlier ones are found after a crash too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_liquidation_that_a_fork_undid_is_taken_back(bool crash)
    {
        await using var bench = await LoopBench.CreateAsync();
        await BlocksAsync(bench, 15);
        await bench.BlockAsync(null, ToyLogs.Liquidated(Toy.User(1), 5, 0));
        await bench.BlockAsync();
        await bench.BlockAsync(null, ToyLogs.Liquidated(Toy.User(1), 7, 0));
        var told = bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Liquidated).ToList();
        told.Select(static t => t.Kind).ShouldBe([TransitionKind.Opened, TransitionKind.Opened]);

        bench.Judged.Clear();
        var state = bench.Node.StateAt(bench.Head);
        bench.Node.Take(new ToyTick(3, [.. Enumerable.Range(0, 4).Select(_ => new ToyBlock(12, [], state))], 8, Outage.None));
        if (crash)
        {
            await bench.RestartAsync();
        }

        await bench.StepAsync();
        await bench.BlockAsync();
        bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Liquidated).Select(static t => (t.Kind, t.AlertId, t.Number)).ShouldBe(
            told.Select(static t => (TransitionKind.Retracted, t.AlertId, 2)), ignoreOrder: true);
    }

    [Fact]
    public async Task A_repair_tells_no_liquidation_again_that_was_told()
    {
        await using var bench = await LoopBench.CreateAsync();
        await BlocksAsync(bench, 15);
        for (ulong i = 0; i < 3; i++)
        {
            await bench.BlockAsync(null, ToyLogs.Liquidated(Toy.User(1), 5 + i, 0));
            await bench.BlockAsync();
        }

        var told = bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Liquidated).Select(static t => t.AlertId).ToList();
        told.Count.ShouldBe(3);
        bench.Judged.Clear();
        await bench.Store.AddCommandAsync(ChainCommands.ForRepair(LoopBench.Chain, bench.Time.GetUtcNow()));
        await bench.StepAsync();
        (await CheckpointAsync(bench)).ShouldBeLessThan(bench.Head.Number - 6, "the blocks of all three are folded again");
        await bench.BlockAsync();
        bench.Judged[^1].Head.ShouldBe(bench.Head);
        bench.Judged.SelectMany(static b => b.Transitions).ShouldNotContain(static t => t.Rule == Rules.Liquidated);

        // And a fork takes back each of them still.
        await ForkAsync(bench, 7);
        bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Liquidated).Select(static t => (t.Kind, t.AlertId)).ShouldBe(
            told.Select(static id => (TransitionKind.Retracted, id)), ignoreOrder: true);
    }

    /// <summary>It is told together with how the accounts stand: until then it is not on disk, where it would be taken for old.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_that_waits_for_an_account_is_told_after_a_crash_and_not_waited_for_for_ever(bool crash)
    {
        await using var bench = await LoopBench.CreateAsync(
            static o => o with { MaxReadAgeBlocks = 5 },
            [new ToyProtocol(LoopBench.Id) { HearsThreshold = true }],
            new ChainFollowerOptions { ChainName = "toy", FinalityDepth = 1, FinalityEvery = TimeSpan.Zero });
        await BlocksAsync(bench, 15);
        var snapshot = Hex.ToString(ToyCalls.Of(ToyCall.Debt, Toy.User(4)).Data.Span)[2..];
        bench.Node.Node.Fault = batch => batch.Any(r => r.Method == "eth_call" && r.Params[0].ToString().Contains(snapshot, StringComparison.Ordinal)) ? NodeFault.Fail : NodeFault.None;

        // Not at the newest block, so that it is older than the judgement that waits.
        bench.Mine(null, ToyLogs.Debt(Toy.User(4), true, 1_000, 0), ToyLogs.Tuned(7_000, 1));
        var changed = bench.Head.Number;
        await BlocksAsync(bench, 4);
        Of(bench).ShouldBeEmpty();
        bench.Loop.JudgedHead.ShouldBe(bench.Head);
        (await CheckpointAsync(bench)).ShouldBe(changed - 1);
        if (crash)
        {
            await bench.RestartAsync(protocols: [new ToyProtocol(LoopBench.Id) { HearsThreshold = true }]);
            bench.Node.Node.Fault = static _ => NodeFault.None;
            await bench.BlockAsync();
        }
        else
        {
            await BlocksAsync(bench, 6);
        }

        Of(bench).ShouldHaveSingleItem().Parameters.ShouldHaveSingleItem().Parameter.Value.ShouldBe((UInt256)7_000u);
        await bench.BlockAsync();
        (await CheckpointAsync(bench)).ShouldBe(bench.Head.Number - 1);
    }

    private static async Task BlocksAsync(LoopBench bench, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await bench.BlockAsync();
        }
    }

    private static async Task ForkAsync(LoopBench bench, int undo)
    {
        var state = bench.Node.StateAt(bench.Head);
        bench.Node.Take(new ToyTick(undo, [.. Enumerable.Range(0, undo + 1).Select(_ => new ToyBlock(12, [], state))], 8, Outage.None));
        await bench.StepAsync();
    }

    private static async Task<ulong> CheckpointAsync(LoopBench bench) => (await bench.Store.CheckpointAsync(LoopBench.Chain)).ShouldNotBeNull().Number;

    private static IEnumerable<AlertTransition> Of(LoopBench bench) => bench.Judged.SelectMany(static b => b.Transitions).Where(static t => t.Rule == Rules.Parameters);
}
