namespace DefiMonitor.App.Hosting;

public enum ReadinessStatus
{
    Ok,

    /// <summary>Something is not as it should be; the figures are fresh.</summary>
    Degraded,

    /// <summary>The figures are old, or nobody could be told: not ready.</summary>
    Stale,
}

/// <param name="Name">head-age, loop, unknown-accounts, outbox, drift</param>
/// <param name="Subject">Chain, loop or sink.</param>
/// <param name="Value">Seconds, or accounts; null = nothing known yet.</param>
public sealed record ReadinessCheck(string Name, string Subject, ReadinessStatus Status, double? Value, double? Limit, string Text);

/// <summary>The worst of all checks.</summary>
public sealed record Readiness(ReadinessStatus Status, DateTimeOffset At, IReadOnlyList<ReadinessCheck> Checks)
{
    public bool IsReady => Status != ReadinessStatus.Stale;

    /// <summary>Why it is not ready, in one sentence; null = it is.</summary>
    public string? NotReady => IsReady ? null : string.Join("; ", Checks.Where(c => c.Status == ReadinessStatus.Stale).Select(c => $"{c.Name} {c.Subject}: {c.Text}"));
}
