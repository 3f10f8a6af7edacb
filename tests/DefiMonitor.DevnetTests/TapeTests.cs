using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Alerting;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

public sealed class TapeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan ToRecord = TimeSpan.FromMinutes(15);

    [Theory]
    [InlineData("eth-2021-05-19", "scenario.mjs", "--alerts")]
    [InlineData("eth-2021-05-19-two-protocols", "crash.mjs", "--story", "two-protocols")]
    [InlineData("eth-2021-05-19-options", "crash.mjs", "--story", "options")]
    public async Task A_tape_recorded_again_says_the_same(string name, string script, params string[] options)
    {
        var shipped = Path.Combine(Repository.Root, "tapes", $"{name}.tape");
        var folder = Directory.CreateTempSubdirectory("defimonitor-tape-");
        try
        {
            var again = Path.Combine(folder.FullName, "again.tape");
            var watch = Stopwatch.StartNew();
            var summary = await RecordAsync(again, script, options);
            output.WriteLine($"recorded {summary.GetProperty("blocks")} blocks in {watch.Elapsed.TotalSeconds:0} s, {new FileInfo(again).Length:N0} bytes (shipped: {new FileInfo(shipped).Length:N0})");
            watch.Restart();
            var (first, firstSummary) = await ReplayAsync(shipped);
            var (second, secondSummary) = await ReplayAsync(again);
            output.WriteLine($"replayed both in {watch.Elapsed.TotalSeconds:0} s: {firstSummary.ToJsonString()}");
            second.ShouldBe(first);
            secondSummary.ToJsonString().ShouldBe(firstSummary.ToJsonString());
            firstSummary["missed"]!.GetValue<int>().ShouldBe(0);
            firstSummary["liquidations"]!.GetValue<int>().ShouldBe(summary.GetProperty("liquidations").GetArrayLength());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The story through our own recorder, as record-demo-tape.sh does it.</summary>
    private static async Task<JsonElement> RecordAsync(string tape, string script, string[] options)
    {
        await using var scenario = ChildProcess.Start(
            "The scenario",
            "node",
            [Repository.DevnetScript(script), .. options, "--out", tape, "--record", $"dotnet '{Repository.Program}' record --json --all-logs"],
            Repository.Devnet);
        var (code, lines) = await scenario.FinishAsync(ToRecord);
        code.ShouldBe(0, scenario.Complaints);
        return JsonDocument.Parse(lines[^1]).RootElement;
    }

    /// <summary>What the monitor says of a tape: its alerts without the names of messages and blocks, and the summary without times of ours.</summary>
    private static async Task<(List<string> Alerts, JsonObject Summary)> ReplayAsync(string tape)
    {
        var spoken = new StringWriter();
        var error = new StringWriter();
        var code = await CommandLineProgram.RunAsync(
            ["replay", tape, "--json"], new Terminal { Out = spoken, Error = error, Environment = static _ => null }, [ReplayVerb.Create], CancellationToken.None);
        code.ShouldBe(ExitCode.Ok, error.ToString());
        error.ToString().ShouldNotContain("have no answer on this tape");
        var lines = spoken.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var summary = JsonNode.Parse(lines[^1])!.AsObject();
        summary.Remove("p99BlockMs").ShouldBeTrue();
        return ([.. lines[..^1].Select(static line => AlertJson.Write(AlertJson.Read(line)))], summary);
    }
}
