using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Replaying;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.App.Verbs;

/// <summary>The main job on the tape that ships with the program.</summary>
public static class DemoVerb
{
    private const string Shipped = "eth-2021-05-19.tape";

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
        "Plays the tape that ships with the program (real Aave V3.0.2 and V3.6 contracts on a local node, through the ETH crash of 19 May 2021) through the loops of 'run', into a database of its own: the accounts as they slide towards liquidation, each alert as it fires, and what the monitor that people have today would have said. With --json each alert is a line of alert.v1, and the last line is the summary.",
        [Fast, Seconds, CommonOptions.Config, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (context.Get(Seconds) is < 1 or > 3_600)
        {
            throw new CliException(ExitCode.Usage, $"--seconds: {context.Get(Seconds)} is out of range; write 1 to 3600, or --fast.");
        }

        var tape = await TapeFile.ReadAsync(Path.Combine(AppContext.BaseDirectory, "tapes", Shipped), cancellationToken);
        context.Terminal.Progress(tape.Header.Note);
        var pace = context.Get(Fast) ? TimeSpan.Zero : TimeSpan.FromSeconds(context.Get(Seconds));
        return await ReplayVerb.FinishAsync(context, new TapePlay(context, tape) { Pace = pace }, cancellationToken);
    }
}
