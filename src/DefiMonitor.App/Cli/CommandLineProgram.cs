using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.App.Cli;

/// <summary>Parses the command line, runs the verb, and turns every failure into one sentence and an exit code.</summary>
public static class CommandLineProgram
{
    public const string Name = "defimonitor";

    private static readonly Lock Gate = new();

    /// <summary>As a process: Ctrl-C and SIGTERM ask the verb to end.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, IReadOnlyList<Func<Terminal, Command>> verbs)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await RunAsync(args, terminal, verbs, stop.Token);

        void Stop(PosixSignalContext context)
        {
            // The second signal is left to the system: it ends the process at once.
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    public static async Task<int> RunAsync(string[] args, Terminal terminal, IReadOnlyList<Func<Terminal, Command>> verbs, CancellationToken cancellationToken)
    {
        var (root, parsed) = Parse(args, terminal, verbs);
        if (parsed.Action is ParseErrorAction)
        {
            Complain(terminal, root, parsed);

            var path = parsed.CommandResult.Command is RootCommand ? "" : " " + PathOf(parsed.CommandResult.Command);
            terminal.Error.WriteLine($"Run '{Name}{path} --help' to see what can be written.");
            return ExitCode.Usage;
        }

        try
        {
            var invocation = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (Exception e)
        {
            var (code, text) = Explain(e, cancellationToken);
            terminal.Error.WriteLine(text);
            if (parsed.GetValue(CommonOptions.Verbose))
            {
                terminal.Error.WriteLine(e);
            }

            return code;
        }
    }

    // Options are static, and adding one to a command writes into it: one command line at a time.
    private static (RootCommand Root, ParseResult Parsed) Parse(string[] args, Terminal terminal, IReadOnlyList<Func<Terminal, Command>> verbs)
    {
        lock (Gate)
        {
            var root = new RootCommand($"Watches lending positions on chain and tells you in time.\n\n{ExitCode.Help}");
            root.Add(CommonOptions.Verbose);
            foreach (var verb in verbs)
            {
                root.Add(verb(terminal));
            }

            return (root, root.Parse(args));
        }
    }

    private static void Complain(Terminal terminal, RootCommand root, ParseResult parsed)
    {
        if (parsed.CommandResult.Command is RootCommand && parsed.UnmatchedTokens is [var verb, ..] && !verb.StartsWith('-'))
        {
            var known = root.Subcommands.Select(c => c.Name).ToList();
            terminal.Error.WriteLine($"{Name}: there is no verb '{verb}'{DidYouMean.Hint(verb, known)}; the verbs are {string.Join(", ", known)}.");
            return;
        }

        foreach (var error in parsed.Errors)
        {
            terminal.Error.WriteLine($"{Name}: {error.Message}");
        }
    }

    private static string PathOf(Command command)
    {
        var names = new List<string>();
        for (Symbol? at = command; at is Command and not RootCommand; at = at.Parents.FirstOrDefault())
        {
            names.Insert(0, at.Name);
        }

        return string.Join(' ', names);
    }

    private static (int Code, string Text) Explain(Exception e, CancellationToken cancellationToken) => e switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => (ExitCode.Interrupted, $"{Name}: interrupted."),
        CliException cli => (cli.ExitCode, $"{Name}: {cli.Message}"),
        SettingsException settings => (ExitCode.Usage, string.Join(Environment.NewLine, settings.Problems.Where(p => !p.IsWarning).Select(p => $"{Name}: {p}"))),
        TapeException tape => (ExitCode.Usage, $"{Name}: {tape.Message}"),
        StoreException store => (ExitCode.Store, $"{Name}: {store.Message}"),
        _ => (ExitCode.Bug, $"{Name}: this is a bug: {e.GetType().Name}: {e.Message} Add --verbose to see where it happened, and please report it."),
    };
}
