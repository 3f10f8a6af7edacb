using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Feeds;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

/// <summary><c>show</c> with a feed that is held against the market.</summary>
public sealed class ShowFeedsTests : IDisposable
{
    private readonly ConfigFolder folder = new();

    [Fact]
    public async Task An_update_that_is_due_is_told_with_the_health_that_it_would_leave()
    {
        await using var node = await StartAsync(marketPpm: 900_000);
        var (code, json, text) = await ShowAsync(node);
        code.ShouldBe(ExitCode.Ok, text);
        var chain = json.GetProperty("chains")[0];
        var feed = chain.GetProperty("feeds").EnumerateArray().ShouldHaveSingleItem();
        feed.GetProperty("due").GetString().ShouldBe("deviation");
        feed.GetProperty("apartPpm").GetUInt64().ShouldBe(100_000u);
        feed.GetProperty("marketIsHigher").GetBoolean().ShouldBeFalse();
        var account = chain.GetProperty("accounts")[0];
        var next = account.GetProperty("nextPrice");
        next.GetProperty("tag").GetString().ShouldBe("model");
        next.GetProperty("feeds")[0].GetString().ShouldBe(FeedSamples.Feed.ToString());

        // The verdict is what the contract says now; the outlook is what it says once the price is written.
        account.GetProperty("agreement").GetString().ShouldBe("equal");
        account.GetProperty("report").GetProperty("tag").GetString().ShouldBe("exact");
        node.Aave.Reserves[0].Price = Market(node, 900_000);
        node.Aave.NextBlock();
        node.Node.MineAfter(12);
        var (_, later, _) = await ShowAsync(node);
        later.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("report").GetProperty("healthFactor").GetString().ShouldBe(next.GetProperty("healthFactor").GetString());

        text.ShouldContain("feed ETH / USD: oracle ");
        text.ShouldContain("(-10.00 %); band 0.50 %, heartbeat 60 min: an update is due");
        text.ShouldContain("(model) if ETH / USD is written at ");
    }

    [Fact]
    public async Task The_cap_before_a_price_is_told_with_the_room_that_is_left()
    {
        await using var node = await StartAsync(marketPpm: 1_000_000);
        var wrapped = node.Aave.Reserves[^1];
        var who = node.Aave.Owners.First(o => node.Aave.User(o).Configuration.Uses(wrapped.Id)).ToString();
        var (_, json, text) = await ShowAsync(node, who);
        var cap = json.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("priceCaps").EnumerateArray().ShouldHaveSingleItem();
        cap.GetProperty("symbol").GetString().ShouldBe("wstETH");
        cap.GetProperty("cap").GetProperty("isCapped").GetBoolean().ShouldBeFalse();
        text.ShouldContain("price cap   wstETH: ratio 1.200000 of at most 1.2000");
        node.Aave.RatioCap = UInt256.Pow10(18) * 13u / 10u;
        node.Aave.NextBlock();
        node.Node.MineAfter(12);
        (_, json, text) = await ShowAsync(node, who);
        json.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("priceCaps")[0].GetProperty("cap").GetProperty("isCapped").GetBoolean().ShouldBeTrue();
        text.ShouldContain("CAPPED, free in ");
    }

    [Fact]
    public async Task A_market_that_can_not_be_read_is_unknown_and_takes_nothing_away()
    {
        await using var node = await StartAsync(marketPpm: null);
        var (code, json, text) = await ShowAsync(node);
        code.ShouldBe(ExitCode.Ok, text);
        json.GetProperty("chains")[0].GetProperty("feeds")[0].GetProperty("due").GetString().ShouldBe("unknown");
        json.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("nextPrice").ValueKind.ShouldBe(JsonValueKind.Null);
        text.ShouldContain("UNKNOWN: the market's price could not be read");
        text.ShouldNotContain("next price");
    }

