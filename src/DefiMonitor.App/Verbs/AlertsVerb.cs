using System.CommandLine;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.App.Verbs;

/// <summary>What stands open, and what a person says to it. Works on the database, beside a running monitor or without one.</summary>
public static class AlertsVerb
{
    private static readonly Argument<string> Id = new("id") { Description = "The alert's id, or the first characters of it." };
    private static readonly Option<bool> All = new("--all") { Description = "Closed alerts too." };
    private static readonly Option<string> For = new("--for") { Description = "For how long: 30m, 8h, 2d; 30d at most.", HelpName = "TIME", DefaultValueFactory = _ => "8h" };
    private static readonly Argument<string?> Message = new("message") { Description = "The message's id; without it all dead letters.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create(Terminal terminal)
    {
        Command[] children =
        [
            Verb.Create(terminal, "list", "Lists the open alerts, newest first.", [All, CommonOptions.Data, CommonOptions.Json], ListAsync),
            Verb.Create(terminal, "ack", "Acknowledges an open alert: it is not told a second time.", [Id, CommonOptions.Data, CommonOptions.Json], AckAsync),
            Verb.Create(terminal, "mute", "Mutes the subject of an open alert for a while. That anyone may liquidate is told all the same.", [Id, For, CommonOptions.Data, CommonOptions.Json], MuteAsync),
            Verb.Create(terminal, "unmute", "Ends the mute of an alert's subject.", [Id, CommonOptions.Data, CommonOptions.Json], UnmuteAsync),
            Verb.Create(terminal, "dead", "Lists the messages that could not be delivered, with the reason.", [CommonOptions.Data, CommonOptions.Json], DeadAsync),
            Verb.Create(terminal, "requeue", "Tries a dead letter again, or all of them.", [Message, CommonOptions.Data, CommonOptions.Json], RequeueAsync),
        ];
        var command = new Command("alerts", "Lists alerts, acknowledges and mutes them, and shows what could not be delivered.");
        foreach (var child in children)
        {
            command.Add(child);
        }

        return command;
    }

    private static async Task<int> ListAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var rows = await AllAsync(store, !context.Get(All), cancellationToken);
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, rows);
            return ExitCode.Ok;
        }

        foreach (var row in rows)
        {
            var acknowledged = row.State.Acknowledged ? "  acknowledged" : "";
            context.Out.WriteLine($"{MessageText.ShortId(row.State.AlertId)}  {Word(row.State.Level),-12} {row.State.Rule,-10} {HostileText.OneLine(row.State.Subject.ToString(), 120)}  since {Time(row.State.OpenedTimestamp)}{acknowledged}");
            if (row.Last is { } last)
            {
                context.Out.WriteLine($"          {HostileText.OneLine(last.Title, 200)}");
            }
        }

        context.Out.WriteLine(rows.Count switch { 0 => context.Get(All) ? "no alerts" : "no open alerts", 1 => "1 alert", _ => $"{rows.Count} alerts" });
        return ExitCode.Ok;
    }

    private static Task<int> AckAsync(VerbContext context, CancellationToken cancellationToken) =>
        SayAsync(context, people => people.AcknowledgeAsync(context.Get(Id)!, Person(), cancellationToken), cancellationToken);

    private static Task<int> MuteAsync(VerbContext context, CancellationToken cancellationToken) =>
        PersonCommands.TryReadDuration(context.Get(For), out var span)
            ? SayAsync(context, people => people.MuteAsync(context.Get(Id)!, span, Person(), cancellationToken), cancellationToken)
            : throw new CliException(ExitCode.Usage, $"--for: '{context.Get(For)}' is no length of time; write 30m, 8h or 2d, 30d at most.");

    private static async Task<int> UnmuteAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var beginning = context.Get(Id)!;
        var subjects = (await AllAsync(store, openOnly: false, cancellationToken))
            .Where(r => r.State.AlertId.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)).Select(r => r.State.Subject.ToString()).Distinct().ToList();
        if (beginning.Length < PersonCommands.ShortestId || subjects.Count != 1)
        {
            throw new CliException(ExitCode.Found, subjects.Count > 1 ? $"several alerts have an id that begins with {beginning}; write more of it." : $"no alert has an id that begins with {beginning} ({PersonCommands.ShortestId} characters at least).");
        }

        var id = await store.AddCommandAsync(AlertCommands.ForUnmute(subjects[0], Person(), context.Terminal.Time.GetUtcNow()), cancellationToken);
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Command = id, Subject = subjects[0] });
        }
        else
        {
            context.Out.WriteLine($"{HostileText.OneLine(subjects[0], 120)} is told of again as soon as the outbox has read this.");
        }

        return ExitCode.Ok;
    }

    private static async Task<List<AlertRow>> AllAsync(SqlStore store, bool openOnly, CancellationToken cancellationToken)
    {
        var rows = new List<AlertRow>();
        string? cursor = null;
        do
        {
            var page = await store.AlertsAsync(openOnly, cursor, 500, cancellationToken);
            rows.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return rows;
    }

    private static async Task<int> SayAsync(VerbContext context, Func<PersonCommands, Task<PersonAnswer>> say, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var answer = await say(new PersonCommands(store, context.Terminal.Time));
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, answer);
        }
        else
        {
            (answer.Done ? context.Out : context.Terminal.Error).WriteLine(answer.Text);
        }

        return answer.Done ? ExitCode.Ok : ExitCode.Found;
    }

    private static async Task<int> DeadAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var rows = await store.DeadLettersAsync(500, cancellationToken);
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, rows);
        }
        else
        {
            foreach (var row in rows)
            {
                context.Out.WriteLine($"{row.MessageId}  {row.Sink}  after {row.Attempts} attempts: {HostileText.OneLine(row.LastError ?? "no reason stored", 200)}");
                context.Out.WriteLine($"          {HostileText.OneLine(row.Stored.Transition.Title, 200)}");
            }

            context.Out.WriteLine(rows.Count == 0 ? "no dead letters" : $"{rows.Count} dead letters; 'defimonitor alerts requeue' tries them again");
        }

        return rows.Count == 0 ? ExitCode.Ok : ExitCode.Found;
    }

    private static async Task<int> RequeueAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await using var store = await MonitorDatabase.OpenExistingAsync(context.DataDir, cancellationToken);
        var message = context.Get(Message);
        var count = await store.RequeueAsync(message, context.Terminal.Time.GetUtcNow(), cancellationToken);
        if (context.Json)
        {
            JsonOutput.Write(context.Terminal, new { Requeued = count });
        }
        else
        {
            context.Out.WriteLine($"{count} messages are tried again");
        }

        return message is not null && count == 0 ? ExitCode.Found : ExitCode.Ok;
    }

    private static string Person() => Environment.UserName is { Length: > 0 } name ? name : "cli";

    private static string Word(AlertLevel level) => level.ToString().ToLowerInvariant();

    private static string Time(ulong seconds) => DateTimeOffset.FromUnixTimeSeconds((long)seconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
