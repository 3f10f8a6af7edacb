using System.Globalization;
using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks.Http;
using DefiMonitor.Engine.Venues;
using DefiMonitor.Protocols.DeriveV3;
using DefiMonitor.Tests.Sinks;
using Microsoft.AspNetCore.Http;

namespace DefiMonitor.Tests.Engine.Venues;

/// <summary>Whom a round asks about: everybody, and between two such rounds only who was pushed.</summary>
public sealed class VenueRoundsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Who_was_pushed_is_asked_about_alone_and_everybody_when_a_round_is_due()
    {
        await using var server = await LocalServer.StartAsync(async (context, request) =>
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            var body = request.Path.EndsWith("get_time", StringComparison.Ordinal) ? $$"""{ "result": {{now * 1_000}} }""" : $$"""
                { "result": { "subaccount_id": {{JsonDocument.Parse(request.Body).RootElement.GetProperty("subaccount_id").GetUInt64()}}, "maintenance_margin": "-1", "initial_margin": "-2", "subaccount_value": "500",
                  "is_delayed_liquidation": false, "margin_type": "SM", "valuation_timestamp": {{now}}, "collaterals": [ { "asset_name": "USDC", "amount": "500" } ], "positions": [] } }
                """;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        using var http = new GuardedHttp(allowPrivate: true, TimeProvider.System);
        var venue = new VenueSettings("derive-v3", new Uri(server.Url, "/v3/"), 60, [.. Enumerable.Range(1, 4).Select(static id => new VenueAccount("me", Id(id)))]);
        var clock = new ManualClock();
        var rounds = new VenueRounds(clock, Interval);
        var feed = new DeriveV3Feed(60);
        var pushes = new VenuePushes(feed, venue, http, TimeProvider.System, rounds.Nudge);
        rounds.Add(venue, new VenueReader(feed, venue, http, TimeProvider.System), pushes);

        (await AskedAsync()).ShouldBe([1, 2, 3, 4]);
        pushes.Hear(feed.ReadPush(Push(3), venue.Accounts.Select(static account => account.Id).ToHashSet()));
        await rounds.HintAsync(CancellationToken.None);
        (await AskedAsync()).ShouldBe([3]);

        // A stream of pushes does not keep the others from their turn, and who was pushed comes first in it.
        pushes.Hear(feed.ReadPush(Push(2), venue.Accounts.Select(static account => account.Id).ToHashSet()));
        await rounds.HintAsync(CancellationToken.None);
        clock.Now += Interval;
        (await AskedAsync()).ShouldBe([2, 1, 3, 4]);
        (await AskedAsync()).ShouldBe([1, 2, 3, 4], "without a push a round is of everybody");

        // One between does not put it off.
        pushes.Hear(feed.ReadPush(Push(4), venue.Accounts.Select(static account => account.Id).ToHashSet()));
        await rounds.HintAsync(CancellationToken.None);
        (await AskedAsync()).ShouldBe([4]);
        clock.Now += Interval;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await rounds.HintAsync(patience.Token);
        (await AskedAsync()).ShouldBe([1, 2, 3, 4]);

        async Task<List<int>> AskedAsync() => [.. (await rounds.ReadAsync(CancellationToken.None)).Select(static report => int.Parse(report.Account.Account, CultureInfo.InvariantCulture))];
    }

    private static VenueAccountId Id(int id) => new("derive-v3", id.ToString(CultureInfo.InvariantCulture));

    private static string Push(int id) => $$"""{ "method": "subscription", "params": { "channel": "margin.watch", "data": [ { "subaccount_id": {{id}}, "maintenance_margin": "-1", "initial_margin": "-1" } ] } }""";

    private sealed class ManualClock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