    [Theory]
    [InlineData("\"pool\": \"0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640\", \"feed\": \"0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640\"", "feeds[0].market.pool", "one of two")]
    [InlineData("\"feed\": \"0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640\", \"twap\": 60", "feeds[0].market.twap", "not known")]
    [InlineData("\"pool\": \"0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640\", \"base\": \"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\", \"baseDecimals\": 18, \"quoteDecimals\": 6", "feeds[0].market.quote", "missing")]
    public void A_market_source_that_is_no_source_is_complained_of(string market, string path, string says)
    {
        folder.With("chains/devnet.json", ConfigFolder.Devnet).With("assets/feeds.json", Feed(FeedSamples.Weth, market));
        folder.OnlyProblem("assets/feeds.json", path).Text.ShouldContain(says);
    }

    [Fact]
    public void A_token_hangs_on_one_feed()
    {
        var one = Feed(FeedSamples.Weth, $"\"feed\": \"{FeedSamples.Second}\"");
        folder.With("chains/devnet.json", ConfigFolder.Devnet).With("assets/a.json", one);
        folder.Load().Need().Assets.Feeds.ShouldHaveSingleItem().HeartbeatSeconds.ShouldBe(3_600u);

        // The same feed in a later file takes its place; another feed of the same token does not.
        folder.With("assets/b.json", one.Replace("3600", "60", StringComparison.Ordinal));
        folder.Load().Need().Assets.Feeds.ShouldHaveSingleItem().HeartbeatSeconds.ShouldBe(60u);
        folder.With("assets/b.json", one.Replace(FeedSamples.Feed.ToString(), FeedSamples.Pool.ToString(), StringComparison.Ordinal));
        folder.OnlyProblem("assets/b.json", "feeds[0].tokens").Text.ShouldContain("ETH / USD");
    }

    public void Dispose() => folder.Dispose();

    private static UInt256 Market(FakeAaveNode node, uint ppm) => UInt256.MulDiv(node.Aave.Reserves[0].Price, ppm, 1_000_000u, Rounding.Down);

    private static string Feed(Address token, string market) =>
        $$"""{ "feeds": [ { "chain": "eip155:31337", "name": "ETH / USD", "feed": "{{FeedSamples.Feed}}", "deviationBps": 50, "heartbeatSeconds": 3600, "tokens": ["{{token}}"], "market": { {{market}} } } ] }""";

    private async Task<FakeAaveNode> StartAsync(uint? marketPpm)
    {
        var node = await FakeAaveNode.StartAsync(31337, seed: 1);
        FakeAaveNode.Configure(folder, ("a", 31337, node.Http.Url));
        folder.With("assets/feeds.json", Feed(node.Aave.Reserves[0].Asset, $"\"feed\": \"{FeedSamples.Second}\""));
        var oracle = node.Aave.Reserves[0].Price;
        var rest = node.Node.OnCall!;
        node.Node.OnCall = (call, at) =>
            call.Equals(FeedSamples.Round(FeedSamples.Feed)) ? FeedSamples.RoundOf(node.Aave.Reserves[0].Price, node.Aave.Header.Timestamp - 60)
            : call.Equals(FeedSamples.Round(FeedSamples.Second)) ? marketPpm is { } ppm ? FeedSamples.RoundOf(UInt256.MulDiv(oracle, ppm, 1_000_000u, Rounding.Down), node.Aave.Header.Timestamp) : AbiWords.Reverted
            : rest(call, at);
        return node;
    }

    private async Task<(int Code, JsonElement Json, string Text)> ShowAsync(FakeAaveNode node, string? owner = null)
    {
        // Somebody who has the token that the feed prices.
        var who = owner ?? node.Aave.Owners.First(o => node.Aave.User(o).Configuration.Uses(node.Aave.Reserves[0].Id)).ToString();
        var json = new Run { Time = new FixedClock(node.Node.Head.Timestamp + 3) };
        var code = await json.VerbAsync(ShowVerb.Create, "show", who, "--config", folder.Root, "--json");
        var text = new Run { Time = new FixedClock(node.Node.Head.Timestamp + 3) };
        (await text.VerbAsync(ShowVerb.Create, "show", who, "--config", folder.Root)).ShouldBe(code, text.Error);
        return (code, JsonDocument.Parse(json.Out).RootElement, text.Out);
    }
}
