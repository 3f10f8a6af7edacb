using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Verbs;

namespace DefiMonitor.Tests.App;

public sealed class DataLockTests
{
    [Fact]
    public async Task Two_monitors_never_run_on_one_data_folder()
    {
        await using var monitor = await MonitorUnderTest.StartAsync();
        var second = await Should.ThrowAsync<CliException>(() => MonitorUnderTest.StartAsync(dataDir: monitor.DataDir));
        second.Message.ShouldContain($"(process {Environment.ProcessId})");
        second.ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Repair_waits_until_the_monitor_is_stopped()
    {
        var monitor = await MonitorUnderTest.StartAsync();
        var run = new Run();
        (await run.VerbAsync(RepairVerb.Create, "repair", "--chain", "ethereum", "--data", monitor.DataDir)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("stop it");

        await monitor.StopAsync();
        var later = new Run();
        (await later.VerbAsync(RepairVerb.Create, "repair", "--chain", "ethereum", "--data", monitor.DataDir)).ShouldBe(ExitCode.Ok);
        later.Out.ShouldContain("dropped");
        Directory.Delete(monitor.DataDir, recursive: true);
    }

    [Fact]
    public async Task A_test_message_beside_a_running_monitor_is_delivered_by_it()
    {
        var settings = new DefiMonitor.Engine.Settings.MonitorSettings
        {
            Chains = [],
            Deployments = [],
            Owners = [],
            Sinks = new() { Sinks = [new DefiMonitor.Engine.Sinks.ConsoleSinkSettings { Name = "console" }] },
        };
        await using var monitor = await MonitorUnderTest.StartAsync(settings);
        var run = new Run();
        (await run.VerbAsync(TestAlertVerb.Create, "test-alert", "--data", monitor.DataDir)).ShouldBe(ExitCode.Ok);
        run.Error.ShouldContain("a monitor is running");
        run.Out.ShouldContain("console: delivered");
        monitor.Console.ToString().ShouldContain("test of the alert path");
    }
}
