using System.CommandLine;
using DefiMonitor.App.Checking;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Verbs;

/// <summary>Every configuration file, then every endpoint.</summary>
public static class CheckVerb
{
    private static readonly Option<bool> Offline = new("--offline") { Description = "Check the files only; ask no endpoint." };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "check",
        "Checks every configuration file, then asks every endpoint what it can do: chain id, age of its head, multicall, pinning to a block hash, finality, log range, pending transactions where a chain's file asks for them, and states the calls a day to expect. Exit code 0 when all is well, 2 when the configuration is wrong, 3 when an endpoint can't be reached, 1 for anything else found.",
        [CommonOptions.Config, CommonOptions.Rpc, Offline, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var result = context.LoadSettings();
        var endpoints = new List<EndpointReport>();
        var plans = new List<(ChainSettings Chain, CallPlan Plan)>();
        if (result.Settings is { } settings && !context.Get(Offline))
        {
            foreach (var (chain, urls) in await TargetsAsync(context, settings, cancellationToken))
            {
                plans.Add((chain, CallPlan.For(chain)));
                foreach (var url in urls)
                {
                    context.Terminal.Progress($"asking {url} about {chain.Name}");
                    await using var node = Node.Single(url, context.Terminal.Time);
                    endpoints.Add(await new EndpointProbe(context.Terminal.Time).RunAsync(chain, node.Transport, cancellationToken));
                }
            }
        }

        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new
            {
                Ok = result.IsGood && endpoints.TrueForAll(e => e.Worst != CheckStatus.Failed),
                Files = result.Files.Select(f => new { f.Name, Path = f.Shown, f.Shipped, Problems = result.Problems.Count(p => p.File == f.Shown && !p.IsWarning) }),
                Problems = result.Problems.Select(p => new { p.File, p.Line, Key = p.Path, p.Text, Severity = p.IsWarning ? "warning" : "error" }),
                Endpoints = endpoints.Select(e => new { e.Chain, e.Endpoint, Status = e.Worst, e.Checks }),
                Calls = plans.Select(p => new { Chain = p.Chain.Name, p.Plan.Mode, p.Plan.LookSeconds, p.Plan.NearLookSeconds, p.Plan.CallsPerDay, p.Plan.Budget }),
            });
        }
        else
        {
            Files(context, result);
            Endpoints(context, result, endpoints);
            Plans(context, plans);
        }

        return !result.IsGood ? ExitCode.Usage
            : endpoints.Exists(e => e.Unreachable) ? ExitCode.Node
            : endpoints.Exists(e => e.Worst == CheckStatus.Failed) ? ExitCode.Found
            : ExitCode.Ok;
    }

    /// <summary>The followed chains with their endpoints; with --rpc those URLs, each with the chain that it says it serves.</summary>
    private static async Task<IReadOnlyList<(ChainSettings Chain, IReadOnlyList<EndpointUrl> Urls)>> TargetsAsync(VerbContext context, MonitorSettings settings, CancellationToken cancellationToken)
    {
        if (context.Rpc.Count == 0)
        {
            return [.. settings.Followed.Select(c => (c, c.Endpoints))];
        }

        return [await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken)];
    }

    private static void Files(VerbContext context, SettingsResult result)
    {
        var shipped = result.Files.Count(f => f.Shipped);
        context.Out.WriteLine($"configuration: {shipped} shipped files{(context.ConfigDir is { } own ? $", {result.Files.Count - shipped} of {own}" : "")}");
        foreach (var file in result.Files)
        {
            var bad = result.Problems.Any(p => p.File == file.Shown && !p.IsWarning);
            if (bad || !file.Shipped || context.Verbose)
            {
                context.Out.WriteLine($"  {(bad ? "WRONG" : "ok   ")} {file.Shown}");
            }
        }

        foreach (var problem in result.Problems)
        {
            context.Out.WriteLine($"  {(problem.IsWarning ? "warning" : "error")}: {problem}");
        }
    }

    private static void Endpoints(VerbContext context, SettingsResult result, List<EndpointReport> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            context.Out.WriteLine($"{endpoint.Chain}: {endpoint.Endpoint}");
            foreach (var line in endpoint.Checks)
            {
                context.Out.WriteLine($"  {Word(line.Status)} {line.Name,-10} {line.Text}");
            }
        }

        if (result.IsGood && endpoints.Count == 0 && !context.Get(Offline))
        {
            context.Out.WriteLine("no chain has endpoints, so there is nothing to follow: add \"endpoints\" to a file in chains/, or run 'defimonitor init ADDRESS --rpc URL'.");
        }
    }

    private static void Plans(VerbContext context, List<(ChainSettings Chain, CallPlan Plan)> plans)
    {
        foreach (var (chain, plan) in plans)
        {
            var budget = plan.Budget is { } limit ? $" of the {limit:N0} allowed" : "; no limit is configured (\"callsPerDay\")";
            var mode = plan.Mode == CallMode.Follow ? "every block is followed" : "watch-list mode: the accounts are read whole at each look";
            context.Out.WriteLine($"{chain.Name}: about {plan.CallsPerDay:N0} calls a day{budget}; {mode}, a look every {plan.LookSeconds:0.#} s, every {plan.NearLookSeconds:0.#} s near a rule");
        }
    }

    private static string Word(CheckStatus status) => status switch
    {
        CheckStatus.Ok => "ok     ",
        CheckStatus.Warning => "warning",
        _ => "FAILED ",
    };
}
