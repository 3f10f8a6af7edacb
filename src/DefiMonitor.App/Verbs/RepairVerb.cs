using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Verbs;

/// <summary>The way back when a chain's stored state can't be gone on with: a fork below finality, a database from another version.</summary>
public static class RepairVerb
{
    private static readonly Option<string> Chain = new("--chain") { Description = "Name of the chain, or its CAIP-2 id.", HelpName = "NAME", Required = true };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "repair",
        "Drops the stored state of one chain, so that every account is read afresh at the next start; alerts, messages and the watch list stay. Stop the monitor first.",
        [Chain, CommonOptions.Config, CommonOptions.Data, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var chain = ChainNames.Need(settings, context.Get(Chain)!);
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var loop = LoopNames.Chain(chain.Chain);
        using var held = DataLock.TryTake(context.DataDir, out var holder)
            ?? throw new CliException(ExitCode.Usage, $"a monitor runs on {context.DataDir} (process {holder}); stop it, then run this again.");

        // Claiming raises the epoch, so that a process that is only asleep cannot write its old state over this.
        var fence = await store.ClaimAsync(loop, cancellationToken);
        await store.DropStateAsync(fence, chain.Chain, cancellationToken);
        var text = $"the state of {chain.Name} is dropped; 'defimonitor run' reads every account afresh.";
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Chain = chain.Chain, Dropped = true, Text = text });
        }
        else
        {
            context.Out.WriteLine(text);
        }

        return ExitCode.Ok;
    }
}
