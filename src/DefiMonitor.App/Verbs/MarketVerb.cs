using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Verbs;

/// <summary>One market whole: every borrower, what shocks would do, and whether anybody stands outside the list.</summary>
public static class MarketVerb
{
    private const int LoadAttempts = 5;

    private static readonly Argument<string> Id = new("id") { Description = "The deployment, such as aave-v3/eip155:1/core; its name alone where no other has it." };

    private static readonly Option<string[]> Shocks = new("--shock")
    {
        Description = "A scenario beside the program's own: risk factors or tokens and how their prices move, such as ETH=-20% or ETH=-20%,BTC=-15%. May be given more than once.",
        HelpName = "NAME=±PERCENT%",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Accounts = new("--accounts")
    {
        Description = "File of the borrowers: an address or an account id a line, as 'discover' lists them; # begins a remark. Else the accounts of the database in --data, as of its finalized block.",
        HelpName = "FILE",
    };

    private static readonly Option<int> Top = new("--top") { Description = "How many accounts the text names.", HelpName = "N", DefaultValueFactory = static _ => 20 };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "market",
        "Shows one market whole at one block: all borrowers by expected loss, what stands at risk if prices move, bad debt, and whether the debts of the accounts add up to the contract's own total, so that nobody stands silently outside the list. Exit code 4 when they don't, 3 when a node or an account can't be read, else 0: also where it can't be told, which the output says.",
        [Id, Shocks, Accounts, Top, CommonOptions.Rpc, CommonOptions.Config, CommonOptions.Data, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var shocks = (context.Get(Shocks) ?? []).Select(ShockText.Parse).ToList();
        var settings = context.NeedSettings();
        var deployment = Deployment(settings, context.Get(Id)!);
        var chain = settings.ChainOf(deployment.Chain)!;
        if (context.Rpc.Count > 0)
        {
            var (found, _) = await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken);
            chain = found.Chain == deployment.Chain ? found
                : throw new CliException(ExitCode.Usage, $"--rpc: the node serves {found.Chain}, and {deployment.Id} is on {deployment.Chain}; name a node of that chain.");
        }

        if (!chain.IsFollowed)
        {
            throw new CliException(ExitCode.Usage, $"{chain.Name} has no endpoints; add \"endpoints\" to chains/{chain.Name}.json, or name a node with --rpc URL.");
        }

        var protocol = ProtocolFamilies.Create(deployment, chain);
        await using var node = Node.Pool(chain, context.Terminal.Time);
        try
        {
            var client = node.Client(chain);
            var (accounts, block, from) = context.Get(Accounts) is { } file
                ? (AccountsFile.Read(file, [protocol], othersToo: true), await client.GetHeadAsync(cancellationToken), file)
                : await FromStoreAsync(context, chain, protocol, client, cancellationToken);
            context.Terminal.Progress($"{deployment.Id}: {accounts.Count} accounts from {from}, at block {block.Number}");
            var reader = new MarketReader(new OneShotReader(client, chain.NextBlockSeconds), context.Terminal.Progress);
            var reading = await reader.ReadAsync(protocol, accounts, block, cancellationToken)
                ?? throw new CliException(ExitCode.Node, $"{deployment.Id}: its contracts could not be read at block {block.Number}.");
            var risk = MarketRisk.Of(protocol, reading, shocks, settings.Assets);
            Write(context, chain, deployment.Id, from, reading, risk);
            return reading.Equations.Any(static e => e.Holds == false) ? ExitCode.Disagreement
                : risk.Unknown.Count > 0 || reading.Equations.Any(static e => e.Total is null) ? ExitCode.Node : ExitCode.Ok;
        }
        catch (RpcException e)
        {
            throw new CliException(ExitCode.Node, e.Message, e);
        }
    }

