using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Verbs;

/// <summary>Finds the borrowers of a chain's markets by their logs.</summary>
public static class DiscoverVerb
{
    private static readonly Option<string?> Chain = new("--chain") { Description = "Name of the chain, or its CAIP-2 id; not needed with --rpc.", HelpName = "NAME" };
    private static readonly Option<ulong?> From = new("--from") { Description = "First block; else the deployment's startBlock.", HelpName = "BLOCK" };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Put them on the watch list in the database, where 'run' finds them." };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "discover",
        "Finds everyone who ever borrowed in a chain's markets, from their logs, and lists the accounts. A range that the node can't serve is told, never skipped silently.",
        [Chain, From, Watch, CommonOptions.Rpc, CommonOptions.Config, CommonOptions.Data, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var chain = context.Rpc.Count > 0
            ? (await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken)).Chain
            : ChainNames.Need(settings, context.Get(Chain) ?? throw new CliException(ExitCode.Usage, "name the chain with --chain NAME, or a node with --rpc URL."));
        if (!chain.IsFollowed)
        {
            throw new CliException(ExitCode.Usage, $"{chain.Name} has no endpoints; add \"endpoints\" to chains/{chain.Name}.json, or name a node with --rpc URL.");
        }

        var found = new SortedDictionary<string, MarginAccountId>(StringComparer.Ordinal);
        var covered = new List<object>();
        await using var node = Node.Pool(chain, context.Terminal.Time);
        try
        {
            var client = node.Client(chain);
            var head = await client.GetHeadAsync(cancellationToken);
            foreach (var deployment in settings.DeploymentsOn(chain.Chain))
            {
                var from = context.Get(From) ?? deployment.StartBlock
                    ?? throw new CliException(ExitCode.Usage, $"{deployment.Id} has no startBlock; say where to begin with --from BLOCK.");
                var protocol = ProtocolFamilies.Create(deployment, chain);
                if (!await new OneShotReader(client, chain.NextBlockSeconds).TryOpenAsync(protocol, head, cancellationToken))
                {
                    throw new CliException(ExitCode.Node, $"{deployment.Id}: its contracts could not be read at block {head.Number}.");
                }

                await foreach (var page in node.Ranges(chain, context.Terminal.Time).ReadAsync(protocol.Filters, from, head.Number, cancellationToken))
                {
                    if (page.Unserved is { } why)
                    {
                        throw new CliException(ExitCode.Node, $"{deployment.Id}: blocks {page.From} to {page.To} can't be read: {why}");
                    }

                    foreach (var located in page.Logs)
                    {
                        if (protocol.Discover(located.Log) is { } account)
                        {
                            found[account.ToString()] = account;
                        }
                    }

                    context.Terminal.Progress($"{deployment.Id}: block {page.To} of {head.Number}, {found.Count} borrowers");
                }

                covered.Add(new { Deployment = deployment.Id, From = from, To = head.Number });
            }
        }
        catch (RpcException e)
        {
            throw new CliException(ExitCode.Node, $"{e.Message} {found.Count} borrowers were found before that; the range was not covered.", e);
        }

        var added = context.Get(Watch) ? await AddAsync(context, chain, [.. found.Values], cancellationToken) : (int?)null;
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Chain = chain.Chain, Covered = covered, Accounts = found.Keys, Added = added });
        }
        else
        {
            foreach (var account in found.Keys)
            {
                context.Out.WriteLine(account);
            }

            context.Terminal.Error.WriteLine($"{found.Count} borrowers{(added is { } n ? $", {n} of them new on the watch list" : "")}");
        }

        return ExitCode.Ok;
    }

    private static async Task<int> AddAsync(VerbContext context, ChainSettings chain, IReadOnlyList<MarginAccountId> accounts, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenAsync(context.DataDir, cancellationToken);

        // A loop of its own name, so that a running monitor is not fenced off.
        var fence = await store.ClaimAsync($"discover/{chain.Chain}", cancellationToken);
        var now = context.Terminal.Time.GetUtcNow();
        return await store.AddCandidatesAsync(fence, [.. accounts.Select(a => new Candidate(a, "discovery", now))], cancellationToken);
    }
}
