using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class AlertsVerbTests : IDisposable
{
    private readonly ConfigFolder folder = new();
    private readonly string data = Directory.CreateTempSubdirectory("defimonitor-data-").FullName;

    [Fact]
    public async Task A_test_goes_the_whole_way_and_its_delivery_is_reported()
    {
        folder.With("sinks.json", $$"""{ "sinks": [ { "kind": "console", "name": "console" }, { "kind": "json-lines", "name": "record", "path": "{{data}}/alerts.jsonl" } ] }""");
        var run = new Run();
        (await run.VerbAsync(TestAlertVerb.Create, "test-alert", "--config", folder.Root, "--data", data)).ShouldBe(ExitCode.Ok);
        run.Out.ShouldContain("console: delivered");
        run.Out.ShouldContain("record: delivered");
        using var line = JsonDocument.Parse((await File.ReadAllLinesAsync(Path.Combine(data, "alerts.jsonl"))).ShouldHaveSingleItem());
        line.RootElement.GetProperty("rule").GetString().ShouldBe("test");

        var list = new Run();
        (await list.VerbAsync(AlertsVerb.Create, "alerts", "list", "--all", "--json", "--data", data)).ShouldBe(ExitCode.Ok);
        using var rows = JsonDocument.Parse(list.Out);
        rows.RootElement.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_sink_that_fails_is_told_and_the_others_are_served()
    {
        folder.With("sinks.json", """
            { "sinks": [ { "kind": "console", "name": "console" },
                         { "kind": "webhook", "name": "bot", "url": "${HOOK}", "secrets": ["${KEY}"], "allowPrivate": true } ] }
            """);
        var run = new Run { Environment = { ["HOOK"] = "http://127.0.0.1:1/very-secret-path", ["KEY"] = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" } };
        (await run.VerbAsync(TestAlertVerb.Create, "test-alert", "--config", folder.Root, "--data", data)).ShouldBe(ExitCode.Found);
        run.Out.ShouldContain("console: delivered");
        run.Out.ShouldContain("bot: NOT delivered");
        (run.Out + run.Error).ShouldNotContain("very-secret-path");

        var only = new Run { Environment = { ["HOOK"] = "http://127.0.0.1:1/", ["KEY"] = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" } };
        (await only.VerbAsync(TestAlertVerb.Create, "test-alert", "--sink", "console", "--level", "critical", "--config", folder.Root, "--data", data, "--verbose")).ShouldBe(ExitCode.Ok, only.Error);
        only.Out.ShouldNotContain("bot:");
    }

    [Theory]
    [InlineData("--sink", "nobody")]
    [InlineData("--level", "loud")]
    [InlineData("--wait", "0")]
    public async Task What_can_t_be_tested_is_told(string option, string value)
    {
        var run = new Run();
        (await run.VerbAsync(TestAlertVerb.Create, "test-alert", option, value, "--data", data)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith($"defimonitor: {option}: ");
    }

    [Fact]
    public async Task A_mistyped_data_folder_does_not_become_a_new_database()
    {
        var run = new Run();
        (await run.VerbAsync(AlertsVerb.Create, "alerts", "list", "--data", Path.Combine(data, "nowhere"))).ShouldBe(ExitCode.Store);
        run.Error.ShouldContain("there is no database");
        Directory.Exists(Path.Combine(data, "nowhere")).ShouldBeFalse();
    }

    [Fact]
    public async Task An_alert_nobody_knows_is_told()
    {
        await new Run().VerbAsync(TestAlertVerb.Create, "test-alert", "--data", data);
        var run = new Run();
        (await run.VerbAsync(AlertsVerb.Create, "alerts", "ack", "ffffffff", "--data", data)).ShouldBe(ExitCode.Found);
        run.Error.ShouldContain("ffffffff");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_one_sentence()
    {
        await File.WriteAllTextAsync(Path.Combine(data, "defimonitor.db"), new string('x', 4096));
        var run = new Run();
        (await run.VerbAsync(AlertsVerb.Create, "alerts", "list", "--data", data)).ShouldBe(ExitCode.Store);
        run.Error.Trim().Split('\n').Length.ShouldBe(1);
        run.Error.ShouldContain("defimonitor.db");
    }

    [Fact]
    public async Task An_unknown_verb_is_told_with_the_near_one()
    {
        var run = new Run();
        (await run.VerbAsync(AlertsVerb.Create, "alrets")).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("did you mean alerts?");
    }

    public void Dispose()
    {
        folder.Dispose();
        Directory.Delete(data, recursive: true);
    }
}