    private static void Write(VerbContext context, ChainSettings chain, DeploymentId deployment, string from, MarketReading reading, MarketRisk risk)
    {
        var age = context.Terminal.AgeSeconds(reading.Block);
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, MarketJson.Of(chain, deployment, from, reading, risk, age));
            return;
        }

        context.Out.WriteLine($"{deployment} at block {reading.Block.Ref}, {age} s old{(reading.Pin == Pin.Strong ? "" : ", pin: weak")}");
        foreach (var line in MarketText.Lines(reading, risk, Math.Max(context.Get(Top), 0)))
        {
            context.Out.WriteLine(line);
        }
    }

    private static DeploymentSettings Deployment(MonitorSettings settings, string text)
    {
        var found = settings.Deployments.Where(d => d.Id.ToString() == text).ToList();
        found = found.Count > 0 ? found : [.. settings.Deployments.Where(d => d.Id.Name.Equals(text, StringComparison.OrdinalIgnoreCase))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CliException(ExitCode.Usage, $"there is no deployment \"{text}\"{DidYouMean.Hint(text, settings.Deployments.Select(d => d.Id.ToString()))}; write family/chain/name as the files in protocols/ have them, such as {settings.Deployments.Select(d => d.Id.ToString()).FirstOrDefault("aave-v3/eip155:1/core")}."),
            _ => throw new CliException(ExitCode.Usage, $"\"{text}\" is {found.Count} deployments: {string.Join(", ", found.Select(d => d.Id))}; write one of them whole."),
        };
    }

    private static async Task<(IReadOnlyList<MarginAccountId> Accounts, BlockHeader Block, string From)> FromStoreAsync(
        VerbContext context, ChainSettings chain, IProtocol protocol, EvmClient client, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var accounts = new List<MarginAccountId>();
        await store.LoadCandidatesAsync(
            chain.Chain,
            candidate =>
            {
                if (candidate.Account.Deployment == protocol.Id)
                {
                    accounts.Add(candidate.Account);
                }
            },
            cancellationToken);
        if (accounts.Count == 0)
        {
            throw new CliException(ExitCode.Usage, $"the database in {context.DataDir} knows no account of {protocol.Id}; find them with 'discover --watch', or name a file with --accounts FILE.");
        }

        if (await StateAsync(context, store, chain, protocol, cancellationToken) is not { } checkpoint)
        {
            return (accounts, await client.GetHeadAsync(cancellationToken), $"the list in {context.DataDir}, read afresh");
        }

        return (accounts, checkpoint, $"the state in {context.DataDir}");
    }

    /// <summary>Loads the stored tables and tells of which block they are; null where no monitor has finalized anything. Rows of two steps of a running monitor are never mixed.</summary>
    private static async Task<BlockHeader?> StateAsync(VerbContext context, SqlStore store, ChainSettings chain, IProtocol protocol, CancellationToken cancellationToken)
    {
        var tables = protocol.Tables.ToDictionary(static table => table.Name, StringComparer.Ordinal);
        for (var attempt = 0; attempt < LoadAttempts; attempt++)
        {
            if (await store.CheckpointAsync(chain.Chain, cancellationToken) is not { } checkpoint)
            {
                return null;
            }

            foreach (var table in protocol.Tables)
            {
                table.Clear();
            }

            await store.LoadRowsAsync(
                protocol.Id,
                (name, key, row) =>
                {
                    var table = tables.GetValueOrDefault(name) ?? throw new CliException(ExitCode.Store, $"the database in {context.DataDir} has a table \"{name}\" that {protocol.Id} does not know; run 'repair --chain {chain.Name}'.");
                    table.Load(key, row);
                },
                cancellationToken);
            if ((await store.CheckpointAsync(chain.Chain, cancellationToken))?.Hash == checkpoint.Hash)
            {
                return checkpoint;
            }
        }

        throw new CliException(ExitCode.Store, $"the monitor on {context.DataDir} finalized a block each of the {LoadAttempts} times that its state was read; run 'market' again.");
    }
}
