using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DefiMonitor.App.Api;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.App;

public sealed class ApiTests
{
    [Fact]
    public async Task It_says_that_it_lives_and_that_it_is_ready()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        (await monitor.Http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var ready = await Until(monitor, json => json.GetProperty("status").GetString() == "ok");
        ready.GetProperty("checks").EnumerateArray().ShouldContain(c => c.GetProperty("name").GetString() == "loop" && c.GetProperty("subject").GetString() == "outbox");
    }

    [Fact]
    public async Task A_chain_that_was_never_judged_is_not_ready()
    {
        var dead = new ChainSettings { Name = "dead", Chain = new ChainId(31337), NextBlockSeconds = 1, Endpoints = [EndpointUrl.Parse("http://127.0.0.1:1/secret-key-in-the-path")] };
        await using var monitor = await MonitorUnderTest.StartAsync(new MonitorSettings { Chains = [dead], Deployments = [], Owners = [] });
        var response = await monitor.Http.GetAsync("/readyz");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("head-age");
        text.ShouldNotContain("secret-key");
        foreach (var log in Directory.EnumerateFiles(Path.Combine(monitor.DataDir, "logs")))
        {
            using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            (await reader.ReadToEndAsync()).ShouldNotContain("secret-key");
        }
    }

    [Fact]
    public async Task Metrics_are_Prometheus_text()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        var response = await monitor.Http.GetAsync("/metrics");
        response.Content.Headers.ContentType!.ToString().ShouldBe(PrometheusExporter.ContentType);
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("# TYPE defimonitor_build_info gauge\ndefimonitor_build_info{version=\"");
        text.ShouldContain("defimonitor_loop_healthy{loop=\"outbox\"} 1");
    }

    [Fact]
    public async Task Metrics_of_a_monitor_over_real_contracts_say_where_the_time_goes()
    {
        await using var node = await TapeNode.StartAsync();
        var settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, node.Config.Root).Need();
        await using var monitor = await MonitorUnderTest.StartAsync(settings with
        {
            Chains = [.. settings.Chains.Where(static c => c.Chain == new ChainId(31337)).Select(c => c with { Endpoints = [EndpointUrl.Parse(node.Url)] })],
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        string text;
        do
        {
            await Task.Delay(100, patience.Token);
            text = await monitor.Http.GetStringAsync("/metrics", patience.Token);
        }
        while (!text.Contains("defimonitor_head_to_decision_seconds_count{network=\"eip155:31337\"}", StringComparison.Ordinal));

        // Other monitors of this process may be counted too.
        string[] stages = ["follow", "fold", "enter", "read", "judge", "commit"];
        foreach (var stage in stages)
        {
            text.ShouldMatch($"defimonitor_block_stage_seconds_count\\{{network=\"eip155:31337\",stage=\"{stage}\"\\}} [1-9]");
        }

        // Markets were opened and prices read; only the node can answer that.
        text.ShouldMatch("defimonitor_block_node_seconds_count\\{network=\"eip155:31337\",stage=\"enter\"\\} [1-9]");
        text.ShouldMatch("defimonitor_block_node_seconds_count\\{network=\"eip155:31337\",stage=\"read\"\\} [1-9]");
    }

    [Fact]
    public async Task Events_are_streamed_resumed_and_never_silent()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        var (first, firstAlert) = await monitor.PutAlertAsync(1_700_000_000);
        var (second, secondAlert) = await monitor.PutAlertAsync(1_700_000_001);

        await using var all = await EventReader.OpenAsync(monitor.Http, "/v1/events?after=0", null);
        (await all.NextAsync()).ShouldBe((first, firstAlert));
        (await all.NextAsync()).ShouldBe((second, secondAlert));
        (await all.NextCommentAsync()).ShouldNotBeEmpty();
        var (third, thirdAlert) = await monitor.PutAlertAsync(1_700_000_002);
        (await all.NextAsync()).ShouldBe((third, thirdAlert));

        await using var after = await EventReader.OpenAsync(monitor.Http, $"/v1/events?after={first}", null);
        (await after.NextAsync()).ShouldBe((second, secondAlert));

        await using var resumed = await EventReader.OpenAsync(monitor.Http, "/v1/events?after=0", second.ToString());
        (await resumed.NextAsync()).ShouldBe((third, thirdAlert));
    }

    [Fact]
    public async Task Stopping_ends_the_streams()
    {
        var monitor = await MonitorUnderTest.StartAsync();
        var stream = await EventReader.OpenAsync(monitor.Http, "/v1/events", null);
        var end = stream.ReadToEndAsync();
        await monitor.DisposeAsync();
        await end.WaitAsync(TimeSpan.FromSeconds(20));
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Alerts_come_in_pages_and_a_made_up_cursor_is_refused()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        for (var i = 0UL; i < 5; i++)
        {
            await monitor.PutAlertAsync(1_700_000_000 + i);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Json(monitor, $"/v1/alerts?limit=2{(cursor is null ? "" : "&cursor=" + cursor)}");
            page.GetProperty("items").GetArrayLength().ShouldBeLessThanOrEqualTo(2);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("state").GetProperty("alertId").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        seen.Distinct().Count().ShouldBe(5);

        (await monitor.Http.GetAsync("/v1/alerts?cursor=nonsense")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await monitor.Http.GetAsync("/v1/alerts?limit=501")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Json(monitor, "/v1/alerts?open=true")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await Json(monitor, $"/v1/alerts/{seen[0]}")).GetProperty("events")[0].GetProperty("schemaVersion").GetString().ShouldBe("alert.v1");
    }

    [Fact]
    public async Task Acknowledging_and_muting_leave_commands_for_the_loops()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        var (_, alert) = await monitor.PutAlertAsync(1_700_000_000);
        var ack = await monitor.Http.PostAsync($"/v1/alerts/{alert}/ack", null);
        ack.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await monitor.Store.PendingCommandsAsync("test")).ShouldHaveSingleItem().Verb.ShouldBe("ack");

        var mute = await monitor.Http.PostAsync($"/v1/alerts/{alert}/mute?for=30m", null);
        mute.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var id = JsonDocument.Parse(await mute.Content.ReadAsStringAsync()).RootElement.GetProperty("command").GetInt64();
        await Until(async () => (await monitor.Store.CommandAsync(id))!.AppliedAt is not null);
        (await monitor.Store.MutesAsync(DateTimeOffset.UnixEpoch)).ShouldHaveSingleItem().Key.ShouldBe("Monitor:monitor");

        (await monitor.Http.PostAsync("/v1/alerts/nobody/ack", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await monitor.Http.PostAsync($"/v1/alerts/{alert}/mute?for=ever", null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_account_nobody_knows_is_not_found_and_nonsense_is_refused()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        (await Json(monitor, "/v1/accounts")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await monitor.Http.GetAsync("/v1/accounts/aave-v3/eip155:1/core/0x2f39d218133afab8f2b819b1066c7e434ad94e9e")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await monitor.Http.GetAsync("/v1/accounts/nonsense")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Web_pages_and_foreign_names_are_refused()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        using var page = new HttpRequestMessage(HttpMethod.Get, "/v1/alerts") { Headers = { { "Origin", "https://evil.example" } } };
        (await monitor.Http.SendAsync(page)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/v1/alerts") { Headers = { Host = "evil.example" } };
        (await monitor.Http.SendAsync(rebound)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_token_is_asked_for_everywhere_but_at_the_sign_of_life()
    {
        await using var monitor = await MonitorUnderTest.StartAsync(token: "a-token-that-is-long");
        (await monitor.Http.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var path in (string[])["/readyz", "/metrics", "/v1/events", "/v1/accounts", "/v1/alerts"])
        {
            (await monitor.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
        }

        monitor.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-token-that-is-wrong");
        (await monitor.Http.GetAsync("/metrics")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        monitor.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-token-that-is-long");
        (await monitor.Http.GetAsync("/metrics")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8645", null, true)]
    [InlineData("http://localhost:8645;http://[::1]:8645", null, true)]
    [InlineData("none", null, true)]
    [InlineData("http://0.0.0.0:8645", null, false)]
    [InlineData("http://monitor.example:8645", null, false)]
    [InlineData("http://0.0.0.0:8645", "token", true)]
    [InlineData("https://127.0.0.1:8645", null, false)]
    [InlineData("8645", null, false)]
    public void It_listens_beyond_this_machine_only_with_a_token(string urls, string? token, bool taken)
    {
        ApiSettings.TryParse(urls, token, out _, out var error).ShouldBe(taken);
        (error is null).ShouldBe(taken);
    }

    private static async Task<JsonElement> Json(MonitorUnderTest monitor, string path)
    {
        var response = await monitor.Http.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone();
    }

    private static async Task<JsonElement> Until(MonitorUnderTest monitor, Func<JsonElement, bool> condition)
    {
        JsonElement json = default;
        await Until(async () =>
        {
            json = JsonDocument.Parse(await monitor.Http.GetStringAsync("/readyz")).RootElement.Clone();
            return condition(json);
        });
        return json;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!patience.IsCancellationRequested)
            {
                // 503 until the loops have begun.
            }

            await Task.Delay(20, patience.Token);
        }
    }
}
