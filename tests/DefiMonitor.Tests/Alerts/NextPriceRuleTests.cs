using System.Text.Json;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Alerts;

public sealed class NextPriceRuleTests
{
    [Fact]
    public void What_the_due_price_makes_liquidatable_is_told_once_and_is_over_when_it_no_longer_does()
    {
        var rig = new JudgeRig { Outlook = Falls("0.98") };
        var told = rig.See(Samples.EthUsdc("2000", 100)).ShouldHaveSingleItem();
        told.Rule.ShouldBe(Rules.NextPrice);
        told.Kind.ShouldBe(TransitionKind.Opened);
        told.Level.ShouldBe(AlertLevel.Critical);
        told.WakesPeople.ShouldBeTrue();
        told.Title.ShouldContain("can be liquidated at the next price; health factor 1.6000 now, health factor 0.9800 then (a model)");
        told.Lines.ShouldContain(static l => l.StartsWith("Next price (a model): ETH / USD 2,000.0000 -> 1,225.0000 (-38.75 %; outside its band, an update is due): health factor 0.9800 then.", StringComparison.Ordinal));
        told.Report!.Tag.ShouldBe(ResultTag.Exact);
        told.Report.HealthFactor.ShouldBe(Samples.EthUsdc("2000", 100).HealthFactor);

        rig.See(Samples.EthUsdc("2000", 101)).ShouldBeEmpty();

        // Just above the edge at the market's price it is held, whether an update is due or not.
        rig.Outlook = Calm("1.004");
        rig.See(Samples.EthUsdc("2000", 102)).ShouldBeEmpty();
        rig.Outlook = Calm("1.006");
        var over = rig.See(Samples.EthUsdc("2000", 103)).ShouldHaveSingleItem();
        over.Kind.ShouldBe(TransitionKind.Resolved);
        over.AlertId.ShouldBe(told.AlertId);
        over.WakesPeople.ShouldBeFalse();
        over.Lines[0].ShouldContain("Nothing was cleared");
    }

    [Fact]
    public void What_can_not_be_read_ends_nothing()
    {
        var rig = new JudgeRig { Outlook = Falls("0.98") };
        rig.See(Samples.EthUsdc("2000", 100)).Count.ShouldBe(1);
        rig.Outlook = Calm("1.6") with { IsUnknown = true };
        rig.See(Samples.EthUsdc("2000", 101)).ShouldBeEmpty();
        rig.Outlook = null;
        rig.See(Samples.Unknown(102)).ShouldBeEmpty();
        rig.Alert(Rules.NextPrice)!.IsOpen.ShouldBeTrue();

        // What is known to fall raises it all the same.
        var other = new JudgeRig { Outlook = Falls("0.98") with { IsUnknown = true } };
        other.See(Samples.EthUsdc("2000", 100)).ShouldHaveSingleItem().Rule.ShouldBe(Rules.NextPrice);
    }

    [Fact]
    public void Once_it_has_landed_the_distance_tells_and_the_outlook_stays_as_it_was()
    {
        var rig = new JudgeRig { Outlook = Falls("0.98") };
        rig.See(Samples.EthUsdc("2000", 100));
        rig.Outlook = Calm("0.98");
        var landed = rig.See(Samples.EthUsdc("1225", 101)).ShouldHaveSingleItem();
        landed.Rule.ShouldBe(Rules.Distance);
        landed.Level.ShouldBe(AlertLevel.Liquidatable);
        rig.Alert(Rules.NextPrice)!.IsOpen.ShouldBeTrue();
        rig.Outlook = Calm("1.6");
        rig.See(Samples.EthUsdc("2000", 102)).Select(static t => (t.Rule, t.Kind)).ShouldBe([(Rules.Distance, TransitionKind.Resolved), (Rules.NextPrice, TransitionKind.Resolved)]);
    }

