using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks.Http;
using DefiMonitor.Engine.Venues;
using DefiMonitor.Protocols.DeriveV3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Tests.Engine.Venues;

/// <summary>What a venue pushes over a real WebSocket of this machine, and what is made of it: a hint whom to ask.</summary>
public sealed class VenuePushesTests : IAsyncDisposable
{
    private static readonly VenueAccountId One = new("derive-v3", "1");
    private static readonly VenueAccountId Two = new("derive-v3", "2");

    private readonly CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
    private readonly ConcurrentQueue<string> asked = new();
    private readonly Channel<string?> said = Channel.CreateUnbounded<string?>();
    private readonly Channel<bool> urgent = Channel.CreateUnbounded<bool>();
    private readonly List<IAsyncDisposable> owned = [];
    private Task running = Task.CompletedTask;

    [Fact]
    public async Task An_account_that_goes_below_is_waiting_to_be_asked_about_once_and_again_after_it_was_well()
    {
        var pushes = await StartAsync();
        Say(Row(1, "5", "5"), Row(3, "-5", "-5"));
        Say(Row(1, "-1", "-2"), Row(2, "5", "5"));
        await HintAsync();
        pushes.Take().ShouldBe([One]);
        pushes.Take().ShouldBeEmpty();
        asked.ShouldHaveSingleItem().ShouldBe("""/v3/ws {"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"channels":["margin.watch"]}}""");

        Say(Row(1, "-1", "-2"));
        Say(Row(2, "5", "-1"));
        await HintAsync();
        pushes.Take().ShouldBe([Two], "the first is known to be below");
        Say(Row(1, "0", "0"));
        Say(Row(1, "-0.000000000000000000000001", "-2"));
        await HintAsync();
        pushes.Take().ShouldBe([One]);
    }

    [Fact]
    public async Task The_initial_margin_goes_first_and_the_other_is_news_of_its_own()
    {
        var pushes = await StartAsync();
        Say(Row(1, "5", "-1"));
        await HintAsync();
        pushes.Take().ShouldBe([One]);
        Say(Row(1, "-1", "-7"));
        await HintAsync();
        pushes.Take().ShouldBe([One]);
    }

    [Fact]
    public async Task Who_may_have_risen_while_nobody_listened_is_news_again()
    {
        var pushes = await StartAsync(new ImpatientTime());
        Say(Row(1, "-1", "-1"));
        await HintAsync();
        pushes.Take().ShouldBe([One]);
        said.Writer.TryWrite(null);
        Say(Row(1, "-1", "-1"));
        await HintAsync();
        pushes.Take().ShouldBe([One]);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{ "id": 1, "result": { "status": { "margin.watch": "ok" }, "current_subscriptions": ["margin.watch"] } }""")]
    [InlineData("""{ "method": "subscription", "params": { "channel": "auctions.watch", "data": [ { "subaccount_id": 1, "maintenance_margin": "-1", "initial_margin": "-1" } ] } }""")]
    [InlineData("""{ "method": "subscription", "params": { "channel": 5, "data": [] } }""")]
    [InlineData("""{ "method": "subscription", "params": { "channel": "margin.watch", "data": { } } }""")]
    [InlineData("""{ "method": "subscription", "params": { "channel": "margin.watch", "data": [ 5, null, [], { }, { "subaccount_id": "1" }, { "subaccount_id": -1 }, { "subaccount_id": 1, "maintenance_margin": -5, "initial_margin": "-5" }, { "subaccount_id": 1, "maintenance_margin": "\ud800", "initial_margin": "-5" } ] } }""")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]")]
    public async Task What_is_odd_is_passed_over_and_the_next_is_heard(string odd)
    {
        var pushes = await StartAsync();
        said.Writer.TryWrite(odd);
        Say(Row(2, "-1", "-1"));
        await HintAsync();
        pushes.Take().ShouldBe([Two]);
    }

    [Fact]
    public async Task A_message_in_pieces_is_one_and_a_long_list_is_heard_to_its_end()
    {
        var pushes = await StartAsync();
        Say([.. Enumerable.Range(10, 5_000).Select(static id => Row(id, "5", "5")), Row(1, "-1", "-1")]);
        await HintAsync();
        pushes.Take().ShouldBe([One]);
    }

    [Fact]
    public async Task A_connection_that_ends_is_opened_again()
    {
        var pushes = await StartAsync(new ImpatientTime());
        Say(Row(1, "-1", "-1"));
        await HintAsync();
        said.Writer.TryWrite(null);
        Say(Row(2, "-1", "-1"));
        await HintAsync();
        pushes.Take().ShouldBe([One, Two]);
        asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_private_address_is_not_connected_to_and_nothing_is_thrown()
    {
        var time = new ImpatientTime();
        var pushes = await StartAsync(time, allowPrivate: false);
        Say(Row(1, "-1", "-1"));
        while (time.Waits < 5)
        {
            await Task.Delay(5, patience.Token);
        }

        running.IsCompleted.ShouldBeFalse();
        asked.ShouldBeEmpty();
        pushes.Take().ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await patience.CancelAsync();
        await running;
        foreach (var thing in owned)
        {
            await thing.DisposeAsync();
        }

        patience.Dispose();
    }

    private static string Row(int id, string maintenance, string initial) => string.Create(
        CultureInfo.InvariantCulture, $$"""{ "subaccount_id": {{id}}, "maintenance_margin": "{{maintenance}}", "initial_margin": "{{initial}}", "subaccount_value": "9", "positions": [] }""");

    private void Say(params string[] rows) => said.Writer.TryWrite($$"""{ "method": "subscription", "params": { "channel": "margin.watch", "data": [ {{string.Join(", ", rows)}} ] } }""");

    private Task HintAsync() => urgent.Reader.ReadAsync(patience.Token).AsTask();

    private async Task<VenuePushes> StartAsync(TimeProvider? time = null, bool allowPrivate = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.UseWebSockets();
        server.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[4096];
            var read = await socket.ReceiveAsync(buffer, patience.Token);
            asked.Enqueue($"{context.Request.Path} {Encoding.UTF8.GetString(buffer, 0, read.Count)}");
            await foreach (var text in said.Reader.ReadAllAsync(patience.Token))
            {
                if (text is null)
                {
                    return;
                }

                var bytes = Encoding.UTF8.GetBytes(text);
                var half = bytes.Length / 2;
                await socket.SendAsync(bytes.AsMemory(..half), WebSocketMessageType.Text, endOfMessage: false, patience.Token);
                await socket.SendAsync(bytes.AsMemory(half..), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            }
        });
        await server.StartAsync();
        owned.Add(server);
        var http = new GuardedHttp(allowPrivate, TimeProvider.System);
        var settings = new VenueSettings("derive-v3", new Uri(new Uri(server.Urls.First()), "/v3/"), 60, [new VenueAccount("me", One), new VenueAccount("me", Two)]);
        var pushes = new VenuePushes(new DeriveV3Feed(60), settings, http, time ?? TimeProvider.System, () => urgent.Writer.TryWrite(true));
        running = RunAsync(pushes, http);
        return pushes;
    }

    private async Task RunAsync(VenuePushes pushes, GuardedHttp http)
    {
        using (http)
        {
            await pushes.RunAsync(patience.Token);
        }
    }

    /// <summary>No wait is waited for.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        private int waits;

        public int Waits => Volatile.Read(ref waits);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref waits);
            return System.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
        }
    }
}
