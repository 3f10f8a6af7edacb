using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using DefiMonitor.Ethereum.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Tests.Ethereum;

public sealed class WebSocketTransportTests
{
    private static readonly RpcRequest ChainId = RpcRequest.Create("eth_chainId");

    [Fact]
    public async Task Replies_find_their_requests_in_any_order()
    {
        await using var server = await StartAsync(async (socket, requests) =>
        {
            var got = new List<JsonElement>();
            for (var i = 0; i < 3; i++)
            {
                got.Add(await requests());
            }

            got.Reverse();
            foreach (var request in got)
            {
                await SayAsync(socket, Ok(request, $"\"0x{request.GetProperty("id").GetInt64():x}\""));
            }

            await requests();
        });
        await using var transport = new WebSocketTransport(Url(server));
        var replies = await transport.SendAsync([ChainId, ChainId, ChainId], CancellationToken.None);
        replies.Select(r => r.Result.GetString()).ShouldBe(["0x1", "0x2", "0x3"]);
    }

    [Fact]
    public async Task A_lost_connection_fails_what_was_under_way_and_is_opened_again()
    {
        var connections = 0;
        await using var server = await StartAsync(async (socket, requests) =>
        {
            connections++;
            var request = await requests();
            if (connections == 1)
            {
                socket.Abort();
                return;
            }

            await SayAsync(socket, Ok(request, "\"0x7\""));
            await requests();
        });
        await using var transport = new WebSocketTransport(Url(server));
        (await Should.ThrowAsync<RpcException>(() => transport.SendAsync([ChainId], CancellationToken.None))).Kind.ShouldBe(RpcFailure.Unreachable);
        (await transport.SendAsync([ChainId], CancellationToken.None))[0].Result.GetString().ShouldBe("0x7");
    }

    [Fact]
    public async Task Heads_are_hinted_and_subscribed_again_after_a_break()
    {
        var connections = 0;
        await using var server = await StartAsync(async (socket, requests) =>
        {
            var number = ++connections;
            var request = await requests();
            request.GetProperty("method").GetString().ShouldBe("eth_subscribe");
            await SayAsync(socket, Ok(request, "\"0xabc\""));
            await SayAsync(socket, Head(number));
            if (number > 1)
            {
                await requests();
            }
        });
        var time = new SimulatedTime { AutoAdvance = true };
        await using var transport = new WebSocketTransport(Url(server), new WebSocketTransportOptions { Timeout = Timeout.InfiniteTimeSpan }, time);
        var numbers = new List<ulong>();
        var begun = time.GetTimestamp();
        await foreach (var hint in transport.SubscribeHeads(CancellationToken.None))
        {
            numbers.Add(hint.Number);
            hint.ArrivedAt.ShouldNotBeNull().ShouldBeInRange(begun, time.GetTimestamp());
            if (numbers.Count == 2)
            {
                break;
            }
        }

        numbers.ShouldBe([1ul, 2ul]);
    }

    [Theory]
    [InlineData("this is no JSON")]
    [InlineData("[1,2,3]")]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"method":"eth_subscription","params":{"result":{"number":"0xzz"}}}""")]
    public async Task Garbage_ends_the_connection_and_not_the_program(string garbage)
    {
        await using var server = await StartAsync(async (socket, requests) =>
        {
            await requests();
            await SayAsync(socket, garbage);
            await requests();
        });
        await using var transport = new WebSocketTransport(Url(server));
        (await Should.ThrowAsync<RpcException>(() => transport.SendAsync([ChainId], CancellationToken.None))).Kind.ShouldBe(RpcFailure.Unreachable);
    }

    [Fact]
    public async Task A_message_without_end_is_given_up()
    {
        await using var server = await StartAsync(async (socket, requests) =>
        {
            await requests();
            var chunk = new byte[64 * 1024];
            while (socket.State == WebSocketState.Open)
            {
                await socket.SendAsync(chunk, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
            }
        });
        await using var transport = new WebSocketTransport(Url(server), new WebSocketTransportOptions { MaxReplyBytes = 1024 * 1024 });
        (await Should.ThrowAsync<RpcException>(() => transport.SendAsync([ChainId], CancellationToken.None))).Kind.ShouldBe(RpcFailure.Unreachable);
    }

    [Fact]
    public async Task What_is_asked_beside_the_work_breaks_a_connection_of_its_own()
    {
        var connections = 0;
        var asked = new ConcurrentQueue<(int Connection, string? Method)>();
        await using var server = await StartAsync(async (socket, requests) =>
        {
            var mine = Interlocked.Increment(ref connections);
            while (socket.State == WebSocketState.Open)
            {
                var request = await requests();
                var method = request.GetProperty("method").GetString();
                asked.Enqueue((mine, method));
                if (method == "eth_chainId")
                {
                    await SayAsync(socket, Ok(request, "\"0x1\""));
                    continue;
                }

                var chunk = new byte[64 * 1024];
                while (socket.State == WebSocketState.Open)
                {
                    await socket.SendAsync(chunk, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
                }
            }
        });
        await using var transport = new WebSocketTransport(Url(server), new WebSocketTransportOptions { MaxReplyBytes = 1024 * 1024 });
        await transport.SendAsync([ChainId], CancellationToken.None);
        (await Should.ThrowAsync<RpcException>(() => transport.SendBesideAsync([RpcRequest.Create("txpool_content")], CancellationToken.None))).Message
            .ShouldContain("answers with more than 1,048,576 bytes, which is not read");
        await transport.SendAsync([ChainId], CancellationToken.None);
        asked.ShouldBe([(1, "eth_chainId"), (2, "txpool_content"), (1, "eth_chainId")]);
    }

    [Fact]
    public async Task A_server_that_speaks_no_WebSocket_is_told()
    {
        await using var server = await Sinks.LocalServer.StartAsync(404);
        await using var transport = new WebSocketTransport(EndpointUrl.Parse($"ws://127.0.0.1:{server.Url.Port}/KEY"));
        var e = await Should.ThrowAsync<RpcException>(() => transport.SendAsync([ChainId], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Refused);
        e.Message.ShouldBe($"ws://127.0.0.1:{server.Url.Port} does not speak WebSocket there (HTTP 404).");
    }

    private static string Ok(JsonElement request, string result) => $$"""{"jsonrpc":"2.0","id":{{request.GetProperty("id").GetInt64()}},"result":{{result}}}""";

    private static string Head(int number) =>
        $$$$"""{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0xabc","result":{"number":"0x{{{{number:x}}}}","hash":"0x{{{{new string('1', 64)}}}}","parentHash":"0x{{{{new string('2', 64)}}}}","timestamp":"0x5"}}}""";

    private static Task SayAsync(WebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static EndpointUrl Url(WebApplication server) => EndpointUrl.Parse(server.Urls.First().Replace("http://", "ws://", StringComparison.Ordinal) + "/KEY");

    private static async Task<WebApplication> StartAsync(Func<WebSocket, Func<Task<JsonElement>>, Task> talk)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024 * 1024];
            try
            {
                await talk(socket, async () =>
                {
                    var read = await socket.ReceiveAsync(buffer, context.RequestAborted);
                    return read.MessageType == WebSocketMessageType.Close ? throw new WebSocketException() : JsonDocument.Parse(buffer.AsMemory(0, read.Count).ToArray()).RootElement;
                });
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                // The other side went away: the end of this talk.
            }
        });
        await app.StartAsync();
        return app;
    }
}
