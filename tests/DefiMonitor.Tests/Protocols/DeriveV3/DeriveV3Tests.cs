using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks.Http;
using DefiMonitor.Engine.Venues;
using DefiMonitor.Protocols.DeriveV3;
using DefiMonitor.Tests.Sinks;
using Microsoft.AspNetCore.Http;

namespace DefiMonitor.Tests.Protocols.DeriveV3;

/// <summary>Derive v3 by its API, against a server on this machine that answers well, and badly in every way.</summary>
public sealed class DeriveV3Tests
{
    private const ulong Account = 4242;
    private const string Fields = "subaccount_id maintenance_margin initial_margin subaccount_value is_delayed_liquidation margin_type valuation_timestamp collaterals positions";

    private readonly long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    [Fact]
    public async Task A_good_answer_is_told_with_the_venues_own_time_and_the_body_is_kept()
    {
        await using var server = await ServerAsync(Result(), null);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.UnknownReason.ShouldBeNull();
        report.Account.ToString().ShouldBe("derive-v3/4242");
        report.ValuedAt.ShouldBe((ulong)now);
        report.MaintenanceMargin.ShouldBe((Int128)1_234_500_000_000_000_000_000m);
        report.MarginType.ShouldBe("PM2");
        report.Holdings.ShouldBe([new VenueHolding("USDC", "5000"), new VenueHolding("ETH-20261225-3000-C", "-2.5")]);
        report.Body.ShouldContain("\"maintenance_margin\"");

        server.Requests.Select(static request => request.Path).ShouldBe(["/v3/public/get_time", "/v3/public/margin_watch", "/v3/public/get_margin"]);
        server.Requests.ShouldAllBe(static request => request.Method == "POST");
        JsonDocument.Parse(server.Requests.ElementAt(1).Body).RootElement.GetProperty("subaccount_id").GetUInt64().ShouldBe(Account);
    }

    [Theory]
    [InlineData("0", "0", "100", MarginStatus.Healthy)]
    [InlineData("-0.000000000000000000001", "-1", "100", MarginStatus.Liquidatable)]
    [InlineData("-5", "-50", "100", MarginStatus.Liquidatable)]
    [InlineData("-5", "-50", "0", MarginStatus.Insolvent)]
    [InlineData("-5", "-50", "-1", MarginStatus.Insolvent)]
    [InlineData("1E+3", "0E-18", "2e3", MarginStatus.Healthy)]
    public async Task Below_zero_is_flagged_and_the_rest_is_healthy(string maintenance, string initial, string value, MarginStatus expected)
    {
        await using var server = await ServerAsync(Result(r => (r["maintenance_margin"], r["initial_margin"], r["subaccount_value"]) = (maintenance, initial, value)), null);
        (await ReadAsync(server)).Status.ShouldBe(expected);
    }

    public static TheoryData<string> EveryField() => [.. Fields.Split(' ')];

    [Theory]
    [MemberData(nameof(EveryField))]
    public async Task A_field_that_is_missing_null_or_of_another_kind_is_unknown_and_named(string field)
    {
        foreach (var wrong in new Action<JsonObject>[] { r => r.Remove(field), r => r[field] = null, r => r[field] = new JsonObject(), r => r[field] = "NaN" })
        {
            await using var server = await ServerAsync(Result(wrong), null);
            var report = await ReadAsync(server);
            if (field == "margin_type" && report.MarginType == "NaN")
            {
                continue;
            }

            report.Status.ShouldBe(MarginStatus.Unknown);
            report.UnknownReason!.ShouldContain(field);
        }
    }

