using System.Text.Json;
using DefiMonitor.App.Verbs;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.App;

namespace DefiMonitor.Tests.Replay;

/// <summary>The main job, as its user runs it: the shipped tape, real contracts, the loops of a live run.</summary>
public sealed class DemoTests
{
    private static readonly string[] Keys =
    [
        "accounts", "blocks", "liquidations", "alertedBefore", "missed", "zeroLead", "leadSecondsP10", "leadSecondsP50", "falseAlerts", "retracted", "messages",
        "messagesPerAccountDay", "reorgs", "unreadableBlocks", "naiveMissed", "p99BlockMs",
    ];

    [Fact]
    public async Task The_demo_misses_nobody_and_cries_wolf_at_nobody()
    {
        var run = new Run();
        (await run.VerbAsync(DemoVerb.Create, "demo", "--fast", "--json")).ShouldBe(0);
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var summary = JsonDocument.Parse(lines[^1]);
        summary.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(Keys);
        int Of(string key) => summary.RootElement.GetProperty(key).GetInt32();
        Of("accounts").ShouldBeGreaterThanOrEqualTo(40);
        Of("liquidations").ShouldBeGreaterThanOrEqualTo(8);
        Of("missed").ShouldBe(0);
        Of("falseAlerts").ShouldBe(0);
        Of("zeroLead").ShouldBe(1, "the price gap");
        Of("alertedBefore").ShouldBe(Of("liquidations") - 1);
        Of("retracted").ShouldBeGreaterThanOrEqualTo(1);
        Of("reorgs").ShouldBe(1);
        Of("unreadableBlocks").ShouldBeGreaterThanOrEqualTo(1);
        Of("naiveMissed").ShouldBeGreaterThanOrEqualTo(1);
        run.Error.ShouldNotContain("no answer on this tape");

        var messages = lines[..^1].Select(AlertJson.Read).ToList();
        messages.Count.ShouldBe(Of("messages"));
        messages.Select(m => m.MessageId).Distinct().Count().ShouldBe(messages.Count, "no message is sent twice");
        messages.ShouldAllBe(m => m.Confirmation == null || m.Confirmation.State != "disputed");
        messages.ShouldContain(m => m.Rule == "blind");
        messages.ShouldContain(m => m.State == "retracted" && m.Rule == "liquidated");
    }

    [Theory]
    [InlineData("two-protocols", 13, "on-both", "aave-v3", "morpho-blue")]
    [InlineData("options", 5, "writer", "aave-v3", "lyra-v1")]
    public async Task The_other_tapes_tell_one_owner_of_two_venues_before_each_liquidation(string name, int liquidations, string owner, params string[] families)
    {
        var run = new Run();
        (await run.VerbAsync(DemoVerb.Create, "demo", "--tape", name, "--fast", "--json")).ShouldBe(0);
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var summary = JsonDocument.Parse(lines[^1]);
        summary.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(Keys);
        int Of(string key) => summary.RootElement.GetProperty(key).GetInt32();
        Of("liquidations").ShouldBe(liquidations);
        Of("alertedBefore").ShouldBe(liquidations);
        Of("missed").ShouldBe(0);
        Of("falseAlerts").ShouldBe(0);
        Of("naiveMissed").ShouldBeGreaterThan(0, "it sees no venue without a health factor of its own");
        run.Error.ShouldNotContain("no answer on this tape");

        var messages = lines[..^1].Select(AlertJson.Read).ToList();
        messages.Count.ShouldBe(Of("messages"));
        messages.ShouldAllBe(m => m.Confirmation == null || m.Confirmation.State != "disputed");
        foreach (var family in families)
        {
            var own = messages.Where(m => m.OwnerName == owner && m.Subject.Key.StartsWith(family + "/", StringComparison.Ordinal)).ToList();
            var taken = own.FindIndex(static m => m.Rule == "liquidated");
            taken.ShouldBeGreaterThan(0, $"{owner} in {family}");
            own.Take(taken).Select(static m => m.Level).ShouldContain("critical");
        }

        // Who does what the page names is not liquidated anywhere; who can't be liquidated hears nothing.
        messages.Where(static m => m.OwnerName?.Contains("acts", StringComparison.Ordinal) == true).ShouldAllBe(static m => m.Rule != "liquidated" && m.Level != "liquidatable");
        messages.ShouldContain(static m => m.OwnerName != null && m.OwnerName.Contains("acts", StringComparison.Ordinal) && m.Level == "critical");
        messages.ShouldAllBe(static m => m.Rule == "distance" || m.Rule == "liquidated", "no governor did anything");
        messages.ShouldNotContain(static m => m.OwnerName == "covered" || m.OwnerName == "holder" || m.OwnerName == "far-away");
    }

    [Fact]
    public async Task A_bought_back_option_is_named_and_not_its_neighbour()
    {
        var run = new Run();
        await run.VerbAsync(DemoVerb.Create, "demo", "--tape", "options", "--fast");
        run.Out.ShouldContain("LIQUIDATED: strangle");
        run.Out.Split('\n').Single(static l => l.Contains("LIQUIDATED: strangle", StringComparison.Ordinal)).ShouldContain("5 sETH 2,000 put");
    }

    [Fact]
    public async Task A_tape_that_is_not_shipped_is_told_with_those_that_are()
    {
        var run = new Run();
        (await run.VerbAsync(DemoVerb.Create, "demo", "--tape", "moon", "--fast")).ShouldBe(2);
        run.Error.ShouldContain("\"moon\"");
        run.Error.ShouldContain("crash, two-protocols, options");
    }

    [Fact]
    public async Task The_twin_who_acts_keeps_more_than_the_twin_who_ignores()
    {
        var run = new Run();
        await run.VerbAsync(DemoVerb.Create, "demo", "--fast");
        run.Out.ShouldContain("twin-ignores: began with");
        run.Out.ShouldContain("was liquidated once");
        run.Out.ShouldContain("lost 0.00 USD to liquidation");
        run.Out.ShouldContain("Acting on the page was worth");
    }

    [Fact]
    public async Task Other_rules_tell_another_story_of_the_same_tape()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "rules.json"), """{ "levels": [ { "level": "critical", "healthFactor": "1.001" } ] }""");
            var tape = Path.Combine(AppContext.BaseDirectory, "tapes", "eth-2021-05-19.tape");
            var run = new Run();
            (await run.VerbAsync(ReplayVerb.Create, "replay", tape, "--config", folder.FullName, "--json")).ShouldBe(1, "such rules miss people, and the exit code says so");
            using var summary = JsonDocument.Parse(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
            summary.RootElement.GetProperty("missed").GetInt32().ShouldBeGreaterThan(0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_tape_cut_in_half_is_one_sentence()
    {
        var half = Path.GetTempFileName();
        try
        {
            var whole = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "tapes", "eth-2021-05-19.tape"));
            await File.WriteAllBytesAsync(half, whole[..(whole.Length / 2)]);
            var run = new Run();
            (await run.VerbAsync(ReplayVerb.Create, "replay", half)).ShouldBe(2);
            run.Error.ShouldContain(Path.GetFileName(half));
            run.Error.ShouldNotContain("Exception");
            run.Out.ShouldBeEmpty();
        }
        finally
        {
            File.Delete(half);
        }
    }
}
