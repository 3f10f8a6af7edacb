using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Replaying;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.App.Verbs;

/// <summary>The main job on a tape that ships with the program.</summary>
public static class DemoVerb
{
    /// <summary>What can be played, the one that is played unasked first.</summary>
    private static readonly (string Name, string File)[] Shipped =
    [
        ("crash", "eth-2021-05-19.tape"),
        ("two-protocols", "eth-2021-05-19-two-protocols.tape"),
        ("options", "eth-2021-05-19-options.tape"),
    ];

    private static readonly Option<string> Tape = new("--tape")
    {
        Description = "Which: crash (48 accounts on Aave), two-protocols (owners on Aave and Morpho Blue at once), options (short options on Lyra v1 beside loans on Aave).",
        HelpName = "NAME",
        DefaultValueFactory = _ => Shipped[0].Name,
    };

    private static readonly Option<bool> Fast = new("--fast") { Description = "Do not pace: as fast as it goes, alerts as lines." };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long the tape takes.",
        HelpName = "N",
        DefaultValueFactory = _ => 40,
    };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "demo",
        "Plays a tape that ships with the program (real contracts on a local node, through the ETH crash of 19 May 2021; --tape names another) through the loops of 'run', into a database of its own: the accounts as they slide towards liquidation, each alert as it fires, and what the monitor that people have today would have said. With --json each alert is a line of alert.v1, and the last line is the summary.",
        [Tape, Fast, Seconds, CommonOptions.Config, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (context.Get(Seconds) is < 1 or > 3_600)
        {
            throw new CliException(ExitCode.Usage, $"--seconds: {context.Get(Seconds)} is out of range; write 1 to 3600, or --fast.");
        }

        var name = context.Get(Tape)!;
        if (Shipped.FirstOrDefault(t => t.Name == name).File is not { } file)
        {
            throw new CliException(ExitCode.Usage, $"--tape: no shipped tape is called \"{name}\"; write {string.Join(", ", Shipped.Select(static t => t.Name))}, or play a file with 'defimonitor replay FILE'.");
        }

        var tape = await TapeFile.ReadAsync(Path.Combine(AppContext.BaseDirectory, "tapes", file), cancellationToken);
        context.Terminal.Progress(tape.Header.Note);
        var pace = context.Get(Fast) ? TimeSpan.Zero : TimeSpan.FromSeconds(context.Get(Seconds));
        return await ReplayVerb.FinishAsync(context, new TapePlay(context, tape) { Pace = pace }, cancellationToken);
    }
}
