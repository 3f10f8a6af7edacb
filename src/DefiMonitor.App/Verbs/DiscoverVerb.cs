using System.CommandLine;
using System.Globalization;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Discovery;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Ranges;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Verbs;

/// <summary>Finds the borrowers of a chain's markets by their logs, into the database.</summary>
public static class DiscoverVerb
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    private static readonly Option<string?> Chain = new("--chain") { Description = "Name of the chain, or its CAIP-2 id; not needed with --rpc.", HelpName = "NAME" };
    private static readonly Option<ulong?> From = new("--from") { Description = "First block; else the deployment's startBlock.", HelpName = "BLOCK" };
    private static readonly Option<string?> Accounts = new("--accounts")
    {
        Description = "Take the accounts from this file instead of searching: in each line an address, which stands for its account in every deployment of the chain, or an account's id.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what the search would cost, and end." };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Put them on the watch list in the database, where the next start of 'run' finds them." };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "discover",
        "Finds everyone who ever borrowed in a chain's markets, from their logs, and lists the accounts. Says first what it will cost; what was read is kept in the database, "
        + "and the same command goes on from there. Blocks that no endpoint serves are listed, and asked for again the next time.",
        [Chain, From, Accounts, DryRun, Watch, CommonOptions.Rpc, CommonOptions.Config, CommonOptions.Data, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var chain = context.Rpc.Count > 0
            ? (await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken)).Chain
            : ChainNames.Need(settings, context.Get(Chain) ?? throw new CliException(ExitCode.Usage, "name the chain with --chain NAME, or a node with --rpc URL."));
        var deployments = settings.DeploymentsOn(chain.Chain).ToList();
        if (deployments.Count == 0)
        {
            throw new CliException(ExitCode.Usage, $"no market of {chain.Name} is configured; add one to a file in protocols/.");
        }

        if (context.Get(Accounts) is { } file)
        {
            if (context.Get(From) is not null || context.Get(DryRun))
            {
                throw new CliException(ExitCode.Usage, "--accounts names the accounts, so that nothing is searched: leave --from and --dry-run out.");
            }

            await using var store = context.Get(Watch) ? await MonitorDatabase.OpenAsync(context.DataDir, cancellationToken) : null;
            var given = AccountsFile.Read(file, deployments.ConvertAll(d => ProtocolFamilies.Create(d, chain)));
            return await TellAsync(context, chain, store, [], given, cancellationToken);
        }

        return chain.IsFollowed
            ? await SearchAsync(context, chain, deployments, cancellationToken)
            : throw new CliException(ExitCode.Usage, $"{chain.Name} has no endpoints; add \"endpoints\" to chains/{chain.Name}.json, or name a node with --rpc URL.");
    }

    private static async Task<int> SearchAsync(VerbContext context, ChainSettings chain, List<DeploymentSettings> deployments, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenAsync(context.DataDir, cancellationToken);
        await using var node = Node.Pool(chain, context.Terminal.Time);
        var reader = node.Ranges(chain, context.Terminal.Time);
        var search = new BorrowerSearch(store, reader, context.Terminal.Time, bulk: IsAlone(context.DataDir));
        try
        {
            var client = node.Client(chain);
            var head = await client.GetHeadAsync(cancellationToken);
            var final = await FinalAsync(client, chain, head, cancellationToken);
            var plans = new List<SearchPlan>();
            foreach (var deployment in deployments)
            {
                var from = context.Get(From) ?? deployment.StartBlock
                    ?? throw new CliException(ExitCode.Usage, $"{deployment.Id} has no startBlock; say where to begin with --from BLOCK.");
                if (from > head.Number)
                {
                    throw new CliException(ExitCode.Usage, $"{deployment.Id}: block {from}, where to begin, is not there yet; the newest is {head.Number}.");
                }

                var protocol = ProtocolFamilies.Create(deployment, chain);
                if (protocol.DiscoveryFilters.Count == 0 && !await new OneShotReader(client, chain.NextBlockSeconds).TryOpenAsync(protocol, head, cancellationToken))
                {
                    throw new CliException(ExitCode.Node, $"{deployment.Id}: its contracts could not be read at block {head.Number}.");
                }

                plans.Add(await search.PlanAsync(protocol, from, final, cancellationToken));
            }

            SayCost(context, chain, plans, head);
            if (context.Get(DryRun))
            {
                return ExitCode.Ok;
            }

            // A loop of its own name, so that a running monitor is not fenced off.
            var fence = await store.ClaimAsync(LoopOf(chain), cancellationToken);
            var found = new SortedSet<MarginAccountId>();
            var covered = new List<Covered>();
            foreach (var plan in plans)
            {
                await search.RunAsync(fence, plan, Progress(context, plan), cancellationToken);
                var (recent, unserved) = await RecentAsync(reader, plan, head, cancellationToken);
                found.UnionWith(recent);
                found.UnionWith(await store.DiscoveredAsync(plan.Protocol.Id, plan.From, plan.To, cancellationToken));
                covered.Add(new Covered(plan.Protocol.Id, plan.From, head.Number, [.. plan.Coverage.Unserved(plan.From, plan.To), .. unserved]));
            }

            return await TellAsync(context, chain, store, covered, [.. found], cancellationToken);
        }
        catch (RpcException e)
        {
            throw new CliException(ExitCode.Node, $"{e.Message} What was read until then is kept in {MonitorDatabase.PathIn(context.DataDir)}; the same command goes on from there.", e);
        }
    }

    /// <summary>What is not final yet is read anew each time, and not kept as read.</summary>
    private static async Task<(List<MarginAccountId> Found, List<CoveredRange> Unserved)> RecentAsync(LogRangeReader reader, SearchPlan plan, BlockHeader head, CancellationToken cancellationToken)
    {
        var found = new List<MarginAccountId>();
        var unserved = new List<CoveredRange>();
        await foreach (var page in reader.ReadAsync(plan.Protocol.DiscoveryFilters, Math.Max(plan.From, plan.To + 1), head.Number, cancellationToken))
        {
            found.AddRange(page.Logs.Select(l => plan.Protocol.Discover(l.Log)).OfType<MarginAccountId>());
            if (page.Unserved is { } why)
            {
                unserved.Add(new CoveredRange(page.From, page.To, why));
            }
        }

        return (found, unserved);
    }

    /// <summary>The newest final block; by depth where the node knows none.</summary>
    private static async Task<ulong> FinalAsync(EvmClient client, ChainSettings chain, BlockHeader head, CancellationToken cancellationToken)
    {
        if (chain.FinalityDepth is null && await client.GetFinalizedAsync(cancellationToken) is { } final)
        {
            return Math.Min(final.Number, head.Number);
        }

        var depth = chain.FinalityDepth ?? new ChainFollowerOptions().UsualFinalityDepth;
        return head.Number > depth ? head.Number - depth : 0;
    }

    /// <summary>True where no monitor runs on the data folder.</summary>
    private static bool IsAlone(string dataDir)
    {
        using var held = DataLock.TryTake(dataDir, out _);
        return held is not null;
    }

    private static void SayCost(VerbContext context, ChainSettings chain, List<SearchPlan> plans, BlockHeader head)
    {
        var calls = plans.Aggregate(0UL, static (sum, p) => sum + p.Calls);
        var told = context.Get(DryRun) && !context.Json ? context.Out : context.Terminal.Error;
        foreach (var plan in plans)
        {
            told.WriteLine(plan.Missing.Count == 0
                ? $"{plan.Protocol.Id}: blocks {N(plan.From)} to {N(plan.To)} are read already"
                : $"{plan.Protocol.Id}: {N(plan.Blocks)} of blocks {N(plan.From)} to {N(plan.To)} to read, up to {N(plan.BlocksPerPage)} in a page of {plan.CallsPerPage} calls: about {N(plan.Calls)} calls");
        }

        told.WriteLine($"it will cost about {N(calls)} JSON-RPC calls, by the newest pages, and some for the newest blocks up to {N(head.Number)}, which are not final yet");
        if (chain.CallsPerDay is { } most && calls > (ulong)most)
        {
            told.WriteLine($"warning: that is more than the {N((ulong)most)} calls a day that {chain.Name} is allowed (\"callsPerDay\"): the search ends there, and the same command goes on the next day.");
        }

        if (context.Get(DryRun) && context.Json)
        {
            JsonOutput.Write(context.Terminal, new
            {
                Chain = chain.Chain,
                Calls = calls,
                Plan = plans.Select(static p => new { Deployment = p.Protocol.Id, p.From, p.To, p.Blocks, p.BlocksPerPage, p.CallsPerPage, p.Calls }),
            });
        }
    }

    private static Action<SearchProgress> Progress(VerbContext context, SearchPlan plan)
    {
        var all = plan.Blocks;
        var last = context.Terminal.Time.GetTimestamp();
        return progress =>
        {
            if (context.Terminal.Time.GetElapsedTime(last) >= ProgressEvery)
            {
                last = context.Terminal.Time.GetTimestamp();
                var done = (ulong)((UInt128)(all - progress.BlocksLeft) * 100 / all);
                context.Terminal.Progress($"{progress.Deployment}: block {N(progress.Block)}, {done} % of what was to read, {N((ulong)progress.Logs)} borrowings, {N((ulong)progress.Calls)} calls");
            }
        };
    }

    /// <summary>Lists the accounts, and what could not be read.</summary>
    private static async Task<int> TellAsync(
        VerbContext context, ChainSettings chain, SqlStore? store, List<Covered> covered, IReadOnlyList<MarginAccountId> accounts, CancellationToken cancellationToken)
    {
        var added = context.Get(Watch) ? await AddAsync(context, chain, store!, accounts, cancellationToken) : (int?)null;
        var gaps = covered.SelectMany(static c => c.Unserved.Select(r => (c.Deployment, Range: r))).ToList();
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Chain = chain.Chain, Covered = covered, Accounts = accounts, Added = added });
        }
        else
        {
            foreach (var account in accounts)
            {
                context.Out.WriteLine(account);
            }
        }

        foreach (var (deployment, range) in gaps)
        {
            context.Terminal.Error.WriteLine($"{deployment}: blocks {N(range.First)} to {N(range.Last)} were NOT read: {range.Unserved}");
        }

        context.Terminal.Error.WriteLine($"{N((ulong)accounts.Count)} {(covered.Count > 0 ? "borrowers" : "accounts")}{(added is { } n ? $", {N((ulong)n)} of them new on the watch list" : "")}");
        if (gaps.Count > 0)
        {
            context.Terminal.Error.WriteLine("who borrowed in the blocks not read only is missing; name an endpoint that serves them, and the same command reads just these.");
        }

        return gaps.Count > 0 ? ExitCode.Node : ExitCode.Ok;
    }

    private static async Task<int> AddAsync(VerbContext context, ChainSettings chain, SqlStore store, IReadOnlyList<MarginAccountId> accounts, CancellationToken cancellationToken)
    {
        var fence = await store.ClaimAsync(LoopOf(chain), cancellationToken);
        var now = context.Terminal.Time.GetUtcNow();
        return await store.AddCandidatesAsync(fence, [.. accounts.Select(a => new Candidate(a, "import", now))], cancellationToken);
    }

    private static string LoopOf(ChainSettings chain) => $"discover/{chain.Chain}";

    private static string N(ulong number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What of a deployment was asked for, and what of it no endpoint gave.</summary>
    private sealed record Covered(DeploymentId Deployment, ulong From, ulong To, IReadOnlyList<CoveredRange> Unserved);
}
