using System.Text;
using System.Text.Json;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Sinks;
using Microsoft.AspNetCore.Http;

namespace DefiMonitor.Tests.Ethereum;

/// <summary>Against a real HTTP server that behaves as badly as real ones do.</summary>
public sealed class HttpTransportTests
{
    private const string Secret = "s3cr3tK3yThatMustNeverBeShown0123456789";

    private static readonly RpcRequest ChainId = RpcRequest.Create("eth_chainId");

    [Fact]
    public async Task A_batch_is_one_post_and_replies_find_their_requests_in_any_order()
    {
        await using var server = await ServerAsync(ids => "[" + string.Join(',', ids.Reverse().Select(i => Ok(i, $"\"0x{i:x}\""))) + "]");
        using var http = Transport(server);
        var replies = await http.SendAsync([ChainId, ChainId, ChainId], CancellationToken.None);
        replies.Select(r => r.Result.GetString()).ShouldBe(["0x1", "0x2", "0x3"]);
        server.Requests.ShouldHaveSingleItem().Headers["Content-Type"].ShouldBe("application/json");
    }

    [Fact]
    public async Task One_request_is_sent_as_an_object()
    {
        await using var server = await ServerAsync(ids => Ok(ids[0], "\"0x1\""));
        using var http = Transport(server);
        (await http.SendAsync([ChainId], CancellationToken.None))[0].Result.GetString().ShouldBe("0x1");
        Encoding.UTF8.GetString(server.Requests.Single().Body).ShouldStartWith("{");
    }

    [Fact]
    public async Task Errors_are_passed_on_with_code_words_and_data()
    {
        await using var server = await ServerAsync(ids => $$$"""{"jsonrpc":"2.0","id":{{{ids[0]}}},"error":{"code":3,"message":"execution reverted","data":"0x0102"}}""");
        using var http = Transport(server);
        var error = (await http.SendAsync([ChainId], CancellationToken.None))[0].Error.ShouldNotBeNull();
        (error.Code, error.Message, error.Data).ShouldBe((3, "execution reverted", "0x0102"));
    }

