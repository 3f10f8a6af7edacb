using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Outbox;

/// <summary>
/// What a mute and what quiet hours hide. A mute that a person set on one alert's subject or on an owner hides everything below liquidatable; a mute of
/// everything hides what is below critical, as quiet hours do. Nothing hides that anyone may liquidate, nor that this is over.
/// </summary>
internal static class MutePolicy
{
    /// <summary>Mute key that stands for every subject.</summary>
    public const string Everything = "*";

    /// <summary>Why the message is not told; null = it is.</summary>
    public static string? Hides(IReadOnlyList<Mute> mutes, AlertTransition transition)
    {
        var loudest = Loudest(transition);
        if (loudest >= AlertLevel.Liquidatable)
        {
            return null;
        }

        foreach (var mute in mutes)
        {
            var hides = mute.Key == Everything ? loudest < AlertLevel.Critical : IsAbout(mute.Key, transition);
            if (hides)
            {
                return $"muted ({mute.Key}) until {mute.Until:yyyy-MM-dd HH:mm} UTC";
            }
        }

        return null;
    }

    /// <summary>When a message that quiet hours hold is to go out; null = now.</summary>
    public static DateTimeOffset? HeldUntil(SinkQuietHours? quiet, AlertTransition transition, DateTimeOffset now) =>
        quiet is { Action: QuietAction.Hold } && Loudest(transition) < AlertLevel.Critical ? quiet.EndIfQuiet(now) : null;

    /// <summary>Whether it arrives without a sound.</summary>
    public static bool IsSilent(SinkQuietHours? quiet, AlertTransition transition, DateTimeOffset now) =>
        transition.Quiet || (transition.Level < AlertLevel.Critical && quiet?.EndIfQuiet(now) is not null);

    public static AlertLevel Loudest(AlertTransition transition) =>
        transition.Level > transition.PreviousLevel ? transition.Level : transition.PreviousLevel;

    private static bool IsAbout(string key, AlertTransition transition) =>
        key == transition.Subject.ToString() || key == transition.AlertId
        || (transition.Subject.Kind == SubjectKind.Account && MarginAccountId.TryParse(transition.Subject.Key, out var account)
            && string.Equals(key, account!.Key, StringComparison.OrdinalIgnoreCase))
        || (transition.Subject.Kind == SubjectKind.Owner && string.Equals(key, transition.Subject.Key, StringComparison.OrdinalIgnoreCase));
}
