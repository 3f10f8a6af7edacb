using System.Text;
using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Reading;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Tests.Settings;
using DefiMonitor.Tests.Sinks;

namespace DefiMonitor.Tests.App;

/// <summary>An owner with a loan on a chain and an account at a venue that speaks through an API.</summary>
public sealed class ShowVenueTests : IDisposable
{
    private readonly ConfigFolder folder = new();

    [Theory]
    [InlineData("100", "healthy", ExitCode.Ok)]
    [InlineData("-1", "liquidatable", ExitCode.Ok)]
    [InlineData("much", "unknown", ExitCode.Node)]
    public async Task The_account_stands_beside_the_loan_in_the_venues_own_words(string maintenance, string status, int expected)
    {
        await using var node = await FakeAaveNode.StartAsync(31337, seed: 1);
        FakeAaveNode.Configure(folder, ("a", 31337, node.Http.Url));
        var now = node.Node.Head.Timestamp + 3;
        await using var venue = await LocalServer.StartAsync(async (context, request) =>
        {
            var body = request.Path.EndsWith("get_time", StringComparison.Ordinal) ? $$"""{ "result": {{now * 1_000}} }"""
                : request.Path.EndsWith("get_subaccounts", StringComparison.Ordinal) ? $$"""{ "result": { "wallet": "{{node.Aave.Owners[0]}}", "subaccount_ids": [77, 78] } }""" : $$"""
                { "result": { "subaccount_id": 77, "maintenance_margin": "{{maintenance}}", "initial_margin": "-2", "subaccount_value": "500", "is_delayed_liquidation": true, "margin_type": "SM",
                  "valuation_timestamp": {{now - 1}}, "collaterals": [ { "asset_name": "USDC", "amount": "500" } ], "positions": [] } }
                """;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{node.Aave.Owners[0]}}" } ] }""");
        folder.With("venues.json", $$"""{ "venues": [ { "source": "derive-v3", "url": "{{venue.Url}}", "accounts": [ { "owner": "me", "subaccounts": [77] } ] } ] }""");

        var run = new Run { Time = new FixedClock(now) };
        (await run.VerbAsync(ShowVerb.Create, ["show", "me", "--config", folder.Root, "--data", Path.Combine(folder.Root, "none"), "--json"])).ShouldBe(expected);
        var json = JsonDocument.Parse(run.Out).RootElement;
        var account = json.GetProperty("venues").EnumerateArray().ShouldHaveSingleItem();
        account.GetProperty("account").GetString().ShouldBe("derive-v3/77");
        account.GetProperty("status").GetString().ShouldBe(status);
        account.GetProperty("body").GetString()!.ShouldContain("subaccount_value");
        json.GetProperty("unnamed").EnumerateArray().ShouldHaveSingleItem().GetProperty("accounts").EnumerateArray().Select(static id => id.GetString()).ShouldBe(["78"]);
        json.GetProperty("chains")[0].GetProperty("accounts")[0].GetProperty("agreement").GetString().ShouldBe("equal");

        var text = new Run { Time = new FixedClock(now) };
        await text.VerbAsync(ShowVerb.Create, ["show", "me", "--config", folder.Root, "--data", Path.Combine(folder.Root, "none")]);
        text.Out.ShouldContain("derive-v3/77  ");
        text.Out.ShouldContain($"derive-v3: {node.Aave.Owners[0]} has accounts that venues.json does not name: 78");
        if (status == "unknown")
        {
            text.Out.ShouldContain("maintenance_margin is not a number in quotes");
            return;
        }

        text.Out.ShouldContain("holds       500 USDC");
        text.Out.ShouldContain("delayed     the venue judges it by margins that it has lowered");
        text.Out.ShouldContain("UTC by the venue's own clock");
    }

    [Theory]
    [InlineData("""{ "source": "derive-v9", "accounts": [] }""", "venues[0].source")]
    [InlineData("""{ "source": "derive-v3", "url": "http://example.org/", "accounts": [] }""", "venues[0].url")]
    [InlineData("""{ "source": "derive-v3", "maxAgeSeconds": 0, "accounts": [] }""", "venues[0].maxAgeSeconds")]
    [InlineData("""{ "source": "derive-v3", "subaccounts": [1], "accounts": [] }""", "venues[0].subaccounts")]
    [InlineData("""{ "source": "derive-v3", "accounts": [ { "owner": "you", "subaccounts": [1] } ] }""", "venues[0].accounts[0].owner")]
    [InlineData("""{ "source": "derive-v3", "accounts": [ { "owner": "me", "subaccounts": ["1"] } ] }""", "venues[0].accounts[0].subaccounts[0]")]
    [InlineData("""{ "source": "derive-v3", "accounts": [ { "owner": "me" } ] }""", "venues[0].accounts[0].subaccounts")]
    [InlineData("""{ "source": "derive-v3", "accounts": [ { "owner": "me", "subaccounts": [1, 2, 1] } ] }""", "venues[0].accounts")]
    public void What_is_wrong_in_the_file_is_told_with_its_key(string entry, string path)
    {
        folder.With("owners.json", """{ "owners": [ { "name": "me", "address": "0x00000000000000000000000000000000000a11c0" } ] }""");
        folder.With("venues.json", $$"""{ "venues": [ {{entry}} ] }""");
        folder.OnlyProblem("venues.json", path);
    }

    [Fact]
    public void An_account_without_figures_is_shown_as_unknown_and_no_figure_is_made_up()
    {
        var report = new VenueReport { Account = new VenueAccountId("derive-v3", "77"), Status = MarginStatus.Unknown, UnknownReason = "It is silent.", ReadAt = 1 };
        VenueText.Lines(report).ShouldBe(["derive-v3/77  UNKNOWN", "  unknown     It is silent."]);
    }

    [Theory]
    [InlineData(MarginStatus.Healthy, true)]
    [InlineData(MarginStatus.Liquidatable, true)]
    [InlineData(MarginStatus.Unknown, false)]
    public void What_still_stands_in_v2_is_legacy_once_v3_answers_for_the_owner(MarginStatus v3, bool isLegacy)
    {
        var block = new BlockHeader(1, default, default, 1);
        AccountReading Of(string family, MarginStatus status)
        {
            var id = new MarginAccountId(new DeploymentId(family, new ChainId(957), "core"), "12");
            var report = new MarginReport { Account = id, Block = block, At = new Instant(1), Status = status, AccruedAt = 1_750_000_000 };
            return new AccountReading(id, report, report, new Agreement(AgreementKind.Equal, "", [], null));
        }

        VenueReport[] venues = [new VenueReport { Account = new VenueAccountId("derive-v3", "77"), Status = v3, ReadAt = 1, ValuedAt = 1_760_000_000 }];
        AccountReading[] accounts = [Of("derive-v2", MarginStatus.Unknown), Of("derive-v2", MarginStatus.Healthy), Of("lyra-v1", MarginStatus.Unknown)];
        var legacy = OwnerVenues.Legacy(accounts, venues);
        legacy.ShouldBe(isLegacy ? [accounts[0]] : []);
        var lines = VenueText.Lines(venues, legacy).ToList();
        lines.Any(static line => line.StartsWith("legacy, unconfirmed: derive-v2/eip155:957/core/12.", StringComparison.Ordinal)).ShouldBe(isLegacy);
        lines.Contains("  accrued     derive-v2/eip155:957/core: interest last at 2025-06-15 15:06:40 UTC, which a keeper can have done where nobody trades; v3 valued the owner's accounts at 2025-10-09 08:53:20 UTC").ShouldBe(isLegacy);
    }

    public void Dispose() => folder.Dispose();
}
