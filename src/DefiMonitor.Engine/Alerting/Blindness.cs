using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Whether the time in which nobody looked could have eaten an account's slack.</summary>
internal static class Blindness
{
    private const double SecondsADay = 86_400;

    // Prices that wander move by the square root of time; three sigmas of that is as far as a blind stretch is given credit for.
    private const double Reach = 3;

    public static bool MattersTo(double? sigmas, AlertLevel level, ulong blindSeconds) =>
        level >= AlertLevel.Danger || (sigmas is { } s && s <= Reach * Math.Sqrt(blindSeconds / SecondsADay));
}
