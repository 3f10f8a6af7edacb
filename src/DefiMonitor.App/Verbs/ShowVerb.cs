using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Verbs;

/// <summary>One look at an owner on every chain.</summary>
public static class ShowVerb
{
    private const int UsualWait = 30;

    private static readonly Argument<string> Who = new("owner") { Description = "An address, a name of owners.json, or an ENS name (a to z, 0 to 9, hyphen and dot; the address must name it in return)." };

    private static readonly Option<string?> Target = new("--target")
    {
        Description = "Health factor that the repay and deposit amounts aim at, above 1.",
        HelpName = "HEALTH",
    };

    private static readonly Option<int> Wait = new("--wait")
    {
        Description = "Seconds that each chain has to answer; all are asked at once.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => UsualWait,
    };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "show",
        "Shows one owner at the newest block of each chain: every leg, every trigger with its distance, the smallest repay and deposit, what the owner can do, whether our figures equal the chain's own, price caps and what the next price would do where a feed is configured, accounts at venues of venues.json, and one ledger over all chains and wallets. What the database of --data last told of the accounts is compared. Exit code 0 when all are equal, 4 when one differs, 3 when a chain, an account, a wallet or a venue can't be read, or a chain's newest block is too old.",
        [Who, CommonOptions.Config, CommonOptions.Rpc, CommonOptions.Data, Target, Wait, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var target = ReadTarget(context.Get(Target));
        var wait = context.Get(Wait);
        if (wait is < 1 or > 3600)
        {
            throw new CliException(ExitCode.Usage, $"--wait: {wait} is out of range; write seconds from 1 to 3600.");
        }

        IReadOnlyList<ChainSettings>? known = null;
        async Task<IReadOnlyList<ChainSettings>> ChainsAsync() => known ??= await FindChainsAsync(context, settings, cancellationToken);
        var owner = await OwnerNames.FindAsync(settings, ChainsAsync, context.Get(Who)!, context.Terminal.Time, cancellationToken);
        var chains = (await ChainsAsync()).Select(c => (Chain: c, Owners: (IReadOnlyList<Address>)[.. owner.AddressesOn(c.Chain)])).Where(static c => c.Owners.Count > 0).ToList();
        if (chains.Count == 0)
        {
            throw new CliException(ExitCode.Usage, $"\"{owner.Name}\" is watched on no chain that has endpoints; look at its \"chains\" in owners.json.");
        }

        foreach (var (chain, _) in chains)
        {
            context.Terminal.Progress($"reading {settings.DeploymentsOn(chain.Chain).Count()} deployments on {chain.Name}");
        }

        var reading = await new LedgerReader(settings, context.Terminal, TimeSpan.FromSeconds(wait), target).ReadAsync(chains, cancellationToken);
        foreach (var part in reading.Parts.Where(static p => p.Reading is null))
        {
            context.Terminal.Error.WriteLine($"{part.Chain.Name}: {part.Holdings.Unreadable}");
        }

        var venues = await OwnerVenues.ReadAsync(settings, owner, context.Terminal.Time, cancellationToken);
        var changes = await ChangesAsync(context, reading, cancellationToken);
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, ShowJson.Of(context.Get(Who)!, owner, reading, changes, venues));
        }
        else
        {
            Print(context, owner, reading, changes, venues);
        }

        return reading.Parts.Select(CodeOf).Append(venues.Reports.Any(static venue => venue.Status == MarginStatus.Unknown) ? ExitCode.Node : ExitCode.Ok).Aggregate(ExitCode.Ok, Worse);
    }

    private static async Task<IReadOnlyList<ChainSettings>> FindChainsAsync(VerbContext context, MonitorSettings settings, CancellationToken cancellationToken)
    {
        var chains = context.Rpc.Count > 0
            ? [(await Node.ChainOfAsync(settings, context.Rpc, context.Terminal.Time, cancellationToken)).Chain]
            : settings.Followed.ToList();
        if (chains.Count == 0)
        {
            throw new CliException(ExitCode.Usage, "no chain has endpoints; name a node with --rpc URL, or add \"endpoints\" to a file in chains/.");
        }

        return chains.Any(c => settings.DeploymentsOn(c.Chain).Any())
            ? chains
            : throw new CliException(ExitCode.Usage, $"no deployment on {string.Join(", ", chains.Select(static c => c.Chain))} is known; add it to the file of its family in protocols/ ({string.Join(", ", ProtocolFamilies.All.Select(static f => f.Name + ".json"))}), or for an Aave market run 'defimonitor init ADDRESS --rpc URL --provider 0x…'.");
    }

    /// <summary>What became of each account since the report that a monitor filed last; empty where it never ran on that folder.</summary>
    private static async Task<IReadOnlyList<AccountChange>> ChangesAsync(VerbContext context, OwnerReading reading, CancellationToken cancellationToken)
    {
        if (!File.Exists(MonitorDatabase.PathIn(context.DataDir)))
        {
            return [];
        }

        var changes = new List<AccountChange>();
        try
        {
            await using var store = await MonitorDatabase.OpenAsync(context.DataDir, cancellationToken);
            foreach (var account in reading.Parts.SelectMany(static p => p.Reading?.Accounts ?? []))
            {
                if (await store.ReportAsync(account.Account, cancellationToken) is { } filed)
                {
                    changes.Add(AccountChange.Of(filed.Report, account.AtBlock));
                }
            }
        }
        catch (StoreException e)
        {
            // What the chain says is shown all the same.
            context.Terminal.Error.WriteLine($"nothing is compared with the last report: {e.Message}");
        }

        return changes;
    }

    private static void Print(VerbContext context, OwnerSettings owner, OwnerReading reading, IReadOnlyList<AccountChange> changes, OwnerAtVenues venues)
    {
        foreach (var part in reading.Parts)
        {
            if (part.Reading is { } read)
            {
                Print(context, part, owner, read);
                context.Out.WriteLine();
            }
        }

        foreach (var line in VenueText.Lines(venues.Reports, OwnerVenues.Legacy(reading.Accounts, venues.Reports)).Concat(VenueText.Lines(venues.Unnamed)))
        {
            context.Out.WriteLine(line);
        }

        foreach (var line in LedgerText.Lines(owner, reading, changes, venues.Reports))
        {
            context.Out.WriteLine(line);
        }
    }

    private static void Print(VerbContext context, ChainPart part, OwnerSettings owner, ChainReading reading)
    {
        var pin = reading.Pin == Pin.Strong ? "" : ", pin: weak";
        context.Out.WriteLine($"{string.Join(", ", owner.AddressesOn(part.Chain.Chain))} on {part.Chain.Name} ({part.Chain.Chain}), block {reading.Block.Ref}, {part.Holdings.AgeSeconds} s old{pin}");
        foreach (var line in FeedText.Lines(reading.Next, reading.Block.Timestamp))
        {
            context.Out.WriteLine($"  {line}");
        }

        foreach (var account in reading.Accounts.Where(a => a.HasPosition))
        {
            context.Out.WriteLine();
            foreach (var line in AccountText.Lines(account, reading.Next))
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

    private static int CodeOf(ChainPart part)
    {
        if (part.Reading is not { } reading)
        {
            return ExitCode.Node;
        }

        var isUnread = reading.Failures.Count > 0 || part.Holdings.Stale is not null || part.Holdings.Wallet.Any(static held => held.Amount is null);
        var code = isUnread ? ExitCode.Node : ExitCode.Ok;
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
