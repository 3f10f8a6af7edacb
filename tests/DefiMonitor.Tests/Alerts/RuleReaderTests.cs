using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Alerts;

public sealed class RuleReaderTests
{
    private static readonly OwnerSettings Me = new() { Name = "me", Addresses = [Address.Parse(Samples.Alice)] };

    [Fact]
    public void The_shipped_file_says_what_the_program_does_without_it()
    {
        var problems = new List<SettingsProblem>();
        var text = File.ReadAllText(Path.Combine(SettingsFolder.ShippedRoot, "rules.json"));
        var book = RuleReader.Read(Samples.Root("rules.json", text, problems), []);
        problems.ShouldBeEmpty();
        book.Levels.ShouldBe(RuleBook.Default.Levels);
        (book with { Levels = RuleBook.Default.Levels, Owners = RuleBook.Default.Owners }).ShouldBe(RuleBook.Default);
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var (book, problems) = Read("""
            {
              "levels": [ { "level": "warning", "sigmas": 4 }, { "level": "critical", "healthFactor": "1.05", "sigmas": 0.5 } ],
              "hysteresis": 1.5, "unknownAfterBlocks": 5, "unknownAfterSeconds": 90, "lateFactor": 10, "lateMinimumSeconds": 30,
              "loopDeadAfterSeconds": 60, "outboxStuckAfterSeconds": 70, "minimumDebt": 0,
              "quietHours": { "from": "23:00", "to": "07:30", "timezone": "Europe/Berlin" },
              "owners": [ { "owner": "me", "levels": [ { "level": "danger", "healthFactor": "1.3" } ] }, { "owner": "0x00000000000000000000000000000000000A11cE", "minimumDebt": 500 } ]
            }
            """);
        problems.ShouldBeEmpty();
        book.Levels.ShouldBe([new LevelRule(AlertLevel.Warning, 4), new LevelRule(AlertLevel.Critical, 0.5, Units.Parse("1.05", 18))]);
        (book.Hysteresis, book.UnknownAfterBlocks, book.LateFactor, book.MinimumDebt).ShouldBe((1.5, 5UL, 10.0, 0UL));
        book.QuietHours!.To.ShouldBe(new TimeOnly(7, 30));
        book.LevelsOf(Samples.Account("0x02"), "Me").ShouldBe([new LevelRule(AlertLevel.Danger, null, Units.Parse("1.3", 18))]);
        book.MinimumDebtOf(Samples.Account(), "me").ShouldBe(500UL);
    }

    [Theory]
    [InlineData("""{ "level": [] }""", "level", "did you mean levels?")]
    [InlineData("""{ "levels": [ { "level": "warnin", "sigmas": 1 } ] }""", "levels[0].level", "did you mean warning?")]
    [InlineData("""{ "levels": [ { "level": "liquidatable", "sigmas": 1 } ] }""", "levels[0].level", "told whatever the rules say")]
    [InlineData("""{ "levels": [ { "sigmas": 1 } ] }""", "levels[0].level", "this key is missing")]
    [InlineData("""{ "levels": [ { "level": "danger" } ] }""", "levels[0].sigmas", "this level has no threshold")]
    [InlineData("""{ "levels": [ { "level": "danger", "healthFactor": "0.9" } ] }""", "levels[0].healthFactor", "above 1")]
    [InlineData("""{ "levels": [ { "level": "danger", "healthFactor": 1.2 } ] }""", "levels[0].healthFactor", "in quotes")]
    [InlineData("""{ "levels": [ { "level": "danger", "sigmas": -1 } ] }""", "levels[0].sigmas", "out of range")]
    [InlineData("""{ "levels": [ { "level": "warning", "sigmas": 1 }, { "level": "critical", "sigmas": 2 } ] }""", "levels", "swap the two")]
    [InlineData("""{ "hysteresis": 0.9 }""", "hysteresis", "from 1 to 5")]
    [InlineData("""{ "quietHours": { "from": "25:00", "to": "07:00", "timezone": "UTC" } }""", "quietHours.from", "no time of day")]
    [InlineData("""{ "quietHours": { "from": "07:00", "to": "07:00", "timezone": "UTC" } }""", "quietHours.to", "two different times")]
    [InlineData("""{ "quietHours": { "from": "23:00", "to": "07:00", "timezone": "Mars/Olympus" } }""", "quietHours.timezone", "no time zone")]
    [InlineData("""{ "owners": [ { "owner": "mee" } ] }""", "owners[0].owner", "did you mean me?")]
    [InlineData("""{ "owners": [ { "owner": "me" }, { "owner": "me" } ] }""", "owners[1].owner", "has rules already")]
    public void What_is_wrong_is_named_with_its_key_and_what_to_write(string json, string path, string says)
    {
        var problem = Read(json).Problems.ShouldHaveSingleItem();
        (problem.File, problem.Path).ShouldBe(("rules.json", path));
        problem.Text.ShouldContain(says);
    }

    private static (RuleBook Book, List<SettingsProblem> Problems) Read(string json)
    {
        var problems = new List<SettingsProblem>();
        return (RuleReader.Read(Samples.Root("rules.json", json, problems), [Me]), problems);
    }
}
