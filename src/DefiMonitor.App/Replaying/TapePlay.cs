using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Replay;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Tape;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace DefiMonitor.App.Replaying;

/// <summary>Plays one tape to its end on a database of its own, and shows it as it is asked to.</summary>
internal sealed class TapePlay(VerbContext context, ChainTape tape)
{
    /// <summary>How long the whole tape may take; zero = as fast as it goes.</summary>
    public TimeSpan Pace { get; init; }

    /// <summary>Tells the twins' story when the tape has twins.</summary>
    public async Task<(ReplayResult Result, TapeRun Run, TwinStory Twins)> PlayAsync(CancellationToken cancellationToken)
    {
        var settings = TapeSettings.Load(tape, context);
        var folder = Directory.CreateTempSubdirectory("defimonitor-replay-");
        try
        {
            // Nothing of a replay is needed after a power cut.
            await using var store = await SqlStore.OpenAsync(
                new SqlStoreOptions { Path = MonitorDatabase.PathIn(folder.FullName), Durable = false }, cancellationToken);
            var protocols = settings.DeploymentsOn(tape.Header.Chain).Select(d => ProtocolFamilies.Create(d, settings.ChainOf(tape.Header.Chain)!)).ToList();
            var twins = new TwinStory();
            await using var run = new TapeRun(tape, settings, protocols, store, NullLogger.Instance) { Judged = twins.See };
            twins.Names = run.Names;
            await ShowAsync(run, cancellationToken);
            return (await run.FinishAsync(cancellationToken), run, twins);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Task ShowAsync(TapeRun run, CancellationToken cancellationToken)
    {
        if (context.Json)
        {
            return PrintAsync(run, message => context.Out.WriteLine(AlertJson.Write(message)), cancellationToken);
        }

        return Pace > TimeSpan.Zero && context.Terminal.IsInteractive ? LiveAsync(run, cancellationToken) : PrintAsync(run, null, cancellationToken);
    }

    private async Task PrintAsync(TapeRun run, Action<AlertV1>? json, CancellationToken cancellationToken)
    {
        var pacer = new Pacer(Pace, context.Terminal.Time);
        await foreach (var frame in run.PlayAsync(cancellationToken))
        {
            foreach (var message in frame.Told)
            {
                if (json is not null)
                {
                    json(AlertJson.Read(System.Text.Encoding.UTF8.GetString(message.Json.Span)));
                }
                else
                {
                    context.Out.WriteLine(ReplayScreen.PlainLine(message.Transition));
                }
            }

            await pacer.WaitAsync(frame, cancellationToken);
        }
    }

    private Task LiveAsync(TapeRun run, CancellationToken cancellationToken)
    {
        var screen = new ReplayScreen(AnsiConsole.Profile.Width, Math.Max(24, AnsiConsole.Profile.Height));
        var pacer = new Pacer(Pace, context.Terminal.Time);
        return AnsiConsole.Live(new Text("")).AutoClear(false).StartAsync(async live =>
        {
            await foreach (var frame in run.PlayAsync(cancellationToken))
            {
                live.UpdateTarget(screen.Draw(frame));
                live.Refresh();
                await pacer.WaitAsync(frame, cancellationToken);
            }
        });
    }

    /// <summary>Spreads the frames over the time given.</summary>
    private sealed class Pacer(TimeSpan pace, TimeProvider time)
    {
        private readonly long started = time.GetTimestamp();

        public Task WaitAsync(ReplayFrame frame, CancellationToken cancellationToken)
        {
            var due = pace * ((double)frame.Step / frame.Steps) - time.GetElapsedTime(started);
            return due > TimeSpan.Zero ? Task.Delay(due, time, cancellationToken) : Task.CompletedTask;
        }
    }
}
