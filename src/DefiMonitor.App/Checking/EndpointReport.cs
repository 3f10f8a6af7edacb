namespace DefiMonitor.App.Checking;

public enum CheckStatus
{
    Ok,

    /// <summary>Works, and could work better.</summary>
    Warning,

    Failed,
}

/// <param name="Name">What was looked at, such as pin or log-range.</param>
public sealed record CheckLine(string Name, CheckStatus Status, string Text);

/// <summary>What one endpoint can do.</summary>
/// <param name="Endpoint">Scheme and host.</param>
public sealed record EndpointReport(string Chain, string Endpoint, IReadOnlyList<CheckLine> Checks)
{
    public CheckStatus Worst => Checks.Count == 0 ? CheckStatus.Ok : Checks.Max(c => c.Status);

    /// <summary>True when nothing at all was answered.</summary>
    public bool Unreachable { get; init; }
}
