using System.Diagnostics.Metrics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.Ethereum;

public sealed class EndpointPoolTests
{
    private static readonly RpcRequest Ask = RpcRequest.Create("eth_getBlockByNumber", "latest", false);

    private readonly SimulatedTime time = new() { AutoAdvance = true };
    private readonly FakeNode first = new(name: "http://first");
    private readonly FakeNode second = new(name: "http://second");

    [Fact]
    public async Task A_failure_is_retried_with_growing_pauses()
    {
        var failures = 3;
        first.Fault = _ => failures-- > 0 ? NodeFault.Fail : NodeFault.None;
        await Pool(first).SendAsync([Ask], CancellationToken.None);

        // 0.25 + 0.5 + 1 s, each a quarter more or less.
        time.Jumped.TotalSeconds.ShouldBeInRange(1.3, 2.2);
    }

    [Fact]
    public async Task Attempts_end_and_the_failure_is_told()
    {
        first.Fault = _ => NodeFault.Stall;
        var e = await Should.ThrowAsync<RpcException>(() => Pool(first).SendAsync([Ask], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.Timeout);
        first.Posts.ShouldBe(4);
    }

    [Fact]
    public async Task The_next_endpoint_takes_over_at_once_and_is_kept()
    {
        first.Fault = _ => NodeFault.Fail;
        var pool = Pool(first, second);
        await pool.SendAsync([Ask], CancellationToken.None);
        time.Jumped.ShouldBe(TimeSpan.Zero);
        pool.Name.ShouldBe("http://second");
        first.Fault = _ => NodeFault.None;
        await pool.SendAsync([Ask], CancellationToken.None);
        first.Posts.ShouldBe(1);
        pool.Status().Select(s => s.InUse).ShouldBe([false, true]);
        pool.Status()[0].Trouble!.ShouldContain("http://first is not reachable");
    }

    [Theory]
    [InlineData(NodeFault.Fail)]
    [InlineData(NodeFault.Stall)]
    [InlineData(NodeFault.RateLimit)]
    [InlineData(NodeFault.InternalError)]
    public async Task What_is_asked_beside_the_work_has_one_attempt_and_costs_the_endpoint_nothing(NodeFault fault)
    {
        first.Fault = batch => batch[0].Method == "txpool_content" ? fault : NodeFault.None;
        var pool = Pool(first, second);
        for (var i = 0; i < 5; i++)
        {
            try
            {
                (await pool.SendBesideAsync([RpcRequest.Create("txpool_content")], CancellationToken.None))[0].Error.ShouldNotBeNull();
            }
            catch (RpcException)
            {
                // As the fault says.
            }
        }

        first.Posts.ShouldBe(5);
        second.Posts.ShouldBe(0);
        pool.Status()[0].Trouble.ShouldBeNull();
        await pool.SendAsync([Ask], CancellationToken.None);
        pool.Name.ShouldBe("http://first");
        time.Jumped.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task What_is_asked_beside_the_work_is_given_up_after_a_second()
    {
        var clock = new SimulatedTime();
        var look = new EvmClient(new Mute(), time: clock).GetPendingAsync([1u], CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(0.9));
        look.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.2));
        (await Should.ThrowAsync<RpcException>(() => look)).Message.ShouldBe("http://mute does not answer txpool_content within 1 s.");
    }

    [Fact]
    public async Task When_none_answers_one_sentence_names_them_all()
    {
        first.Fault = _ => NodeFault.Fail;
        second.Fault = _ => NodeFault.Stall;
        var e = await Should.ThrowAsync<RpcException>(() => Pool(first, second).SendAsync([Ask], CancellationToken.None));
        e.Message.ShouldContain("None of 2 endpoints answers");
        e.Message.ShouldContain("http://first");
        e.Message.ShouldContain("http://second");
    }

