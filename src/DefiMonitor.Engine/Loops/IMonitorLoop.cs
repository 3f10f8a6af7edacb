using DefiMonitor.Core.Chain;

namespace DefiMonitor.Engine.Loops;

/// <summary>
/// One of the loops. All of its work happens in <see cref="StepAsync"/>, which is deterministic given node, clock and store: the live run,
/// a tape and the seeded simulation call the very same step. <see cref="LoopRunner"/> adds waiting and restarting.
/// </summary>
public interface IMonitorLoop
{
    string Name { get; }

    /// <summary>Longest pause between two steps when nothing hints at more work.</summary>
    TimeSpan Interval { get; }

    /// <summary>Claims the loop and loads what is on disk. Called before the first step and again after every failure; forgets all memory.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>One unit of work. True = there is more to do at once.</summary>
    Task<bool> StepAsync(CancellationToken cancellationToken);

    /// <summary>Called after a failure, before the pause: the place to say so where others look. Must not throw.</summary>
    Task BrokenAsync(string why, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Completes as soon as there may be something to do before the interval has passed.</summary>
    Task HintAsync(CancellationToken cancellationToken);
}

public static class LoopNames
{
    public const string Outbox = "outbox";

    public const string Watch = "watch";

    public const string Venues = "venues";

    public static string Chain(ChainId chain) => $"chain/{chain}";
}
