namespace DefiMonitor.Engine.Sinks;

/// <summary>A few words that a sink wants to find again after a restart. Losing one costs comfort, never a message.</summary>
public interface ISinkMemory
{
    Task<string?> RecallAsync(string sink, string key, CancellationToken cancellationToken);

    Task RememberAsync(string sink, string key, string value, CancellationToken cancellationToken);
}