    [Fact]
    public async Task Retry_After_is_waited_for_when_it_is_short_and_fails_at_once_when_it_is_long()
    {
        var limits = 1;
        first.Fault = _ => limits-- > 0 ? NodeFault.RateLimit : NodeFault.None;
        await Pool(first).SendAsync([Ask], CancellationToken.None);
        time.Jumped.ShouldBe(TimeSpan.FromSeconds(1));

        var busy = new Saying(new RpcException(RpcFailure.RateLimited, "http://busy asks for fewer requests (HTTP 429).", TimeSpan.FromHours(1)));
        var e = await Should.ThrowAsync<RpcException>(() => Pool(busy).SendAsync([Ask], CancellationToken.None));
        e.RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        busy.Asked.ShouldBe(1);
        time.Jumped.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_blind_answer_comes_fast_while_everything_cools_down()
    {
        first.Fault = _ => NodeFault.Fail;
        var pool = Pool(first);
        for (var i = 0; i < 6; i++)
        {
            await Should.ThrowAsync<RpcException>(() => pool.SendAsync([Ask], CancellationToken.None));
        }

        var before = time.Jumped;
        await Should.ThrowAsync<RpcException>(() => pool.SendAsync([Ask], CancellationToken.None));
        (time.Jumped - before).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Internal_errors_are_retried_and_reverts_are_answers()
    {
        first.Fault = _ => first.Posts == 1 ? NodeFault.InternalError : NodeFault.None;
        await Pool(first).SendAsync([Ask], CancellationToken.None);
        first.Posts.ShouldBe(2);
        var reverting = new Saying(RpcReply.Failed(3, "execution reverted", "0x01"));
        (await Pool(reverting).SendAsync([RpcRequest.Create("eth_call")], CancellationToken.None))[0].Error!.Data.ShouldBe("0x01");
        reverting.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_chain_is_found_before_the_first_answer_and_left_alone()
    {
        first.ChainId = 5;
        var pool = Pool(new ChainId(1), first, second);
        await pool.SendAsync([Ask], CancellationToken.None);
        pool.Name.ShouldBe("http://second");
        first.Requests.ShouldHaveSingleItem().Method.ShouldBe("eth_chainId");

        var alone = await Should.ThrowAsync<RpcException>(() => Pool(new ChainId(1), new FakeNode(name: "http://third") { ChainId = 5 }).SendAsync([Ask], CancellationToken.None));
        alone.Kind.ShouldBe(RpcFailure.WrongChain);
        alone.Message.ShouldContain("http://third serves eip155:5, but this chain is configured as eip155:1");
    }

    [Fact]
    public async Task An_endpoint_that_is_frozen_while_it_answers_is_turned_away_from()
    {
        Mine(5, first, second);
        var pool = Pool(first, second);
        await pool.SendAsync([Ask], CancellationToken.None);
        first.Frozen = true;
        Mine(2, first, second);
        await TendAsync(pool);
        pool.Name.ShouldBe("http://first");
        Mine(1, first, second);
        await TendAsync(pool);
        pool.Name.ShouldBe("http://second");
        pool.Status()[0].Trouble!.ShouldContain("is stuck at block 105 while another endpoint has 108");
    }

    [Fact]
    public async Task A_preferred_endpoint_is_used_again_once_it_has_been_fine_for_a_while()
    {
        Mine(5, first, second);
        var pool = Pool(first, second);
        first.Frozen = true;
        Mine(5, first, second);
        await TendAsync(pool);
        pool.Name.ShouldBe("http://second");
        first.Frozen = false;
        await TendAsync(pool);
        pool.Name.ShouldBe("http://second");
        time.Advance(TimeSpan.FromMinutes(5));
        await TendAsync(pool);
        pool.Name.ShouldBe("http://first");
    }

    [Fact]
    public async Task A_minority_of_one_below_the_tip_is_turned_away_from()
    {
        var third = new FakeNode(name: "http://third");
        var liar = new FakeNode(name: "http://liar", salt: 77);
        Mine(10, liar, first, third);
        var pool = Pool(liar, first, third);
        await TendAsync(pool);
        pool.Name.ShouldBe("http://first");
        pool.Status()[0].Trouble!.ShouldContain("where the other endpoints have");
        pool.Status()[0].CoolingUntil.ShouldNotBeNull();
    }

    [Fact]
    public async Task Two_that_differ_below_the_tip_are_both_reported()
    {
        var other = new FakeNode(name: "http://other", salt: 77);
        Mine(10, first, other);
        var pool = Pool(first, other);
        await TendAsync(pool);
        pool.Name.ShouldBe("http://first");
        pool.Status().ShouldAllBe(s => s.Trouble!.Contains("they serve different chains"));
    }

    [Fact]
    public async Task Endpoints_that_differ_at_the_tip_only_are_left_in_peace()
    {
        Mine(10, first, second);
        second.Reorg(1, 1);
        Mine(1, first);
        var pool = Pool(first, second);
        await TendAsync(pool);
        pool.Status().ShouldAllBe(s => s.Trouble == null);
    }

    [Fact]
    public async Task The_comparison_keeps_its_own_rate()
    {
        Mine(10, first, second);
        var pool = Pool(first, second);
        await TendAsync(pool);
        var posts = first.Posts;
        await pool.TendAsync(CancellationToken.None);
        first.Posts.ShouldBe(posts);
        time.Advance(TimeSpan.FromSeconds(12));
        await pool.TendAsync(CancellationToken.None);
        first.Posts.ShouldBe(posts + 2);
    }

    [Fact]
    public async Task The_days_budget_ends_at_midnight_UTC()
    {
        var pool = new EndpointPool([first], null, new EndpointPoolOptions(), time, () => new CallBudget(5, null, time));
        await pool.SendAsync([Ask, Ask, Ask, Ask, Ask], CancellationToken.None);
        var e = await Should.ThrowAsync<RpcException>(() => pool.SendAsync([Ask], CancellationToken.None));
        e.Kind.ShouldBe(RpcFailure.BudgetSpent);
        e.Message.ShouldContain("5 calls a day");
        first.Requests.Count.ShouldBe(5);
        time.Advance(TimeSpan.FromDays(1));
        await pool.SendAsync([Ask], CancellationToken.None);
        pool.Status()[0].SpentToday.ShouldBe(1);
    }

    [Fact]
    public async Task The_rate_is_kept_by_waiting()
    {
        var pool = new EndpointPool([first], null, new EndpointPoolOptions(), time, () => new CallBudget(null, 10, time));
        for (var i = 0; i < 30; i++)
        {
            await pool.SendAsync([Ask], CancellationToken.None);
        }

        time.Jumped.TotalSeconds.ShouldBe(2, tolerance: 0.01);
    }

    [Fact]
    public async Task Calls_are_counted_by_method()
    {
        var pool = Pool(new ChainId(1), first);
        await pool.SendAsync([Ask, Ask, RpcRequest.Create("eth_chainId")], CancellationToken.None);
        var status = pool.Status()[0];
        status.Calls.ShouldBe(new Dictionary<string, long> { ["eth_chainId"] = 2, ["eth_getBlockByNumber"] = 2 }, ignoreOrder: true);
        status.Posts.ShouldBe(2);
    }

    [Fact]
    public async Task Metrics_carry_their_Prometheus_names_and_no_secret()
    {
        var seen = new List<string>();
        using var metrics = new RpcMetrics();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Meter.Name == RpcMetrics.MeterName && instrument.Name.StartsWith("defimonitor_rpc", StringComparison.Ordinal))
                {
                    all.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, tags));
        listener.Start();
        first.Fault = _ => NodeFault.RateLimit;
        await using var pool = new EndpointPool([first, second], null, new EndpointPoolOptions { Network = "metrics-test" }, time, metrics: metrics);
        await pool.SendAsync([Ask], CancellationToken.None);
        seen.ShouldBe(
            [
                "defimonitor_rpc_requests_total network=metrics-test endpoint=http://first method=eth_getBlockByNumber",
                "defimonitor_rpc_failures_total network=metrics-test endpoint=http://first kind=RateLimited",
                "defimonitor_rpc_rate_limits_total network=metrics-test endpoint=http://first",
                "defimonitor_rpc_endpoint_rotations_total network=metrics-test",
                "defimonitor_rpc_requests_total network=metrics-test endpoint=http://second method=eth_getBlockByNumber",
                "defimonitor_rpc_request_duration_seconds network=metrics-test endpoint=http://second",
            ]);

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}";
            if (text.Contains("metrics-test", StringComparison.Ordinal))
            {
                seen.Add(text);
            }
        }
    }

    /// <summary>Blocks on all of them, and the time that they take.</summary>
    private void Mine(int count, params FakeNode[] nodes)
    {
        time.Advance(TimeSpan.FromSeconds(12 * count));
        foreach (var node in nodes)
        {
            node.MineMany(count);
        }
    }

    private async Task TendAsync(EndpointPool pool)
    {
        time.Advance(TimeSpan.FromSeconds(12));
        await pool.TendAsync(CancellationToken.None);
    }

    private EndpointPool Pool(params IRpcTransport[] transports) => new(transports, null, new EndpointPoolOptions(), time, random: new Random(1));

    private EndpointPool Pool(ChainId chain, params IRpcTransport[] transports) => new(transports, chain, new EndpointPoolOptions(), time, random: new Random(1));

    private sealed class Mute : IRpcTransport
    {
        public string Name => "http://mute";

        public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return [];
        }
    }

    private sealed class Saying : IRpcTransport
    {
        private readonly RpcReply? reply;
        private readonly RpcException? failure;

        public Saying(RpcReply reply) => this.reply = reply;

        public Saying(RpcException failure) => this.failure = failure;

        public int Asked { get; private set; }

        public string Name => "http://busy";

        public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
        {
            Asked++;
            return failure is null ? Task.FromResult<IReadOnlyList<RpcReply>>([reply!]) : throw failure;
        }
    }
}
