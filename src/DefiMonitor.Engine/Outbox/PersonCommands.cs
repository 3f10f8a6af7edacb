using System.Globalization;
using System.Text;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Outbox;

/// <summary>What a person may say back to the monitor, in whatever chat: turned into rows of the command table, answered in a sentence.</summary>
public sealed class PersonCommands(IMonitorStore store, TimeProvider time)
{
    /// <summary>Fewer characters of an id would too often mean several alerts.</summary>
    public const int ShortestId = 4;

    private const int Page = 500;
    private static readonly TimeSpan LongestMute = TimeSpan.FromDays(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WaitForLoop = TimeSpan.FromSeconds(5);

    /// <summary>Acknowledges the open alert whose id begins so.</summary>
    public async Task<PersonAnswer> AcknowledgeAsync(string idBeginning, string by, CancellationToken cancellationToken)
    {
        var (alert, problem) = await FindAsync(idBeginning, cancellationToken);
        if (alert is null)
        {
            return new PersonAnswer(false, problem!);
        }

        var id = await store.AddCommandAsync(AlertCommands.ForAcknowledge(alert, by, time.GetUtcNow()), cancellationToken);
        var about = $"alert {MessageText.ShortId(alert.State.AlertId)} ({HostileText.OneLine(alert.State.Subject.Key, 120)})";
        return await AppliedAsync(id, cancellationToken) switch
        {
            null => new PersonAnswer(true, $"Noted for {about}; it takes effect when its loop is back.", alert.State.AlertId),
            { } refused when refused.StartsWith("refused", StringComparison.Ordinal) =>
                new PersonAnswer(false, $"Not acknowledged: {about}: {HostileText.OneLine(refused, 200)}.", alert.State.AlertId),
            _ => new PersonAnswer(true, $"Acknowledged by {HostileText.OneLine(by, 60)}: {about}, level {Level(alert)}.", alert.State.AlertId),
        };
    }

    /// <summary>Mutes the subject of the open alert whose id begins so. What is liquidatable is told all the same.</summary>
    public async Task<PersonAnswer> MuteAsync(string idBeginning, TimeSpan span, string by, CancellationToken cancellationToken)
    {
        var (alert, problem) = await FindAsync(idBeginning, cancellationToken);
        return alert is null
            ? new PersonAnswer(false, problem!)
            : await MuteKeyAsync(alert.State.Subject.ToString(), HostileText.OneLine(alert.State.Subject.Key, 120), span, by, "Liquidatable is told all the same.", alert.State.AlertId, cancellationToken);
    }

    /// <summary>Mutes whatever is below critical.</summary>
    public Task<PersonAnswer> MuteEverythingAsync(TimeSpan span, string by, CancellationToken cancellationToken) =>
        MuteKeyAsync(MutePolicy.Everything, "Everything", span, by, "Critical and liquidatable are told all the same.", null, cancellationToken);

    /// <summary>Ends the mute of an open alert's subject.</summary>
    public async Task<PersonAnswer> UnmuteAsync(string idBeginning, string by, CancellationToken cancellationToken)
    {
        var (alert, problem) = await FindAsync(idBeginning, cancellationToken);
        return alert is null
            ? new PersonAnswer(false, problem!)
            : await UnmuteKeyAsync(alert.State.Subject.ToString(), HostileText.OneLine(alert.State.Subject.Key, 120), by, alert.State.AlertId, cancellationToken);
    }

    /// <summary>Ends the mute of everything; mutes of single subjects stay.</summary>
    public Task<PersonAnswer> UnmuteEverythingAsync(string by, CancellationToken cancellationToken) =>
        UnmuteKeyAsync(MutePolicy.Everything, "Everything", by, null, cancellationToken);

    /// <summary>How the monitor stands, in a few lines.</summary>
    public async Task<PersonAnswer> StatusAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var text = new StringBuilder();
        foreach (var loop in await store.LoopsAsync(cancellationToken))
        {
            var state = loop.Beat is not { } beat ? "no sign of life yet"
                : beat.Unhealthy is { } why ? $"BROKEN: {Redaction.ByShape.Error(why)}"
                : $"{MessageText.Duration(now - beat.At)} ago" + (beat.Judged is { } block ? $", judged block {block.Number}, {MessageText.Duration(now - DateTimeOffset.FromUnixTimeSeconds((long)block.Timestamp))} old" : "");
            text.AppendLine(CultureInfo.InvariantCulture, $"{loop.Loop}: {state}");
        }

        var open = await OpenAsync(cancellationToken);
        text.AppendLine(open.Count == 0 ? "No open alerts." : $"Open alerts: {string.Join(", ", open.GroupBy(a => a.State.Level).OrderByDescending(g => g.Key).Select(g => $"{g.Count()} {Word(g.Key)}"))}.");
        foreach (var sink in await store.OutboxHealthAsync(cancellationToken))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{sink.Sink}: {sink.Due} waiting, {sink.Dead} dead letters");
        }

