using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.App.Verbs;

/// <summary>A test message that goes the whole way: store, outbox, sink.</summary>
public static class TestAlertVerb
{
    /// <summary>A loop name of its own, so that no running loop is fenced off.</summary>
    private const string Loop = "test-alert";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private static readonly Option<string[]> Sink = new("--sink") { Description = "Only this sink; may be given more than once.", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Level = new("--level") { Description = "Level of the test: warning, danger, critical (tries whether it wakes you) or liquidatable.", HelpName = "LEVEL", DefaultValueFactory = _ => "warning" };
    private static readonly Option<int> Wait = new("--wait") { Description = "Seconds to wait for the delivery.", HelpName = "SECONDS", DefaultValueFactory = _ => 20 };

    public static Command Create(Terminal terminal) => Verb.Create(
        terminal,
        "test-alert",
        "Puts a test message through the database and the outbox to every sink, and reports what became of it. Beside a running monitor that one delivers it; otherwise it is delivered here. Exit code 0 when every sink took it, 1 when one did not.",
        [Sink, Level, Wait, CommonOptions.Config, CommonOptions.Data, CommonOptions.Json],
        RunAsync);

    private static async Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.NeedSettings();
        var wait = context.Get(Wait);
        if (!Enum.TryParse<AlertLevel>(context.Get(Level), ignoreCase: true, out var level) || level == AlertLevel.None || wait is < 1 or > 600)
        {
            throw new CliException(ExitCode.Usage, wait is < 1 or > 600 ? "--wait: write a number of seconds from 1 to 600." : $"--level: '{context.Get(Level)}' is not known; write warning, danger, critical or liquidatable.");
        }

        var sinks = Chosen(settings, context.Get(Sink) ?? []);
        var time = context.Terminal.Time;
        await using var store = await MonitorDatabase.OpenAsync(context.DataDir, cancellationToken);
        var seq = await CommitAsync(store, level, sinks, time, cancellationToken);
        var until = time.GetUtcNow() + TimeSpan.FromSeconds(wait);
        IReadOnlyList<OutboxRow> rows;
        using var free = DataLock.TryTake(context.DataDir, out _);
        if (free is null)
        {
            context.Terminal.Progress("a monitor is running on this database; it delivers the test");
            rows = await WaitAsync(store, seq, until, time, step: null, cancellationToken);
        }
        else
        {
            using var catalog = new SinkCatalog(settings.Sinks, context.Json ? context.Terminal.Error : context.Out, store, time);
            using var metrics = new MonitorMetrics();
            var outbox = new OutboxLoop(store, catalog.Sinks, new ChainConfirmer(new Dictionary<ChainId, ConfirmingChain>()), AlertJson.Encode, OutboxOptions.From(settings.Sinks), time, metrics);
            await outbox.StartAsync(cancellationToken);
            rows = await WaitAsync(store, seq, until, time, outbox.StepAsync, cancellationToken);
        }

        return Report(context, rows);
    }

    private static List<string> Chosen(MonitorSettings settings, string[] asked)
    {
        var names = settings.Sinks.Sinks.Select(s => s.Name).ToList();
        if (names.Count == 0)
        {
            throw new CliException(ExitCode.Usage, "sinks.json names no sink, so nobody would be told; add one, such as { \"kind\": \"console\", \"name\": \"console\" }.");
        }

        foreach (var name in asked)
        {
            if (!names.Contains(name))
            {
                throw new CliException(ExitCode.Usage, $"--sink: there is no sink \"{name}\"{DidYouMean.Hint(name, names)}; the sinks are {string.Join(", ", names)}.");
            }
        }

        return asked.Length > 0 ? [.. asked.Distinct()] : names;
    }

    private static async Task<long> CommitAsync(SqlStore store, AlertLevel level, List<string> sinks, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var test = Judge.Test((ulong)now.ToUnixTimeSeconds(), level);
        while (await store.AlertAsync(test.Changed[0].AlertId, cancellationToken) is not null)
        {
            // Tests are told apart by their second.
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            now = time.GetUtcNow();
            test = Judge.Test((ulong)now.ToUnixTimeSeconds(), level);
        }

        var fence = await store.ClaimAsync(Loop, cancellationToken);
        var seqs = await store.CommitAsync(fence, new JudgementCommit { At = now, Alerts = test.Changed, Transitions = [.. test.Transitions.Select(t => new RoutedTransition(t, sinks))] }, cancellationToken);
        return seqs[0];
    }

    private static async Task<IReadOnlyList<OutboxRow>> WaitAsync(
        SqlStore store, long seq, DateTimeOffset until, TimeProvider time, Func<CancellationToken, Task<bool>>? step, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (step is not null)
            {
                await step(cancellationToken);
            }

            // One refusal is answer enough for a test; the outbox goes on trying by itself.
            var rows = await store.MessagesOfAsync(seq, cancellationToken);
            if (rows.All(r => r.Status != OutboxStatus.Due || r.Attempts > 0) || time.GetUtcNow() >= until)
            {
                return rows;
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private static int Report(VerbContext context, IReadOnlyList<OutboxRow> rows)
    {
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Delivered = rows.All(IsDelivered), Sinks = rows.Select(r => new { r.Sink, r.Status, r.MessageId, r.Attempts, Error = r.LastError }) });
        }
        else
        {
            foreach (var row in rows)
            {
                var text = row.Status switch
                {
                    OutboxStatus.Sent => "delivered",
                    OutboxStatus.Suppressed => $"not told: {row.LastError}",
                    OutboxStatus.Held => "held back until the quiet hours end",
                    OutboxStatus.Dead => $"NOT delivered: {row.LastError}",
                    _ => row.LastError is { } error ? $"NOT delivered yet: {error}" : "NOT delivered yet: nothing has tried",
                };
                context.Out.WriteLine($"{row.Sink}: {HostileText.OneLine(text, 300)}");
            }
        }

        return rows.All(IsDelivered) ? ExitCode.Ok : ExitCode.Found;
    }

    private static bool IsDelivered(OutboxRow row) => row.Status == OutboxStatus.Sent;
}
