namespace DefiMonitor.Engine.Loops;

/// <param name="Unhealthy">One sentence while the loop is broken; null when well.</param>
/// <param name="Restarts">How often it was restarted since the process began.</param>
/// <param name="LastStepAt">When a step last came to its end; null = never.</param>
/// <param name="Interval">Longest pause between two steps.</param>
public sealed record LoopHealth(string Loop, string? Unhealthy, int Restarts, DateTimeOffset? LastStepAt, TimeSpan Interval);
