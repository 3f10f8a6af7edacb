using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Verbs;

/// <summary>One look at an address, without a database.</summary>
public static class ShowVerb
{
    private static readonly Argument<string> Who = new("address") { Description = "The address to look at, or a name of owners.json." };

    private static readonly Option<string?> Target = new("--target")
    {
        Description = "Health factor that the repay and deposit amounts aim at, above 1.",
        HelpName = "HEALTH",
    };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "show",
        "Shows one address at the newest block of each chain: every leg, every trigger with its distance, the smallest repay and deposit, and whether our figures equal the chain's own. Exit code 0 when all are equal, 4 when one differs, 3 when a node or an account can't be read.",
        [Who, CommonOptions.Config, CommonOptions.Rpc, Target, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var owners = Owners(settings, context.Get(Who)!);
        var target = ReadTarget(context.Get(Target));
        var chains = context.Rpc.Count > 0
            ? [(await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken)).Chain]
            : settings.Followed.ToList();
        if (chains.Count == 0)
        {
            throw new CliException(ExitCode.Usage, "no chain has endpoints; name a node with --rpc URL, or add \"endpoints\" to a file in chains/.");
        }

        var code = ExitCode.Ok;
        var results = new List<object>();
        foreach (var chain in chains)
        {
            ChainReading reading;
            try
            {
                reading = await ReadAsync(context, settings, chain, owners, target, cancellationToken);
            }
            catch (RpcException e)
            {
                context.Terminal.Error.WriteLine($"{chain.Name}: {e.Message}");
                code = Worse(code, ExitCode.Node);
                continue;
            }

            code = Worse(code, CodeOf(reading));
            if (context.Json)
            {
                results.Add(ShowJson.Of(chain, reading, context.Terminal.AgeSeconds(reading.Block)));
            }
            else
            {
                Print(context, chain, owners, reading);
            }
        }

        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Owner = owners.Count == 1 ? owners[0].ToString() : context.Get(Who), Addresses = owners, Chains = results });
        }

        return code;
    }

    private static async Task<ChainReading> ReadAsync(VerbContext context, MonitorSettings settings, ChainSettings chain, IReadOnlyList<Address> owners, UInt256? target, CancellationToken cancellationToken)
    {
        var deployments = settings.DeploymentsOn(chain.Chain).ToList();
        if (deployments.Count == 0)
        {
            throw new CliException(ExitCode.Usage, $"no deployment on {chain.Chain} is known; add it to the file of its family in protocols/ ({string.Join(", ", ProtocolFamilies.All.Select(static f => f.Name + ".json"))}), or for an Aave market run 'defimonitor init ADDRESS --rpc URL --provider 0x…'.");
        }

        context.Terminal.Progress($"reading {deployments.Count} deployments on {chain.Name}");
        await using var node = Node.Pool(chain, context.Terminal.Time);
        var client = node.Client(chain);
        var head = await client.GetHeadAsync(cancellationToken);
        var protocols = deployments.Select(d => ProtocolFamilies.Create(d, chain, target)).ToList();
        return await new OneShotReader(client, chain.NextBlockSeconds).ReadAsync(protocols, owners, head, cancellationToken);
    }

    private static void Print(VerbContext context, ChainSettings chain, IReadOnlyList<Address> owners, ChainReading reading)
    {
        var pin = reading.Pin == Pin.Strong ? "" : ", pin: weak";
        context.Out.WriteLine($"{string.Join(", ", owners)} on {chain.Name} ({chain.Chain}), block {reading.Block.Ref}, {context.Terminal.AgeSeconds(reading.Block)} s old{pin}");
        foreach (var account in reading.Accounts.Where(a => a.HasPosition))
        {
            context.Out.WriteLine();
            foreach (var line in AccountText.Lines(account))
            {
                context.Out.WriteLine(line);
            }
        }

        var empty = reading.Accounts.Where(a => !a.HasPosition).Select(a => a.Account.Deployment.ToString()).Distinct().ToList();
        if (empty.Count > 0)
        {
            context.Out.WriteLine();
            context.Out.WriteLine($"no position in {string.Join(", ", empty)}");
        }

        foreach (var (deployment, why) in reading.Failures)
        {
            context.Out.WriteLine($"{deployment}: UNKNOWN: {why}");
        }
    }

    private static int CodeOf(ChainReading reading)
    {
        var code = reading.Failures.Count > 0 ? ExitCode.Node : ExitCode.Ok;
        foreach (var account in reading.Accounts)
        {
            code = Worse(code, account.Agreement.Kind switch
            {
                AgreementKind.Different => ExitCode.Disagreement,
                AgreementKind.Unreadable => ExitCode.Node,
                _ => account.AtBlock.Status == MarginStatus.Unknown ? ExitCode.Node : ExitCode.Ok,
            });
        }

        return code;
    }

    // A difference says more than a failure to read.
    private static int Worse(int a, int b) => a == ExitCode.Disagreement || b == ExitCode.Disagreement ? ExitCode.Disagreement : Math.Max(a, b);

    private static IReadOnlyList<Address> Owners(MonitorSettings settings, string who)
    {
        if (settings.Owners.FirstOrDefault(o => o.Name.Equals(who, StringComparison.OrdinalIgnoreCase)) is { } owner)
        {
            return owner.Addresses;
        }

        return Address.TryParse(who, out var address, out var error)
            ? [address]
            : throw new CliException(ExitCode.Usage, settings.Owners.Count > 0 && !who.StartsWith("0x", StringComparison.Ordinal) ? $"owners.json has no \"{who}\"; write a name that stands there, or an address." : error);
    }

    private static UInt256? ReadTarget(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!Units.TryParse(text, 18, out var target, out var error))
        {
            throw new CliException(ExitCode.Usage, $"--target: {error}");
        }

        return target > UInt256.Pow10(18) && target <= UInt256.Pow10(18) * 100u
            ? target
            : throw new CliException(ExitCode.Usage, $"--target: {text} is out of range; write a health factor above 1 and up to 100, such as 1.5.");
    }
}