        return new PersonAnswer(true, text.ToString().TrimEnd());
    }

    /// <summary>30m, 1h, 2d: a number and a unit, at most thirty days.</summary>
    public static bool TryReadDuration(string? text, out TimeSpan span)
    {
        span = default;
        if (text is not { Length: > 1 and < 8 } || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        span = char.ToLowerInvariant(text[^1]) switch
        {
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => TimeSpan.Zero,
        };
        return span > TimeSpan.Zero && span <= LongestMute;
    }

    private static string Word(AlertLevel level) => level.ToString().ToLowerInvariant();

    private static string Level(AlertRow alert) => Word(alert.State.Level);

    private async Task<PersonAnswer> MuteKeyAsync(
        string key, string shown, TimeSpan span, string by, string exception, string? alertId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = await store.AddCommandAsync(AlertCommands.ForMute(key, now + span, by, now), cancellationToken);
        return await AppliedAsync(id, cancellationToken) is { } result
            ? new PersonAnswer(true, $"{shown}: {result}. {exception}", alertId)
            : new PersonAnswer(true, $"Noted: {shown} will be muted when the outbox is back.", alertId);
    }

    private async Task<PersonAnswer> UnmuteKeyAsync(string key, string shown, string by, string? alertId, CancellationToken cancellationToken)
    {
        var id = await store.AddCommandAsync(AlertCommands.ForUnmute(key, by, time.GetUtcNow()), cancellationToken);
        return await AppliedAsync(id, cancellationToken) is { } result
            ? new PersonAnswer(true, $"{shown}: {result}.", alertId)
            : new PersonAnswer(true, $"Noted: the mute of {shown} ends when the outbox is back.", alertId);
    }

    private async Task<(AlertRow? Alert, string? Problem)> FindAsync(string idBeginning, CancellationToken cancellationToken)
    {
        if (idBeginning.Length < ShortestId || !idBeginning.All(char.IsAsciiLetterOrDigit))
        {
            return (null, $"Write at least {ShortestId} characters of the alert's id, as it stands in the last line of its message.");
        }

        var found = (await OpenAsync(cancellationToken)).Where(a => a.State.AlertId.StartsWith(idBeginning, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count switch
        {
            1 => (found[0], null),
            0 => (null, $"No open alert has an id that begins with {idBeginning}; it may be over. /status counts the open ones."),
            _ => (null, $"{found.Count} open alerts have an id that begins with {idBeginning}; write more of it."),
        };
    }

    private async Task<List<AlertRow>> OpenAsync(CancellationToken cancellationToken)
    {
        var open = new List<AlertRow>();
        string? cursor = null;
        do
        {
            var page = await store.AlertsAsync(openOnly: true, cursor, Page, cancellationToken);
            open.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return open;
    }

    // What the owning loop answered; null when it did not within a moment.
    private async Task<string?> AppliedAsync(long id, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + WaitForLoop;
        while (true)
        {
            if (await store.CommandAsync(id, cancellationToken) is { AppliedAt: not null } done)
            {
                return done.Result ?? "";
            }

            if (time.GetUtcNow() >= until)
            {
                return null;
            }

            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }
}

/// <param name="Done">False when nothing was asked of the monitor, because the request made no sense.</param>
/// <param name="AlertId">Of the alert it was about.</param>
public sealed record PersonAnswer(bool Done, string Text, string? AlertId = null);
