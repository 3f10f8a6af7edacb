using System.CommandLine;
using DefiMonitor.App.Api;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Verbs;

/// <summary>The monitor itself.</summary>
public static class RunVerb
{
    private static readonly Option<string> Urls = new("--urls")
    {
        Description = $"Where the HTTP API listens; an address that other machines can reach needs a token in the environment variable {ApiSettings.TokenVariable}. 'none' = no API.",
        HelpName = "URL",
        DefaultValueFactory = _ => ApiSettings.DefaultUrl,
    };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "run",
        "Watches until it is stopped (Ctrl-C, SIGTERM): follows every chain with endpoints, judges the accounts of owners.json at every block, asks the venues of venues.json, and tells the sinks of sinks.json. Started again, it goes on from where it was. Exit code 0 when it was stopped.",
        [CommonOptions.Config, CommonOptions.Data, CommonOptions.Rpc, Urls],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        if (context.Rpc.Count > 0)
        {
            var (chain, _) = await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken);
            settings = settings with { Chains = [.. settings.Chains.Where(c => c.Chain != chain.Chain), chain] };
        }

        Check(context, settings);
        if (!ApiSettings.TryParse(context.Get(Urls), context.Terminal.Environment(ApiSettings.TokenVariable), out var api, out var error))
        {
            throw new CliException(ExitCode.Usage, error!);
        }

        await using var monitor = await MonitorProcess.CreateAsync(
            new MonitorOptions { Settings = settings, DataDir = context.DataDir, Api = api, Terminal = context.Terminal, Verbose = context.Verbose }, cancellationToken);
        await monitor.RunAsync(cancellationToken);
        return ExitCode.Ok;
    }

    private static void Check(VerbContext context, MonitorSettings settings)
    {
        if (!settings.Followed.Any())
        {
            throw new CliException(ExitCode.Usage, "no chain has endpoints, so there is nothing to follow: run 'defimonitor init ADDRESS --rpc URL', or add \"endpoints\" to a file in chains/.");
        }

        foreach (var chain in settings.Followed.Where(c => !settings.DeploymentsOn(c.Chain).Any()))
        {
            context.Terminal.Error.WriteLine($"warning: no deployment on {chain.Name} ({chain.Chain}) is known, so nothing is watched there; add one to the file of its family in protocols/ ({string.Join(", ", ProtocolFamilies.All.Select(static f => f.Name + ".json"))}).");
        }

        if (settings.Owners.Count == 0 && !settings.Deployments.Any(d => d.Discover))
        {
            context.Terminal.Error.WriteLine("warning: owners.json names nobody and no deployment has \"discover\": true, so only accounts that are on the watch list already are judged.");
        }
    }
}
