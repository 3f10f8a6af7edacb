using System.Diagnostics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

/// <summary>The whole monitor on two chains at once.</summary>
public sealed class TwoChainsTests : IDisposable
{
    private static readonly ChainId A = new(31337);
    private static readonly ChainId B = new(31338);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConfigFolder folder = new();

    [Fact]
    public async Task A_chain_that_never_answers_delays_no_other()
    {
        await using var a = await FakeAaveNode.StartAsync(A.Value, seed: 1);
        await using var b = await FakeAaveNode.StartAsync(B.Value, seed: 2);
        FakeAaveNode.Configure(folder, ("a", A.Value, a.Http.Url), ("b", B.Value, b.Http.Url));
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{a.Aave.Owners[0]}}" } ] }""");
        b.Slow.Hang();
        await using var monitor = await MonitorUnderTest.StartAsync(folder.Load().Need());
        await JudgedAsync(monitor, A, a.Node.Head);
        await JudgedAsync(monitor, A, a.Mine());
        (await monitor.Store.LoopAsync(LoopNames.Chain(B)))?.Beat?.Judged.ShouldBeNull();

        // It comes back, and then both go at their own pace.
        b.Slow.Release();
        await JudgedAsync(monitor, B, b.Node.Head);
        await JudgedAsync(monitor, A, a.Mine());
        (await monitor.Store.ReportsAsync(null, 10)).Items.Select(static r => r.Report.Account.Deployment.Chain).ShouldBe([A, B]);
    }

    public void Dispose() => folder.Dispose();

    private static async Task JudgedAsync(MonitorUnderTest monitor, ChainId chain, BlockHeader block)
    {
        var watch = Stopwatch.StartNew();
        while ((await monitor.Store.LoopAsync(LoopNames.Chain(chain)))?.Beat?.Judged?.Hash != block.Hash)
        {
            watch.Elapsed.ShouldBeLessThan(Patience, $"{chain} does not get to block {block.Ref}");
            await Task.Delay(50);
        }
    }
}
