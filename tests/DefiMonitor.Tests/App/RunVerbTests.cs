using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Verbs;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class RunVerbTests : IDisposable
{
    private readonly ConfigFolder folder = new();
    private readonly string data = Directory.CreateTempSubdirectory("defimonitor-data-").FullName;

    [Fact]
    public async Task It_judges_real_contracts_until_it_is_stopped_and_ends_well()
    {
        await using var node = await TapeNode.StartAsync();
        using var stop = new CancellationTokenSource();
        var run = new Run();
        var ended = run.VerbAsync(RunVerb.Create, stop.Token, "run", "--rpc", node.Url, "--config", node.Config.Root, "--data", data, "--urls", "none");
        await JudgedAsync(ended, accounts: 90);
        await stop.CancelAsync();
        (await ended).ShouldBe(ExitCode.Ok);

        // Started again it goes on; the data folder is free.
        using var again = new CancellationTokenSource();
        ended = new Run().VerbAsync(RunVerb.Create, again.Token, "run", "--rpc", node.Url, "--config", node.Config.Root, "--data", data, "--urls", "none");
        await JudgedAsync(ended, accounts: 90);
        await again.CancelAsync();
        (await ended).ShouldBe(ExitCode.Ok);
    }

    [Fact]
    public async Task Nothing_to_follow_is_told_at_once()
    {
        var run = new Run();
        (await run.VerbAsync(RunVerb.Create, "run", "--config", folder.Root, "--data", data)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("defimonitor init");
    }

    [Fact]
    public async Task A_wrong_configuration_does_not_start()
    {
        folder.With("chains/devnet.json", ConfigFolder.Devnet).With("sinks.json", """{ "sink": [] }""");
        var run = new Run();
        (await run.VerbAsync(RunVerb.Create, "run", "--config", folder.Root, "--data", data)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain($"{folder.Root}/sinks.json line 1: sink: ");
        Directory.EnumerateFileSystemEntries(data).ShouldBeEmpty();
    }

    [Fact]
    public async Task Beyond_this_machine_it_listens_only_with_a_token()
    {
        folder.With("chains/devnet.json", ConfigFolder.Devnet);
        var run = new Run();
        (await run.VerbAsync(RunVerb.Create, "run", "--config", folder.Root, "--data", data, "--urls", "http://0.0.0.0:0")).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("DEFIMONITOR_API_TOKEN");
    }

    [Fact]
    public async Task A_data_folder_that_can_t_be_written_is_one_sentence()
    {
        folder.With("chains/devnet.json", ConfigFolder.Devnet);
        var file = Path.Combine(data, "a-file");
        await File.WriteAllTextAsync(file, "");
        var run = new Run();
        (await run.VerbAsync(RunVerb.Create, "run", "--config", folder.Root, "--data", file, "--urls", "none")).ShouldBe(ExitCode.Store);
        run.Error.ShouldContain(file);
        run.Error.ShouldNotContain("   at ");
    }

    public void Dispose()
    {
        folder.Dispose();
        Directory.Delete(data, recursive: true);
    }

    private async Task JudgedAsync(Task<int> ended, int accounts)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var begun = TimeProvider.System.GetUtcNow();
        while (true)
        {
            ended.IsCompleted.ShouldBeFalse("it ended by itself");
            if (File.Exists(MonitorDatabase.PathIn(data)))
            {
                await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = MonitorDatabase.PathIn(data) }, patience.Token);
                var beat = (await store.LoopsAsync(patience.Token)).FirstOrDefault(l => l.Loop == LoopNames.Chain(new Core.Chain.ChainId(31337)))?.Beat;
                var reports = await store.ReportsAsync(null, 500, patience.Token);
                if (beat?.Judged is not null && beat.At >= begun && reports.Items.Count >= accounts)
                {
                    reports.Items.ShouldAllBe(r => r.Report.Status == Core.Portfolio.MarginStatus.Healthy);
                    return;
                }
            }

            await Task.Delay(100, patience.Token);
        }
    }
}