    [Theory]
    [InlineData("no json at all", "no JSON")]
    [InlineData("[", "no JSON")]
    [InlineData("[]", "0 fitting replies to 2 requests")]
    [InlineData("""[{"id":1,"result":"0x1"}]""", "1 fitting replies to 2 requests")]
    [InlineData("""[{"id":1,"result":"0x1"},{"id":1,"result":"0x1"}]""", "two replies to one request")]
    [InlineData("""[{"id":1,"result":"0x1"},{"id":9,"result":"0x1"}]""", "none of the requests'")]
    [InlineData("""[{"id":1,"result":"0x1"},{"id":"2","result":"0x1"}]""", "none of the requests'")]
    [InlineData("""[{"id":1,"result":"0x1"},{"id":2}]""", "neither result nor error")]
    [InlineData("""[{"id":1,"result":"0x1"},7]""", "none of the requests'")]
    [InlineData("true", "0 fitting replies")]
    public async Task A_garbled_reply_is_malformed_with_one_sentence(string body, string words)
    {
        await using var server = await ServerAsync(_ => body);
        using var http = Transport(server);
        var e = await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId, ChainId], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Malformed);
        e.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData(429, RpcFailure.RateLimited, "fewer requests")]
    [InlineData(401, RpcFailure.Refused, "check the key")]
    [InlineData(403, RpcFailure.Refused, "check the key")]
    [InlineData(404, RpcFailure.Refused, "one of JSON-RPC")]
    [InlineData(413, RpcFailure.TooMuch, "too large")]
    [InlineData(500, RpcFailure.Unreachable, "a fault of its own")]
    [InlineData(502, RpcFailure.Unreachable, "a fault of its own")]
    public async Task A_status_is_told_apart(int status, RpcFailure kind, string words)
    {
        await using var server = await LocalServer.StartAsync(status);
        using var http = Transport(server);
        var e = await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId], CancellationToken.None));
        e.Kind.ShouldBe(kind);
        e.Message.ShouldContain(words);
    }

    [Fact]
    public async Task A_JSON_RPC_error_under_a_bad_status_is_an_answer()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"invalid params"}}""");
        });
        using var http = Transport(server);
        (await http.SendAsync([ChainId], CancellationToken.None))[0].Error!.Code.ShouldBe(-32602);
    }

    [Fact]
    public async Task Retry_After_is_read_in_seconds_and_as_a_date()
    {
        foreach (var value in new[] { "7", DateTimeOffset.FromUnixTimeSeconds(1_700_000_007).ToString("R") })
        {
            await using var server = await LocalServer.StartAsync((context, _) =>
            {
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = value;
                return Task.CompletedTask;
            });
            using var http = Transport(server, time: new SimulatedTime());
            var e = await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId], CancellationToken.None));
            e.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var visits = 0;
        await using var target = await LocalServer.StartAsync((_, _) =>
        {
            visits++;
            return Task.CompletedTask;
        });
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(target.Url.ToString());
            return Task.CompletedTask;
        });
        using var http = Transport(server);
        var e = await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Refused);
        e.Message.ShouldContain("write the final URL");
        visits.ShouldBe(0);
    }

    [Fact]
    public async Task A_stalling_server_times_out_by_the_clock_given()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var time = new SimulatedTime();
        using var http = Transport(server, time: time);
        var sending = http.SendAsync([ChainId], CancellationToken.None);
        await arrived.Task;
        sending.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(10));
        var e = await Should.ThrowAsync<RpcException>(() => sending);
        e.Kind.ShouldBe(RpcFailure.Timeout);
        e.Message.ShouldContain("within 10 s");
    }

    [Fact]
    public async Task Cancelling_is_no_timeout()
    {
        await using var server = await LocalServer.StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        using var http = Transport(server);
        using var cancel = new CancellationTokenSource();
        var sending = http.SendAsync([ChainId], cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => sending);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_huge_reply_is_not_read_to_the_end(bool saysItsLength)
    {
        var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = saysItsLength ? 1L << 40 : null;
            context.RequestAborted.Register(hungUp.SetResult);
            var chunk = new byte[64 * 1024];
            try
            {
                // Without end: only the client can make it stop.
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                // The client hung up, as it should.
            }
        });
        using var http = Transport(server, new HttpTransportOptions { MaxReplyBytes = 1024 * 1024 });
        var e = await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.TooMuch);
        e.Message.ShouldContain("more than 1,048,576 bytes");
        await hungUp.Task;
    }

    [Fact]
    public async Task A_reply_cut_in_half_is_unreachable()
    {
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("{\"id\":");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var http = Transport(server);
        (await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId], CancellationToken.None))).Kind.ShouldBe(RpcFailure.Unreachable);
    }

    [Fact]
    public async Task A_closed_port_is_unreachable()
    {
        using var http = new HttpTransport(EndpointUrl.Parse($"http://127.0.0.1:1/{Secret}"));
        var e = await Should.ThrowAsync<RpcException>(() => http.SendAsync([ChainId], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Unreachable);
        e.Message.ShouldBe("http://127.0.0.1:1 is not reachable: the connection is refused or lost.");
    }

    [Fact]
    public async Task A_node_that_takes_no_batches_gets_single_requests()
    {
        await using var server = await ServerAsync(ids => ids.Length > 1
            ? """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch requests are not supported"}}"""
            : Ok(ids[0], "\"0x1\""));
        using var http = Transport(server);
        (await http.SendAsync([.. Enumerable.Repeat(ChainId, 5)], CancellationToken.None)).Count.ShouldBe(5);
        server.Requests.Clear();
        (await http.SendAsync([.. Enumerable.Repeat(ChainId, 5)], CancellationToken.None)).Count.ShouldBe(5);
        server.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_large_batch_goes_in_several_posts()
    {
        await using var server = await ServerAsync(ids => ids.Length == 1 ? Ok(ids[0], "\"0x1\"") : "[" + string.Join(',', ids.Select(i => Ok(i, "\"0x1\""))) + "]");
        using var http = Transport(server, new HttpTransportOptions { MaxBatch = 10 });
        (await http.SendAsync([.. Enumerable.Repeat(ChainId, 31)], CancellationToken.None)).Count.ShouldBe(31);
        server.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_key_in_the_URL_or_in_the_nodes_words_is_never_shown()
    {
        await using var server = await ServerAsync(ids =>
            $$$"""{"jsonrpc":"2.0","id":{{{ids[0]}}},"error":{"code":-32000,"message":"bad key {{{Secret}}} for https://host/v2/{{{Secret}}} \u001b[31m"}}""");
        using var http = Transport(server);
        var reply = (await http.SendAsync([ChainId], CancellationToken.None))[0];
        var shown = RpcErrors.ToException(http.Name, "eth_chainId", reply.Error!).Message + http.Name;
        shown.ShouldNotContain(Secret);
        shown.ShouldNotContain("\u001b");
        shown.ShouldContain("http://127.0.0.1");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("localhost", "no URL")]
    [InlineData("ftp://host", "not spoken here")]
    [InlineData("https://${KEY}/x", "environment variable")]
    public void A_wrong_endpoint_is_refused_without_repeating_it(string text, string words)
    {
        EndpointUrl.TryParse(text, out _, out var error).ShouldBeFalse();
        error!.ShouldContain(words);
        EndpointUrl.TryParse($"nonsense {Secret}", out _, out error).ShouldBeFalse();
        error!.ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("https://user:pw@host.example/v2/KEY?k=1", "https://host.example")]
    [InlineData("wss://host:8546/ws", "wss://host:8546")]
    [InlineData("http://[::1]:8545/", "http://[::1]:8545")]
    public void An_endpoint_shows_scheme_and_host_only(string text, string shown) => EndpointUrl.Parse(text).ToString().ShouldBe(shown);

    private static HttpTransport Transport(LocalServer server, HttpTransportOptions? options = null, TimeProvider? time = null) =>
        new(EndpointUrl.Parse(new Uri(server.Url, $"/v2/{Secret}").ToString()), options, time);

    private static Task<LocalServer> ServerAsync(Func<long[], string> answer) => LocalServer.StartAsync(async (context, received) =>
    {
        var root = JsonDocument.Parse(received.Body).RootElement;
        var ids = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Select(r => r.GetProperty("id").GetInt64()).ToArray() : [root.GetProperty("id").GetInt64()];
        await context.Response.WriteAsync(answer(ids));
    });

    private static string Ok(long id, string result) => $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}""";
}
