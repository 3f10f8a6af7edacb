using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Replaying;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.App.Verbs;

/// <summary>Makes a tape of what a node shows.</summary>
public static class RecordVerb
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static readonly Option<string> Out = new("--out") { Description = "The tape to write; what stands there is replaced when the recording is whole.", HelpName = "FILE", Required = true };

    private static readonly Option<int?> Blocks = new("--blocks") { Description = "Stop after so many blocks; else at Ctrl-C or SIGTERM.", HelpName = "N" };

    private static readonly Option<bool> UntilStdinCloses = new("--until-stdin-closes") { Description = "Stop when standard input ends: for a script that drives the chain." };

    private static readonly Option<bool> AllLogs = new("--all-logs") { Description = "Take every log of every block, so that other adapters can play the tape (a local node; tapes grow)." };

    private static readonly Option<string> Note = new("--note") { Description = "What is to be seen on the tape, and where it comes from.", HelpName = "TEXT", DefaultValueFactory = _ => "" };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "record",
        "Runs the chain's loop on a node and writes down everything it sees: blocks, forks, outages, and at every block the answers to what the loop asks and the chain's own verdict on every watched account. The tape is played by 'replay'. With --json a line for each block recorded, each alert and each outage.",
        [Out, Blocks, UntilStdinCloses, AllLogs, Note, CommonOptions.Config, CommonOptions.Rpc, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var chain = await ChainAsync(context, settings, cancellationToken);
        var deployments = settings.DeploymentsOn(chain.Chain).ToList();
        if (deployments.Count == 0 || settings.Owners.Count == 0)
        {
            throw new CliException(ExitCode.Usage, $"nothing to record: the configuration needs a deployment on {chain.Chain} and an owner; 'defimonitor init ADDRESS --rpc URL' writes both.");
        }

        await using var node = Node.Single(chain.Endpoints[0], context.Terminal.Time);
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = $"recording-{Guid.NewGuid():n}", InMemory = true, Durable = false }, cancellationToken);
        var header = new TapeHeader
        {
            Chain = chain.Chain,
            Note = context.Get(Note) ?? "",
            Source = string.Join(", ", deployments.Select(static d => d.Id)),
            Multicall = chain.Multicall,
            Adapters = deployments.Select(static d => d.Id.Family).Distinct(StringComparer.Ordinal).ToDictionary(static f => f, static _ => "1", StringComparer.Ordinal),
            Configuration = Configuration(context, chain),
        };
        var recorded = 0;
        await using var recording = new Recording(
            node.Transport, header, chain, settings, [.. deployments.Select(d => ProtocolFamilies.Create(d, chain))], store, context.Get(AllLogs))
        {
            Recorded = block =>
            {
                recorded++;
                Say(context, new { Recorded = new { block.Number, Hash = block.Hash.ToString() } }, $"block {block.Ref}");
            },
            Told = transitions => Tell(context, transitions),
            Unreachable = () => Say(context, new { Unreachable = true }, "the node does not answer"),
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (context.Get(UntilStdinCloses))
        {
            _ = StopAtEndOfInputAsync(stop);
        }

        await recording.StartAsync(cancellationToken);
        try
        {
            while (context.Get(Blocks) is not { } most || recorded < most)
            {
                await recording.StepAsync(stop.Token);
                await Task.Delay(Look, stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end that was asked for: what was seen until then is the tape.
            context.Terminal.Progress("stopped");
        }

        await recording.SaveAsync(context.Get(Out)!, CancellationToken.None);
        context.Terminal.Progress($"{recorded} blocks on {context.Get(Out)}, {new FileInfo(context.Get(Out)!).Length:N0} bytes");
        return ExitCode.Ok;
    }

    private static async Task<ChainSettings> ChainAsync(VerbContext context, MonitorSettings settings, CancellationToken cancellationToken)
    {
        if (context.Rpc.Count > 0)
        {
            return (await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken)).Chain;
        }

        var followed = settings.Followed.ToList();
        return followed.Count == 1
            ? followed[0]
            : throw new CliException(ExitCode.Usage, followed.Count == 0
                ? "no chain has endpoints; name a node with --rpc URL."
                : "several chains have endpoints, and a tape is of one; name its node with --rpc URL.");
    }

    /// <summary>The files that a replay needs. The chain goes without its endpoints: they are secrets, and no replay asks them.</summary>
    private static Dictionary<string, string> Configuration(VerbContext context, ChainSettings chain)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in context.LoadSettings().Files.Where(static f => f.Name is "owners.json" || f.Name.StartsWith("protocols/", StringComparison.Ordinal)))
        {
            files[file.Name] = File.ReadAllText(file.FullPath);
        }

        files[$"chains/{chain.Name}.json"] = new JsonObject
        {
            ["name"] = chain.Name,
            ["chainId"] = chain.Chain.ToString(),
            ["nextBlockSeconds"] = chain.NextBlockSeconds,
            ["maxReadAgeBlocks"] = chain.MaxReadAgeBlocks,
            ["finalityDepth"] = chain.FinalityDepth,
        }.ToJsonString();
        return files;
    }

    private static void Tell(VerbContext context, IReadOnlyList<AlertTransition> transitions)
    {
        foreach (var told in transitions)
        {
            Say(
                context,
                new
                {
                    Alert = new
                    {
                        Rule = told.Rule,
                        Kind = told.Kind.ToString().ToLowerInvariant(),
                        Level = told.Level.ToString().ToLowerInvariant(),
                        Owner = told.OwnerName,
                        Account = told.Report?.Account.Key,
                        Market = told.Report?.Account.Deployment.Name,
                        Repay = WayOut(told, RemedyKind.Repay),
                        Deposit = WayOut(told, RemedyKind.Deposit),
                    },
                },
                ReplayScreen.PlainLine(told));
        }
    }

    private static object? WayOut(AlertTransition told, RemedyKind kind) =>
        told.Report?.Remedies.FirstOrDefault(r => r.Kind == kind) is { } remedy ? new { Asset = remedy.Asset.ToString(), Amount = remedy.Amount.ToString() } : null;

    private static void Say<T>(VerbContext context, T json, string text)
    {
        context.Out.WriteLine(context.Json ? JsonSerializer.Serialize(json, JsonOutput.Line) : text);
        context.Out.Flush();
    }

    private static async Task StopAtEndOfInputAsync(CancellationTokenSource stop)
    {
        var buffer = new byte[256];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer, stop.Token) > 0)
        {
            // Whatever is written there is of no interest.
            buffer.AsSpan().Clear();
        }

        await stop.CancelAsync();
    }
}
