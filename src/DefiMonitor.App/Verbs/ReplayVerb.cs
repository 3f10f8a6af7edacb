using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Replaying;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.App.Verbs;

/// <summary>Any rules over any tape.</summary>
public static class ReplayVerb
{
    private static readonly Argument<string> Tape = new("tape") { Description = "The tape, as 'record' wrote it." };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "replay",
        "Plays a tape through the loops of 'run' with the shipped rules, or with rules.json and assets/ of --config, and says which alerts, when, with how much lead and how many messages. With --json each alert is a line of alert.v1, and the last line is the summary. Exit code 1 when a liquidation was missed or an alert was false.",
        [Tape, CommonOptions.Config, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var tape = await TapeFile.ReadAsync(context.Get(Tape)!, cancellationToken);
        context.Terminal.Progress($"playing {tape.Steps.Count} steps of {tape.Header.Chain}: {tape.Header.Note}");
        return await FinishAsync(context, new TapePlay(context, tape), cancellationToken);
    }

    internal static async Task<int> FinishAsync(VerbContext context, TapePlay play, CancellationToken cancellationToken)
    {
        var (result, run, twins) = await play.PlayAsync(cancellationToken);
        var words = context.Json ? context.Terminal.Error : context.Out;
        ReplayReport.Print(words, result, run);
        foreach (var line in twins.Lines())
        {
            words.WriteLine(line);
        }

        if (run.NotOnTape > 0)
        {
            context.Terminal.Error.WriteLine($"warning: {run.NotOnTape} questions have no answer on this tape; it was recorded with other adapters, record it again.");
        }

        if (context.Json)
        {
            context.Out.WriteLine(ReplayReport.JsonLine(result.Summary));
        }

        return result.Summary is { Missed: 0, FalseAlerts: 0 } ? ExitCode.Ok : ExitCode.Found;
    }
}