    [Fact]
    public async Task Yesterdays_body_is_not_believed()
    {
        await using var server = await ServerAsync(Result(r => r["valuation_timestamp"] = now - 86_400), null);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain("beyond 60 s it is not believed");
        report.Body.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Yesterdays_body_beside_yesterdays_clock_is_not_believed_either()
    {
        await using var server = await ServerAsync(Result(r => r["valuation_timestamp"] = now - 86_400), Envelope(((now - 86_400) * 1_000).ToString(CultureInfo.InvariantCulture)));
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain("The venue's clock says");
    }

    [Theory]
    [InlineData("not json", "no JSON")]
    [InlineData("", "no JSON")]
    [InlineData("<html>welcome</html>", "no JSON")]
    [InlineData("[]", "neither a result nor an error")]
    [InlineData("{}", "neither a result nor an error")]
    [InlineData("""{ "result": 7 }""", "no object")]
    [InlineData("""{ "result": null }""", "no object")]
    [InlineData("""{ "error": { "code": -32000, "message": "Rate limit exceeded" } }""", "refused: -32000 Rate limit exceeded")]
    [InlineData("""{ "error": "\u001b[31mno" }""", "refused: without a word")]
    [InlineData("""{ "result": { "subaccount_id": 4242, "subaccount_id": 1 } }""", "no JSON")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]", "no JSON")]
    public async Task Garbage_is_unknown_with_a_sentence(string body, string expected)
    {
        await using var server = await ServerAsync(body, null);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain(expected);
    }

    [Theory]
    [InlineData(500, "HTTP 500")]
    [InlineData(302, "HTTP 302")]
    [InlineData(403, "HTTP 403")]
    public async Task A_status_that_is_no_200_is_unknown_even_over_a_good_body(int status, string expected)
    {
        await using var server = await LocalServer.StartAsync((context, request) => Answer(context, status, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Now() : Result()));
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain(expected);
    }

    [Fact]
    public async Task A_venue_that_says_too_much_is_asked_once_more_and_no_more()
    {
        var refused = 1;
        await using var server = await LocalServer.StartAsync((context, request) =>
            request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Answer(context, 200, Now()) : Answer(context, refused-- > 0 ? 429 : 200, Result()));
        (await ReadAsync(server)).Status.ShouldBe(MarginStatus.Healthy);

        refused = int.MaxValue;
        server.Requests.Clear();
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain("429");
        server.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Nobody_there_is_unknown()
    {
        using var taken = Taken(out var url);
        (await ReadAsync(url, [Account]))[0].UnknownReason!.ShouldContain("did not answer");
    }

    public static TheoryData<string, string> Contradictions() => new()
    {
        { """{ "subaccount_id": 4243 }""", "answered for sub-account 4243 when it was asked for 4242" },
        { """{ "initial_margin": "2000" }""", "contradict" },
        { """{ "collaterals": [], "positions": [] }""", "holds nothing has a value" },
        { """{ "positions": [ { "instrument_name": "ETH-20261225-3000-C", "amount": "-2", "mark_iv": "0" } ] }""", "volatility of 0" },
        { """{ "positions": [ { "instrument_name": "ETH-20261225-3000-C", "amount": "-2", "iv": "-0.5" } ] }""", "volatility of -0.5" },
        { """{ "positions": [ { "amount": "-2" } ] }""", "without a name" },
        { """{ "positions": [ { "instrument_name": "ETH-PERP" } ] }""", "lacks amount" },
        { """{ "positions": [ { "instrument_name": "ETH-PERP", "amount": "1e999" } ] }""", "amount" },
        { """{ "positions": [ 7 ] }""", "positions" },
        { """{ "valuation_timestamp": 1795000000000 }""", "no time in seconds" },
        { """{ "valuation_timestamp": 99999999999 }""", "has not come to" },
        { """{ "maintenance_margin": 1234.5 }""", "maintenance_margin" },
        { """{ "maintenance_margin": "1e-2147483648" }""", "maintenance_margin" },
        { """{ "maintenance_margin": "-170141183460469231731.687303715884105728" }""", "maintenance_margin" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public async Task What_contradicts_itself_is_unknown(string changed, string expected)
    {
        await using var server = await ServerAsync(Result(r =>
        {
            foreach (var (name, value) in JsonNode.Parse(changed)!.AsObject())
            {
                r[name] = value?.DeepClone();
            }
        }), null);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain(expected);
    }

    [Theory]
    [InlineData("yes", "no JSON")]
    [InlineData("""{ "result": "1795000000000" }""", "did not answer milliseconds")]
    [InlineData("""{ "result": 1795000000 }""", "did not answer milliseconds")]
    [InlineData("""{ "error": { "code": 1, "message": "no" } }""", "refused")]
    public async Task Without_the_venues_clock_no_age_is_known(string clock, string expected)
    {
        await using var server = await ServerAsync(Result(), clock);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason!.ShouldContain("The venue's clock can't be read");
        report.UnknownReason!.ShouldContain(expected);
    }

    [Fact]
    public async Task Maps_are_open_and_a_strike_beyond_all_prices_is_only_a_name()
    {
        var strike = "ETH-20261225-1" + new string('0', 30) + "-C";
        await using var server = await ServerAsync(
            Result(r =>
            {
                r["currency"] = "ETH";
                r["something_new"] = new JsonArray(1, 2);
                r["positions"] = new JsonArray(new JsonObject { ["instrument_name"] = strike, ["amount"] = "-1", ["anything"] = new JsonObject() });
            }),
            null);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Holdings[^1].Name.ShouldBe(strike);
    }

    [Fact]
    public async Task A_hostile_name_is_shown_as_question_marks_and_cut()
    {
        await using var server = await ServerAsync(Result(r => r["positions"] = new JsonArray(new JsonObject { ["instrument_name"] = "\u001b[31m\n" + new string('x', 500), ["amount"] = "1" })), null);
        var name = (await ReadAsync(server)).Holdings[^1].Name;
        name.Length.ShouldBe(120);
        name.ShouldStartWith("?[31m?xxx");
    }

    [Theory]
    [InlineData("margin_type", "PM2")]
    [InlineData("instrument_name", "ETH-20261225-3000-C")]
    public async Task A_text_that_is_no_unicode_makes_this_account_unknown_and_stops_nothing(string field, string was)
    {
        await using var server = await ServerAsync(Result().Replace($"\"{field}\":\"{was}\"", $"\"{field}\":\"\\ud800\"", StringComparison.Ordinal), null);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ \"result\": \"")]
    public void A_body_that_is_no_unicode_is_unknown_with_a_sentence(string before)
    {
        var feed = new DeriveV3Feed(60);
        var odd = new VenueAnswer(200, $"{before}{(char)0xdfff}\" }}", null);
        var report = feed.Judge(new VenueAccountId("derive-v3", "4242"), odd, new VenueClock((ulong)now * 1_000, null), (ulong)now);
        report.Status.ShouldBe(MarginStatus.Unknown);
        report.UnknownReason.ShouldBe("The venue's answer is no JSON.");
        feed.ReadClock(odd).Unknown.ShouldBe("The venue's clock can't be read: The venue's answer is no JSON.");
    }

    [Fact]
    public void An_account_of_another_venue_is_a_mistake_of_the_caller_and_no_odd_answer() =>
        Should.Throw<ArgumentException>(() => new DeriveV3Feed(60).Judge(new VenueAccountId("derive-v9", "1"), new VenueAnswer(200, "{}", null), default, 1));

    [Fact]
    public async Task A_venue_that_does_not_answer_twice_is_not_asked_about_the_rest_of_the_round()
    {
        using var taken = Taken(out var url);
        var reports = await ReadAsync(url, [1, 2, 3, 4]);
        reports.ShouldAllBe(static report => report.Status == MarginStatus.Unknown);
        reports.Select(static report => report.UnknownReason!.Contains("not asked", StringComparison.Ordinal)).ShouldBe([false, false, true, true]);
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(429, true)]
    [InlineData(404, false)]
    public async Task Only_an_answer_says_that_the_venue_is_there(int status, bool isSilence)
    {
        await using var server = await LocalServer.StartAsync((context, request) =>
            Answer(context, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? 200 : status, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Now() : Result()));
        var reports = await ReadAsync(server.Url, [1, 2, 3, 4], new JumpingTime());
        reports.Count(static report => report.UnknownReason!.Contains("not asked", StringComparison.Ordinal)).ShouldBe(isSilence ? 2 : 0);
    }

    [Fact]
    public async Task A_round_ends_in_time_and_whoever_it_had_none_for_comes_first_in_the_next()
    {
        var time = new JumpingTime();
        await using var server = await LocalServer.StartAsync((context, request) =>
        {
            time.Jump(TimeSpan.FromSeconds(request.Path.EndsWith("margin_watch", StringComparison.Ordinal) ? 9 : 0));
            return Answer(
                context, 200, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Now() : Result(r => r["subaccount_id"] = JsonDocument.Parse(request.Body).RootElement.GetProperty("subaccount_id").GetUInt64()));
        });
        using var http = new GuardedHttp(allowPrivate: true, TimeProvider.System);
        var settings = new VenueSettings("derive-v3", new Uri(server.Url, "/v3/"), 600, []);
        var ids = Enumerable.Range(0, 9).Select(static id => new VenueAccountId("derive-v3", id.ToString(CultureInfo.InvariantCulture))).ToList();
        var reader = new VenueReader(new DeriveV3Feed(600), settings, http, time);
        var first = await reader.ReadAsync([], ids, CancellationToken.None);
        first.Count.ShouldBe(9, "what was not asked is unknown, not left out");
        Known(first).ShouldBe(["0", "1", "2", "3", "4"]);
        first[^1].UnknownReason!.ShouldContain("took more than 45 s for the others");
        Known(await reader.ReadAsync([ids[2]], [], CancellationToken.None)).ShouldBe(["2"], "and does not lose its turn to one that can't wait");
        Known(await reader.ReadAsync([ids[2]], ids, CancellationToken.None)).ShouldBe(["2", "5", "6", "7", "8"]);

        static IEnumerable<string> Known(IReadOnlyList<VenueReport> reports) => reports.Where(static r => r.Status == MarginStatus.Healthy).Select(static r => r.Account.Account);
    }

    [Fact]
    public async Task Requests_are_never_closer_together_than_the_venue_allows()
    {
        await using var server = await LocalServer.StartAsync((context, request) => Answer(
            context, 200, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Now() : request.Path.EndsWith("get_margin", StringComparison.Ordinal) ? Margin("1234.5", "800.25")
                : Result(r => r["subaccount_id"] = JsonDocument.Parse(request.Body).RootElement.GetProperty("subaccount_id").GetUInt64())));
        var time = new JumpingTime();
        var reports = await ReadAsync(server.Url, [1, 2, 3, 4, 5, 6, 7, 8, 9], time);
        reports.ShouldAllBe(static report => report.Status == MarginStatus.Healthy);
        time.Slept.ShouldBe(Enumerable.Repeat(TimeSpan.FromMilliseconds(200), 18));
    }

    private static readonly Address Wallet = Address.Parse("0x00000000000000000000000000000000000a11ce");

    [Fact]
    public async Task A_wallet_is_asked_for_its_sub_accounts()
    {
        await using var server = await LocalServer.StartAsync((context, _) => Answer(context, 200, Envelope($$"""{ "wallet": "{{Wallet.ToString().ToUpperInvariant().Replace("0X", "0x", StringComparison.Ordinal)}}", "subaccount_ids": [7, 4242] }""")));
        var owner = (await OwnersAsync(server)).ShouldHaveSingleItem();
        (owner.Owner, owner.Unknown).ShouldBe((Wallet, null));
        owner.Accounts.Select(static account => account.ToString()).ShouldBe(["derive-v3/7", "derive-v3/4242"]);
        server.Requests.ShouldHaveSingleItem().Path.ShouldBe("/v3/public/get_subaccounts");
        JsonDocument.Parse(server.Requests.Single().Body).RootElement.GetProperty("wallet").GetString().ShouldBe(Wallet.ToHex());
    }

    [Theory]
    [InlineData("no", "no JSON")]
    [InlineData("""{ "result": [] }""", "names no wallet")]
    [InlineData("""{ "result": { "wallet": "alice", "subaccount_ids": [] } }""", "names no wallet")]
    [InlineData("""{ "result": { "wallet": "0x00000000000000000000000000000000000a11cf", "subaccount_ids": [] } }""", "when it was asked for")]
    [InlineData("""{ "result": { "wallet": "0x00000000000000000000000000000000000a11ce" } }""", "not a list")]
    [InlineData("""{ "result": { "wallet": "0x00000000000000000000000000000000000a11ce", "subaccount_ids": [ 1, "2" ] } }""", "not whole numbers")]
    [InlineData("""{ "result": { "wallet": "0x00000000000000000000000000000000000a11ce", "subaccount_ids": [ 1, -2 ] } }""", "not whole numbers")]
    public async Task A_list_that_is_none_is_unknown_and_holds_nothing(string body, string why)
    {
        await using var server = await LocalServer.StartAsync((context, _) => Answer(context, 200, body));
        var owner = (await OwnersAsync(server)).ShouldHaveSingleItem();
        owner.Accounts.ShouldBeEmpty();
        owner.Unknown!.ShouldContain(why);
    }

    private static async Task<IReadOnlyList<VenueOwner>> OwnersAsync(LocalServer server)
    {
        using var http = new GuardedHttp(allowPrivate: true, TimeProvider.System);
        var settings = new VenueSettings("derive-v3", new Uri(server.Url, "/v3/"), 60, []);
        return await new VenueReader(new DeriveV3Feed(60), settings, http, TimeProvider.System).AccountsAsync([Wallet], CancellationToken.None);
    }

    [Fact]
    public async Task The_holdings_of_the_snapshot_are_asked_about_a_second_time_word_for_word()
    {
        await using var server = await CheckedAsync(Margin("1234.5", "800.25"));
        var report = await ReadAsync(server);
        (report.Status, report.Check).ShouldBe((MarginStatus.Healthy, "get_margin says the same of these holdings."));
        JsonNode.DeepEquals(
            JsonNode.Parse(server.Requests.Last().Body),
            JsonNode.Parse("""
                { "margin_type": "PM2", "market": "ETH", "simulated_collaterals": [ { "asset_name": "USDC", "amount": "5000" } ],
                  "simulated_positions": [ { "instrument_name": "ETH-20261225-3000-C", "amount": "-2.5" } ] }
                """)).ShouldBeTrue();
    }

    /// <summary>Value 5100, maintenance 1234.5, initial 800.25: the initial requirement of 4299.75 is less than the value, of which 5 % are 255.</summary>
    [Theory]
    [InlineData("1489.5", "1055.25", MarginStatus.Healthy)]
    [InlineData("979.5", "545.25", MarginStatus.Healthy)]
    [InlineData("1489.51", "800.25", MarginStatus.Unknown)]
    [InlineData("1234.5", "545.24", MarginStatus.Unknown)]
    [InlineData("-1", "-2", MarginStatus.Unknown)]
    [InlineData("5000", "5000", MarginStatus.Unknown)]
    public async Task Far_apart_is_a_contradiction_and_a_moment_of_the_market_is_none(string maintenance, string initial, MarginStatus expected)
    {
        await using var server = await CheckedAsync(Margin(maintenance, initial));
        var report = await ReadAsync(server);
        report.Status.ShouldBe(expected, report.Check);
        if (expected == MarginStatus.Unknown)
        {
            report.UnknownReason!.ShouldStartWith("The venue contradicts itself: margin_watch says a maintenance margin of 1,234.50 and an initial of 800.25, get_margin of the same holdings");
        }
    }

    [Fact]
    public async Task Who_is_flagged_is_told_and_no_second_view_is_asked_for()
    {
        await using var server = await CheckedAsync(Margin("9999", "9999"), r => (r["maintenance_margin"], r["initial_margin"]) = ("-1", "-1"));
        (await ReadAsync(server)).Status.ShouldBe(MarginStatus.Liquidatable);
        server.Requests.ShouldAllBe(static request => !request.Path.EndsWith("get_margin", StringComparison.Ordinal));
        var flagged = new VenueReport { Account = new VenueAccountId("derive-v3", "1"), Status = MarginStatus.Liquidatable, ReadAt = 1, MaintenanceMargin = -1, InitialMargin = -1, AccountValue = 1 };
        var compared = new DeriveV3Feed(60).Compare(flagged, new VenueAnswer(200, Margin("9999", "9999"), null));
        (compared.Status, compared.UnknownReason).ShouldBe((MarginStatus.Liquidatable, null));
        compared.Check.ShouldContain("contradicts itself");
    }

    [Theory]
    [InlineData("""{ "is_delayed_liquidation": true }""", "lowered its margins")]
    [InlineData("""{ "margin_type": "PM3" }""", "no margin type")]
    [InlineData("""{ "currency": [ "ETH", "BTC" ] }""", "not one currency")]
    [InlineData("""{ "currency": [ ] }""", "not one currency")]
    [InlineData("""{ "currency": null }""", "not one currency")]
    [InlineData("""{ "positions": [ { "instrument_name": "ETH-PERP", "amount": "3" } ] }""", "at what price a perpetual was entered")]
    [InlineData("""{ "positions": [ { "name": "ETH-PERP", "amount": "3" } ] }""", "no instrument_name")]
    [InlineData("""{ "collaterals": [ { "currency": "USDC", "amount": "3" } ] }""", "no asset_name")]
    public async Task What_can_not_be_checked_stays_as_the_venue_says_and_tells_why(string changed, string why)
    {
        await using var server = await CheckedAsync(Margin("-1", "-1"), r =>
        {
            foreach (var (name, value) in JsonNode.Parse(changed)!.AsObject())
            {
                r[name] = value?.DeepClone();
            }
        });
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Check.ShouldStartWith("not checked: ");
        report.Check.ShouldContain(why);
        server.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("-1", "100", MarginStatus.Liquidatable)]
    [InlineData("-1", "-1", MarginStatus.Insolvent)]
    [InlineData("1", "100", MarginStatus.Healthy)]
    public async Task A_text_that_only_the_second_view_would_read_changes_no_verdict_when_it_is_no_unicode(string maintenance, string value, MarginStatus expected)
    {
        var odd = Result(r =>
        {
            (r["maintenance_margin"], r["initial_margin"], r["subaccount_value"]) = (maintenance, "-1", value);
            r["positions"] = new JsonArray(new JsonObject { ["instrument_name"] = "ETH-PERP", ["amount"] = "3", ["entry_price"] = "odd" });
        }).Replace("\"entry_price\":\"odd\"", "\"entry_price\":\"\\ud800\"", StringComparison.Ordinal);
        await using var server = await ServerAsync(odd, null);
        var report = await ReadAsync(server);
        (report.Status, report.UnknownReason).ShouldBe((expected, null));
        report.Check.ShouldStartWith("not checked: the venue's answer can't be read");
        server.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("""{ "currency": "ETH" }""", "\"market\":\"ETH\"")]
    [InlineData("""{ "margin_type": "SM", "currency": [ "ETH", "BTC" ] }""", "\"margin_type\":\"SM\",\"simulated_collaterals\"")]
    [InlineData("""{ "positions": [ { "instrument_name": "ETH-PERP", "amount": "3", "entry_price": "2000.5" } ] }""", "\"entry_price\":\"2000.5\"")]
    public async Task What_can_be_checked_is(string changed, string asked)
    {
        await using var server = await CheckedAsync(Margin("1234.5", "800.25"), r =>
        {
            foreach (var (name, value) in JsonNode.Parse(changed)!.AsObject())
            {
                r[name] = value?.DeepClone();
            }
        });
        (await ReadAsync(server)).Check.ShouldBe("get_margin says the same of these holdings.");
        Encoding.UTF8.GetString(server.Requests.Last().Body).ShouldContain(asked);
    }

    [Theory]
    [InlineData("no", "no JSON")]
    [InlineData("""{ "result": 7 }""", "no object")]
    [InlineData("""{ "result": { "pre_initial_margin": "1" } }""", "lacks pre_maintenance_margin")]
    [InlineData("""{ "result": { "pre_initial_margin": 1, "pre_maintenance_margin": "1" } }""", "pre_initial_margin")]
    [InlineData("""{ "error": { "code": 1, "message": "no such instrument" } }""", "no such instrument")]
    public async Task A_second_view_that_is_none_changes_nothing_and_is_told(string body, string why)
    {
        await using var server = await CheckedAsync(body);
        var report = await ReadAsync(server);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Check.ShouldStartWith("not checked: ");
        report.Check.ShouldContain(why);
    }

    [Fact]
    public async Task Where_the_venue_wants_to_be_asked_less_the_second_views_go_first_and_the_snapshots_stay()
    {
        await using var server = await LocalServer.StartAsync((context, request) => request.Path.EndsWith("get_margin", StringComparison.Ordinal)
            ? Answer(context, 429, "")
            : Answer(context, 200, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Now() : Result(r => r["subaccount_id"] = JsonDocument.Parse(request.Body).RootElement.GetProperty("subaccount_id").GetUInt64())));
        var reports = await ReadAsync(server.Url, [1, 2, 3], new JumpingTime());
        reports.ShouldAllBe(static report => report.Status == MarginStatus.Healthy);
        reports.Select(static report => report.Check).ShouldBe(
        [
            "not checked: The venue answered 429: more was asked than it allows at once.",
            "not checked: The venue did not answer: It was not asked, because the venue did not answer another such question in this round.",
            "not checked: The venue did not answer: It was not asked, because the venue did not answer another such question in this round.",
        ]);
        server.Requests.Count(static request => request.Path.EndsWith("get_margin", StringComparison.Ordinal)).ShouldBe(2);
        server.Requests.Count(static request => request.Path.EndsWith("margin_watch", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task Figures_of_another_dimension_in_the_second_view_stop_nothing()
    {
        await using var server = await CheckedAsync(Margin("-170141183460469231731", "170141183460469231731"), r => (r["maintenance_margin"], r["initial_margin"]) = ("170141183460469231731", "170141183460469231731"));
        (await ReadAsync(server)).Check.ShouldContain("not checked");
    }

    private Task<LocalServer> CheckedAsync(string margin, Action<JsonObject>? change = null) => LocalServer.StartAsync((context, request) => Answer(
        context, 200, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? Now() : request.Path.EndsWith("get_margin", StringComparison.Ordinal) ? margin : Result(change)));

    private static string Margin(string maintenance, string initial) => Envelope($$"""
        { "pre_maintenance_margin": "{{maintenance}}", "pre_initial_margin": "{{initial}}", "post_maintenance_margin": "0", "post_initial_margin": "0", "is_valid_trade": true, "subaccount_id": 0 }
        """);

    /// <summary>An address of this machine that is taken, so that nobody else listens there, and refuses everybody.</summary>
    private static Socket Taken(out Uri url)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        url = new Uri($"http://{socket.LocalEndPoint}");
        return socket;
    }

    private static string Envelope(string result) => $$"""{ "id": "7", "result": {{result}} }""";

    private string Now() => Envelope((now * 1_000).ToString(CultureInfo.InvariantCulture));

    private string Result(Action<JsonObject>? change = null)
    {
        var result = new JsonObject
        {
            ["subaccount_id"] = Account,
            ["maintenance_margin"] = "1234.5",
            ["initial_margin"] = "800.25",
            ["subaccount_value"] = "5100",
            ["is_delayed_liquidation"] = false,
            ["margin_type"] = "PM2",
            ["risk_universe_id"] = 1,
            ["currency"] = new JsonArray("ETH"),
            ["valuation_timestamp"] = now,
            ["collaterals"] = new JsonArray(new JsonObject { ["asset_name"] = "USDC", ["amount"] = "5000" }),
            ["positions"] = new JsonArray(new JsonObject { ["instrument_name"] = "ETH-20261225-3000-C", ["amount"] = "-2.5" }),
        };
        change?.Invoke(result);
        return Envelope(result.ToJsonString());
    }

    private Task<LocalServer> ServerAsync(string margin, string? clock) => LocalServer.StartAsync((context, request) =>
        Answer(context, 200, request.Path.EndsWith("get_time", StringComparison.Ordinal) ? clock ?? Now() : margin));

    private static async Task Answer(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
    }

    private static async Task<VenueReport> ReadAsync(LocalServer server) => (await ReadAsync(server.Url, [Account]))[0];

    private static async Task<IReadOnlyList<VenueReport>> ReadAsync(Uri server, ulong[] accounts, TimeProvider? time = null)
    {
        using var http = new GuardedHttp(allowPrivate: true, TimeProvider.System);
        var settings = new VenueSettings("derive-v3", new Uri(server, "/v3/"), 60, []);
        var ids = accounts.Select(static id => new VenueAccountId("derive-v3", id.ToString(CultureInfo.InvariantCulture))).ToList();
        return await new VenueReader(new DeriveV3Feed(settings.MaxAgeSeconds), settings, http, time ?? TimeProvider.System).ReadAsync([], ids, CancellationToken.None);
    }

    /// <summary>A clock that stands still until somebody waits, and is then at the end of the wait.</summary>
    private sealed class JumpingTime : TimeProvider
    {
        private readonly DateTimeOffset start = System.GetUtcNow();
        private TimeSpan gone;

        public List<TimeSpan> Slept { get; } = [];

        public void Jump(TimeSpan by) => gone += by;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => gone.Ticks;

        public override DateTimeOffset GetUtcNow() => start + gone;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
            {
                Slept.Add(dueTime);
                gone += dueTime;
                dueTime = TimeSpan.Zero;
            }

            return System.CreateTimer(callback, state, dueTime, period);
        }
    }
}
