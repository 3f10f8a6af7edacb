using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Sinks.Http;
using DefiMonitor.Tests.Outbox;

namespace DefiMonitor.Tests.Sinks;

public sealed class WebhookSinkTests
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string NewKey = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    [Fact]
    public void The_signature_is_the_one_that_Standard_Webhooks_publishes_for_its_own_example()
    {
        WebhookSignature.TryReadKey(Key, out var key, out _).ShouldBeTrue();

        WebhookSignature.Header([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    [Fact]
    public async Task A_receiver_that_knows_the_key_can_verify_the_exact_bytes_it_got()
    {
        await using var server = await LocalServer.StartAsync(204);
        using var sink = Sink(server.Url.ToString(), Key);
        var message = Messages.Message(json: """{"title":"ünïcode \u001b","n":1}""");

        (await sink.SendAsync(message, CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        var got = server.Requests.ShouldHaveSingleItem();
        got.Body.ShouldBe(message.Json.ToArray());
        got.Headers["webhook-id"].ShouldBe(message.MessageId);
        got.Headers["Content-Type"].ShouldBe("application/json");
        Verifies(got, Key).ShouldBeTrue();
        Verifies(got, NewKey).ShouldBeFalse();
        Verifies(got with { Body = [.. got.Body, (byte)' '] }, Key).ShouldBeFalse();
    }

    [Fact]
    public async Task While_keys_rotate_a_receiver_may_know_either()
    {
        await using var server = await LocalServer.StartAsync(200);
        using var sink = Sink(server.Url.ToString(), NewKey, Key);

        await sink.SendAsync(Messages.Message(), CancellationToken.None);

        var got = server.Requests.ShouldHaveSingleItem();
        got.Headers["webhook-signature"].Split(' ').Length.ShouldBe(2);
        Verifies(got, Key).ShouldBeTrue();
        Verifies(got, NewKey).ShouldBeTrue();
    }

    [Fact]
    public async Task A_retry_carries_the_same_id_and_a_fresh_timestamp()
    {
        await using var server = await LocalServer.StartAsync(500);
        var time = new ManualTime();
        using var sink = new WebhookSink(Settings(server.Url.ToString(), Key), time);

        (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();
        time.Advance(TimeSpan.FromSeconds(30));
        await sink.SendAsync(Messages.Message(), CancellationToken.None);

        var got = server.Requests.ToArray();
        got[1].Headers["webhook-id"].ShouldBe(got[0].Headers["webhook-id"]);
        (Timestamp(got[1]) - Timestamp(got[0])).ShouldBe(30);
        got.ShouldAllBe(r => Verifies(r, Key));
    }

    [Fact]
    public async Task The_receiver_may_ask_us_to_wait()
    {
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "17";
            return Task.CompletedTask;
        });
        using var sink = Sink(server.Url.ToString(), Key);

        var result = (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();

        result.After.ShouldBe(TimeSpan.FromSeconds(17));
        result.SinkWide.ShouldBeTrue();
    }

    [Theory]
    [InlineData(410)]
    [InlineData(413)]
    public async Task A_receiver_that_wants_no_more_is_not_asked_again(int status)
    {
        await using var server = await LocalServer.StartAsync(status);
        using var sink = Sink(server.Url.ToString(), Key);

        (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Dead>().Reason.ShouldContain(status.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_wherever_it_leads()
    {
        await using var inner = await LocalServer.StartAsync(200);
        await using var server = await LocalServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(inner.Url.ToString());
            return Task.CompletedTask;
        });
        using var sink = Sink(server.Url.ToString(), Key);

        (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>().Reason.ShouldContain("redirects are not followed");

        inner.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task This_machine_is_refused_unless_it_is_allowed()
    {
        await using var server = await LocalServer.StartAsync(200);
        using var sink = new WebhookSink(Settings(server.Url.ToString(), Key) with { AllowPrivate = false }, TimeProvider.System);

        (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>().Reason.ShouldContain("this machine itself");

        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_refused_by_its_address()
    {
        await using var server = await LocalServer.StartAsync(200);
        var url = $"https://hooks.example.org:{server.Url.Port}/in";
        using var sink = new WebhookSink(
            Settings(url, Key) with { AllowPrivate = false },
            TimeProvider.System,
            new GuardedHttp(allowPrivate: false, TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback])));

        var result = (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>();

        result.Reason.ShouldContain("hooks.example.org leads to this machine itself");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_metadata_address_stays_closed_even_where_private_ones_are_open()
    {
        using var sink = new WebhookSink(
            Settings("https://metadata.example.org/", Key),
            TimeProvider.System,
            new GuardedHttp(allowPrivate: true, TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254")])));

        (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>().Reason.ShouldContain("metadata address");
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_holds_the_message_five_seconds_and_no_longer()
    {
        var asked = new TaskCompletionSource();
        await using var server = await LocalServer.StartAsync(async (context, _) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var time = new ManualTime();
        using var sink = new WebhookSink(Settings(server.Url.ToString(), Key), time);

        var sending = sink.SendAsync(Messages.Message(), CancellationToken.None);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(4.9));
        sending.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.2));

        (await sending).ShouldBeOfType<SinkResult.Retry>().Reason.ShouldContain("did not answer within 5 s");
    }

    [Fact]
    public async Task An_endless_reply_is_read_up_to_the_cap_and_counts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            await stream.ReadExactlyAsync(new byte[100]);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray());
            try
            {
                while (true)
                {
                    await stream.WriteAsync(new byte[64 * 1024]);
                }
            }
            catch (IOException)
            {
                return "the sink hung up";
            }
        });
        using var sink = Sink($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/", Key);

        (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Sent>();

        (await serving).ShouldBe("the sink hung up");
    }

    [Fact]
    public async Task No_failure_shows_more_of_the_url_than_scheme_and_host()
    {
        string url;
        await using (var server = await LocalServer.StartAsync(200))
        {
            url = $"http://127.0.0.1:{server.Url.Port}/hook/s3cr3t-path?key=s3cr3t-query";
        }

        using var sink = Sink(url, Key);

        var reason = (await sink.SendAsync(Messages.Message(), CancellationToken.None)).ShouldBeOfType<SinkResult.Retry>().Reason;

        reason.ShouldContain("http://127.0.0.1");
        reason.ShouldNotContain("s3cr3t");
    }

    [Theory]
    [InlineData("http://hooks.example.org/x", "in the clear")]
    [InlineData("http://192.168.1.7/x", "in the clear")]
    [InlineData("ftp://hooks.example.org/x", "https://")]
    [InlineData("hooks.example.org", "https://")]
    [InlineData("https://user:pass@hooks.example.org/x", "without them")]
    public void Only_https_or_this_machine_is_a_url_to_send_to(string url, string says)
    {
        OutboundUrl.TryParse(url, out _, out var error).ShouldBeFalse();

        error.ShouldNotBeNull().ShouldContain(says);
        error.ShouldNotContain("pass@");
        Should.Throw<ArgumentException>(() => Sink(url, Key));
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "begins with whsec_")]
    [InlineData("whsec_not base64!", "no base64")]
    [InlineData("whsec_c2hvcnQ=", "5 bytes")]
    public void A_key_of_the_wrong_shape_is_refused_without_being_repeated(string key, string says)
    {
        WebhookSignature.TryReadKey(key, out _, out var error).ShouldBeFalse();

        error.ShouldNotBeNull().ShouldContain(says);
        error.ShouldNotContain(key.Replace("whsec_", "", StringComparison.Ordinal));
    }

    private static WebhookSinkSettings Settings(string url, params string[] keys) => new() { Name = "bot", Url = url, Keys = keys, AllowPrivate = true };

    private static WebhookSink Sink(string url, params string[] keys) => new(Settings(url, keys), TimeProvider.System);

    private static long Timestamp(LocalServer.Received got) => long.Parse(got.Headers["webhook-timestamp"], CultureInfo.InvariantCulture);

    // Written from the specification, not from our code: split, decode, HMAC, compare.
    private static bool Verifies(LocalServer.Received got, string key)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(key.Split('_')[1]));
        hmac.TransformBlock(Encoding.ASCII.GetBytes(got.Headers["webhook-id"] + "." + got.Headers["webhook-timestamp"] + "."), 0, got.Headers["webhook-id"].Length + got.Headers["webhook-timestamp"].Length + 2, null, 0);
        hmac.TransformFinalBlock(got.Body, 0, got.Body.Length);
        return got.Headers["webhook-signature"].Split(' ').Any(s => s.Split(',') is ["v1", var mac] && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(mac), hmac.Hash));
    }
}
