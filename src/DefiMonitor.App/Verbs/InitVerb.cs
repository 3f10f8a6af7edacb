using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Initialising;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Verbs;

/// <summary>From an address and a node to a configuration that runs.</summary>
public static class InitVerb
{
    private const string UsualFolder = "defimonitor-config";

    private static readonly Argument<string> Who = new("address") { Description = "The address whose positions are to be watched." };

    private static readonly Option<string?> Provider = new("--provider")
    {
        Description = "Address of an Aave V3 PoolAddressesProvider, for a market that is not shipped (a local node, a fork of Aave).",
        HelpName = "0x…",
    };

    private static readonly Option<string?> Market = new("--market")
    {
        Description = $"The same for any family whose market is one address ({string.Join(", ", NamedMarket.Families.Select(static f => f.Name))}): the address that its file in config/protocols names.",
        HelpName = "FAMILY=0x…",
    };

    private static readonly Option<string> OwnerName = new("--name") { Description = "What to call the owner of the address.", HelpName = "NAME", DefaultValueFactory = _ => "me" };

    private static readonly Option<bool> Force = new("--force") { Description = "Write over files that exist." };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "init",
        $"Asks the node which chain it serves, finds the address's positions there, writes a configuration folder (--config, else ./{UsualFolder}) and prints the next command. Never writes over a file unless --force is given.",
        [Who, CommonOptions.Rpc, Provider, Market, OwnerName, Force, CommonOptions.Config, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (context.Rpc.Count == 0)
        {
            throw new CliException(ExitCode.Usage, "a node is needed: add --rpc URL.");
        }

        var owner = ReadAddress(context.Get(Who)!, "address");
        var market = NamedMarket.Read(context.Get(Provider), context.Get(Market));
        var folder = context.ConfigDir ?? UsualFolder;

        // What is in the folder already counts, but it need not be whole or right: init may be what mends it.
        var shipped = new SettingsLoader(ProtocolFamilies.All, context.Terminal.Environment).Load(SettingsFolder.ShippedRoot, null).Need();
        var (chain, urls) = await Node.ChainOfAsync(shipped, context.Rpc, context.Terminal.Time, cancellationToken);
        context.Terminal.Progress($"the node serves {chain.Chain}{(shipped.ChainOf(chain.Chain) is { } known ? $" ({known.Name})" : ", a chain that is not shipped")}");
        await using var node = Node.Pool(chain, context.Terminal.Time);
        var found = await FindAsync(context, shipped, chain, node, owner, market, cancellationToken);

        var plan = new ConfigPlan(folder, context.Get(Force));
        plan.Chain(found.Chain, urls, shipped.ChainOf(chain.Chain) is not null);
        plan.Owner(context.Get(OwnerName)!, owner);
        if (market is not null)
        {
            plan.Deployment(found.Chain, market);
        }

        plan.Write();
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new
            {
                Chain = chain.Chain,
                found.Chain.Name,
                Owner = owner,
                Config = folder,
                Written = plan.Written,
                Kept = plan.Kept,
                Environment = plan.Variables,
                Positions = found.Reading.Accounts.Where(a => a.HasPosition).Select(a => new { a.Account, a.AtBlock.Status, a.AtBlock.HealthFactor, Agreement = a.Agreement.Kind }),
                Next = $"{CommandLineProgram.Name} run --config {folder}",
            });
        }
        else
        {
            Print(context, folder, owner, found, plan);
        }

        return ExitCode.Ok;
    }

    private static async Task<(ChainSettings Chain, ChainReading Reading)> FindAsync(
        VerbContext context, MonitorSettings shipped, ChainSettings chain, Node node, Address owner, NamedMarket? market, CancellationToken cancellationToken)
    {
        try
        {
            var client = node.Client(chain);
            var head = await client.GetHeadAsync(cancellationToken);
            if (shipped.ChainOf(chain.Chain) is null)
            {
                chain = await ChainSurvey.MeasureAsync(chain, client, head, cancellationToken);
            }

            List<DeploymentSettings> deployments = [.. shipped.DeploymentsOn(chain.Chain)];
            if (market is not null && !deployments.Exists(d => d.Id.Family == market.Family && d.Addresses.Values.Contains(market.Address)))
            {
                deployments.Add(new DeploymentSettings
                {
                    Id = new DeploymentId(market.Family, chain.Chain, ConfigPlan.DeploymentName),
                    Addresses = new Dictionary<string, Address> { [market.Key] = market.Address },
                });
            }

            if (deployments.Count == 0)
            {
                throw new CliException(ExitCode.Usage, $"no deployment on {chain.Chain} is shipped; name the market with --provider 0x… (its PoolAddressesProvider) or --market FAMILY=0x….");
            }

            context.Terminal.Progress($"looking for positions of {owner} in {string.Join(", ", deployments.Select(d => d.Id.Name))}");
            var protocols = deployments.Select(d => ProtocolFamilies.Create(d, chain)).ToList();
            var reading = await new OneShotReader(client, chain.NextBlockSeconds).ReadAsync(protocols, [owner], head, cancellationToken);
            return market is not null && reading.Failures.Count > 0
                ? throw new CliException(ExitCode.Node, $"{market.Option}: {reading.Failures[^1].Deployment}: {reading.Failures[^1].Why}")
                : (chain, reading);
        }
        catch (RpcException e)
        {
            throw new CliException(ExitCode.Node, e.Message, e);
        }
    }

    private static void Print(VerbContext context, string folder, Address owner, (ChainSettings Chain, ChainReading Reading) found, ConfigPlan plan)
    {
        var positions = found.Reading.Accounts.Where(a => a.HasPosition).ToList();
        context.Out.WriteLine($"{owner} on {found.Chain.Name} ({found.Chain.Chain}), block {found.Reading.Block.Ref}:");
        foreach (var account in positions)
        {
            var health = account.AtBlock.HealthFactor is { } factor ? Units.Format(factor, 18, 4) : "no debt";
            context.Out.WriteLine($"  {account.Account.Deployment}  {(account.AtBlock.Status == MarginStatus.Unknown ? $"UNKNOWN: {account.AtBlock.UnknownReason}" : $"health {health}")}");
        }

        if (positions.Count == 0)
        {
            context.Out.WriteLine("  no position yet; the address is watched all the same, and enters with its first one.");
        }

        foreach (var file in plan.Written)
        {
            context.Out.WriteLine($"wrote {file}");
        }

        foreach (var file in plan.Kept)
        {
            context.Out.WriteLine($"kept  {file}");
        }

        foreach (var variable in plan.Variables)
        {
            context.Out.WriteLine($"The node's URL may hold a key, so it stays out of the files; set it before you go on:  export {variable}='…the URL you gave…'");
        }

        context.Out.WriteLine($"Alerts go to the console; add Telegram or a webhook in {folder}/sinks.json.");
        context.Out.WriteLine($"Next:  {CommandLineProgram.Name} run --config {folder}");
    }

    internal static Address ReadAddress(string text, string what) =>
        Address.TryParse(text, out var address, out var error) ? address : throw new CliException(ExitCode.Usage, $"{what}: {error}");
}
