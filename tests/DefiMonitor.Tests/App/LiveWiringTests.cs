using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Replaying;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Ethereum.Tape;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Feeds;
using DefiMonitor.Tests.Settings;
using DefiMonitor.Tests.Sinks;

namespace DefiMonitor.Tests.App;

/// <summary>What the configuration says arrives in the loops that <c>run</c> and <c>record</c> put together.</summary>
public sealed class LiveWiringTests : IDisposable
{
    private const ulong Here = 31337;
    private const ulong There = 31338;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConfigFolder folder = new();

    [Fact]
    public async Task A_venue_of_the_configuration_is_asked_and_its_flag_wakes_the_owner()
    {
        await using var server = await LocalServer.StartAsync(async (context, request) =>
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            var body = $$"""{ "result": {{now * 1_000}} }""";
            if (!request.Path.EndsWith("get_time", StringComparison.Ordinal))
            {
                var id = JsonDocument.Parse(request.Body).RootElement.GetProperty("subaccount_id").GetUInt64();
                body = $$"""
                    { "result": { "subaccount_id": {{id}}, "maintenance_margin": "{{(id == 77 ? "-1" : "100")}}", "initial_margin": "-2", "subaccount_value": "500", "is_delayed_liquidation": false, "margin_type": "SM",
                      "valuation_timestamp": {{now}}, "collaterals": [ { "asset_name": "USDC", "amount": "500" } ], "positions": [] } }
                    """;
            }

            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        VenueAccount[] accounts = [new("you", new VenueAccountId("derive-v3", "78")), new("me", new VenueAccountId("derive-v3", "77"))];
        var monitor = await MonitorUnderTest.StartAsync(new MonitorSettings
        {
            Chains = [],
            Deployments = [],
            Owners = [],
            Venues = [new VenueSettings("derive-v3", server.Url, 60, accounts)],
            Sinks = new() { Sinks = [new ConsoleSinkSettings { Name = "console" }] },
        });
        using var patience = new CancellationTokenSource(Patience);
        while ((await monitor.Store.TransitionsAfterAsync(0, 100)).Count < 2)
        {
            await Task.Delay(20, patience.Token);
        }

        (await monitor.Store.LoopAsync(LoopNames.Venues))!.Beat.ShouldNotBeNull();
        var told = (await monitor.Store.TransitionsAfterAsync(0, 100)).Select(static stored => stored.Transition).ToList();
        told.Select(static t => (t.Rule, t.Subject.Key, t.OwnerName, t.Level)).ShouldBe(
            [(Rules.VenueMargin, "derive-v3/77", "me", AlertLevel.Liquidatable), (Rules.VenueMargin, "derive-v3/78", "you", AlertLevel.Danger)], ignoreOrder: true);
        while ((await monitor.Store.DueAsync("console", DateTimeOffset.MaxValue, 10)).Count > 0)
        {
            await Task.Delay(20, patience.Token);
        }

        monitor.Console.ToString().ShouldContain("LIQUIDATABLE: derive-v3/77");

        // Taken off the list, and no venue is left: what stands open is closed all the same.
        await monitor.StopAsync();
        await using var later = await MonitorUnderTest.StartAsync(dataDir: monitor.DataDir);
        while ((await later.Store.LatestAlertsAsync(LoopNames.Venues)).Any(static alert => alert.IsOpen))
        {
            await Task.Delay(20, patience.Token);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loop_follows_the_feeds_of_its_own_chain_and_looks_at_the_pool_only_where_that_is_said(bool pending)
    {
        var settings = Feeds($$"""{ "name": "here", "chainId": "eip155:{{Here}}", "endpoints": ["http://127.0.0.1:1"], "nextBlockSeconds": 12, "pending": {{(pending ? "true" : "false")}} }""");
        settings.Assets.Feeds.Count.ShouldBe(2);
        var chain = settings.ChainOf(new ChainId(Here)).ShouldNotBeNull();
        var options = ChainLoopSettings.Loop(settings, chain, CallPlan.For(chain), []);
        options.Feeds.ShouldHaveSingleItem().Feed.ShouldBe(FeedSamples.Feed);
        options.Pending.ShouldBe(pending);
    }

    [Fact]
    public async Task A_recording_asks_the_feeds_of_its_own_chain()
    {
        await using var node = await FakeAaveNode.StartAsync(Here, seed: 1);
        var settings = Feeds($$"""{ "name": "here", "chainId": "eip155:{{Here}}", "endpoints": ["{{node.Http.Url}}"], "nextBlockSeconds": 12 }""");
        var asked = new ConcurrentBag<Address>();
        var rest = node.Node.OnCall;
        node.Node.OnCall = (call, at) =>
        {
            asked.Add(call.To);
            return call.Equals(FeedSamples.Round(FeedSamples.Feed)) || call.Equals(FeedSamples.Round(FeedSamples.Second)) ? FeedSamples.RoundOf(2_000_00000000u, at.Timestamp) : rest(call, at);
        };
        await using var store = await Sample.MemoryAsync();
        var header = new TapeHeader { Chain = new ChainId(Here) };
        await using var recording = new Recording(node.Node, header, settings.ChainOf(new ChainId(Here))!, settings, [], store, allLogs: false);
        await recording.StartAsync(CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            node.Mine();
            await recording.StepAsync(CancellationToken.None);
        }

        asked.ShouldContain(FeedSamples.Feed);
        asked.ShouldNotContain(FeedSamples.QuoteFeed);
    }

    public void Dispose() => folder.Dispose();

    private MonitorSettings Feeds(string here)
    {
        folder.With("chains/here.json", here);
        folder.With("chains/there.json", $$"""{ "name": "there", "chainId": "eip155:{{There}}", "nextBlockSeconds": 12, "pending": true }""");
        folder.With("assets/feeds.json", $$"""{ "feeds": [ {{Feed(There, FeedSamples.QuoteFeed)}}, {{Feed(Here, FeedSamples.Feed)}} ] }""");
        return folder.Load().Need();
    }

    private static string Feed(ulong chain, Address feed) =>
        $$"""{ "chain": "eip155:{{chain}}", "name": "ETH / USD", "feed": "{{feed}}", "deviationBps": 50, "heartbeatSeconds": 3600, "tokens": ["{{FeedSamples.Weth}}"], "market": { "feed": "{{FeedSamples.Second}}" } }""";
}
