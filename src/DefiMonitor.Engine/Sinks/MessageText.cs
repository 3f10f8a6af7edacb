using System.Globalization;
using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Sinks;

/// <summary>A message as a person reads it: title, lines, and a last line with block, age and ids. Clean of controls; markup is the sink's to escape.</summary>
/// <param name="Footer">Never cut.</param>
public sealed record MessageText(string Title, IReadOnlyList<string> Lines, string Footer)
{
    /// <summary>Shown of an alert id; what /ack and <c>alerts ack</c> take as its beginning.</summary>
    public const int ShownIdLength = 8;

    private const int ShownMessageId = 12;
    private const int MaxTitle = 300;
    private const int MaxLine = 600;
    private const int MaxLines = 60;

    public static MessageText Of(SinkMessage message)
    {
        var transition = message.Transition;
        var lines = new List<string>(transition.Lines.Count + 2);
        if (message.IsRepeat)
        {
            lines.Add("Told before; nobody has acknowledged it.");
        }

        foreach (var line in transition.Lines.Take(MaxLines))
        {
            lines.Add(HostileText.OneLine(line, MaxLine));
        }

        if (message.Confirmation is { } confirmation)
        {
            lines.Add(Said(confirmation));
        }

        return new MessageText(HostileText.OneLine(transition.Title, MaxTitle), lines, FooterOf(message));
    }

    public static string ShortId(string id) => id.Length <= ShownIdLength ? id : id[..ShownIdLength];

    /// <summary>One line for people.</summary>
    public static string Said(Confirmation confirmation)
    {
        var text = confirmation switch
        {
            { State: ConfirmationState.Confirmed, Reason: null } => "Confirmed by the chain's own view.",
            { State: ConfirmationState.Confirmed } => $"Confirmed by the chain's own view: {confirmation.Reason}",
            { State: ConfirmationState.Disputed } => $"DISPUTED, the chain's own view differs: {confirmation.Reason}",
            _ => $"Unconfirmed: {confirmation.Reason}",
        };
        return HostileText.OneLine(text, MaxLine);
    }

    /// <summary>75 s, 12 min, 3 h, 2 d: the largest unit that still says something.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 120 } => $"{(long)span.TotalSeconds} s",
        { TotalMinutes: < 120 } => $"{(long)span.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(long)span.TotalHours} h",
        _ => $"{(long)span.TotalDays} d",
    };

    private static string FooterOf(SinkMessage message)
    {
        var transition = message.Transition;
        var ids = $"alert {ShortId(transition.AlertId)}/{transition.Number} · message {(message.MessageId.Length <= ShownMessageId ? message.MessageId : message.MessageId[..ShownMessageId])}";
        if (transition.Subject.Kind is SubjectKind.Monitor or SubjectKind.Venue)
        {
            return ids;
        }

        var age = message.SendingAt.ToUnixTimeSeconds() - (long)transition.Block.Timestamp;
        var pin = transition.Report is null || transition.Pin == "hash" ? "" : " · read by number (weak)";
        return string.Create(CultureInfo.InvariantCulture,
            $"block {transition.Block.Number} {transition.Block.Hash.Short} · {Duration(TimeSpan.FromSeconds(Math.Max(0, age)))} old{pin} · {ids}");
    }
}
