using DefiMonitor.App.Api;
using DefiMonitor.App.Cli;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Hosting;

/// <summary>What <c>run</c> was asked to do.</summary>
public sealed record MonitorOptions
{
    public required MonitorSettings Settings { get; init; }

    public required string DataDir { get; init; }

    public required ApiSettings Api { get; init; }

    public required Terminal Terminal { get; init; }

    public bool Verbose { get; init; }

    /// <summary>True: the log goes to its file only.</summary>
    public bool QuietConsole { get; init; }

    public EventStreamOptions Events { get; init; } = EventStreamOptions.Usual;
}