    /// <summary>Whatever is foreseen, every other rule says what it would have said.</summary>
    [Fact]
    public void An_outlook_has_no_say_in_any_other_alert()
    {
        var random = new Random(5);
        var with = new JudgeRig();
        var without = new JudgeRig();
        var foreseen = 0;
        for (var block = 100UL; block < 400; block++)
        {
            var report = random.Next(10) == 0 ? Samples.Unknown(block) : Samples.EthUsdc($"{random.Next(1_100, 2_100)}", block);
            with.Outlook = random.Next(4) switch
            {
                0 => null,
                1 => Calm("1.2"),
                2 => Falls("1.2"),
                _ => Falls("0.9"),
            };
            var told = with.See(report);
            foreseen += told.Count(static t => t.Rule == Rules.NextPrice);
            told.ShouldAllBe(static t => t.Rule != Rules.NextPrice || t.Level <= AlertLevel.Critical);
            told.Where(static t => t.Rule != Rules.NextPrice).Select(static t => (t.AlertId, t.Number, t.Kind, t.Level, t.Title)).ShouldBe(
                without.See(report).Select(static t => (t.AlertId, t.Number, t.Kind, t.Level, t.Title)));
        }

        foreseen.ShouldBeGreaterThan(20);
        with.Alerts.Where(static a => a.Key.Rule != Rules.NextPrice).ShouldBe(without.Alerts, ignoreOrder: true);
    }

    [Theory]
    [InlineData("off", AlertLevel.None)]
    [InlineData("warning", AlertLevel.Warning)]
    [InlineData("critical", AlertLevel.Critical)]
    public void The_rules_say_how_loud_it_is(string word, AlertLevel level)
    {
        var problems = new List<DefiMonitor.Engine.Settings.SettingsProblem>();
        var rules = RuleReader.Read(Samples.Root("rules.json", $$"""{ "nextPrice": "{{word}}" }""", problems), []);
        problems.ShouldBeEmpty();
        var rig = new JudgeRig(rules) { Outlook = Falls("0.98") };
        rig.See(Samples.EthUsdc("2000", 100)).Select(static t => t.Level).ShouldBe(level == AlertLevel.None ? [] : [level]);
        RuleReader.Read(Samples.Root("rules.json", """{ "nextPrice": "liquidatable" }""", problems), []);
        problems.ShouldHaveSingleItem().Path.ShouldBe("nextPrice");
    }

    [Fact]
    public void Programs_receive_it_as_the_schema_says()
    {
        var rig = new JudgeRig { Outlook = Falls("0.98") };
        var told = rig.See(Samples.EthUsdc("2000", 100)).ShouldHaveSingleItem();

        // As the store keeps it.
        var stored = StoreJson.Read<AlertTransition>(StoreJson.Write(told));
        var json = AlertJson.Write(AlertJson.Of(new StoredTransition(7, stored, DateTimeOffset.FromUnixTimeSeconds(1_800_000_000))));
        using var document = JsonDocument.Parse(json);
        JsonShape.Faults(JsonDocument.Parse(File.ReadAllBytes(Path.Combine(DefiMonitor.Tests.Vectors.VectorFiles.RepositoryRoot, "docs", "alert.v1.schema.json"))).RootElement, document.RootElement).ShouldBeEmpty(json);
        var next = document.RootElement.GetProperty("nextPrice");
        next.GetProperty("tag").GetString().ShouldBe("model");
        next.GetProperty("status").GetString().ShouldBe("liquidatable");
        next.GetProperty("healthFactor").GetString().ShouldBe("980000000000000000");
        next.GetProperty("feeds")[0].GetProperty("due").GetString().ShouldBe("deviation");
        document.RootElement.GetProperty("status").GetString().ShouldBe("healthy");
    }

    private static PriceOutlook Falls(string health)
    {
        var then = Units.Parse(health, 18);
        return new PriceOutlook
        {
            Feeds = [new OutlookFeed("ETH / USD", Samples.Token("WETH"), 8, 2_000_00000000u, 1_225_00000000u, 387_500, false, FeedDue.Deviation)],
            Status = then < FixedPoint.Wad ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            HealthFactor = then,
            HealthAtMarket = then,
        };
    }

    private static PriceOutlook Calm(string atMarket) => new() { Feeds = [], HealthAtMarket = Units.Parse(atMarket, 18) };
}
