using System.Collections.Concurrent;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Sinks;

/// <summary>Remembers as long as it lives.</summary>
internal sealed class ForgetfulMemory : ISinkMemory
{
    private readonly ConcurrentDictionary<(string, string), string> notes = new();

    public Task<string?> RecallAsync(string sink, string key, CancellationToken cancellationToken) => Task.FromResult(notes.GetValueOrDefault((sink, key)));

    public Task RememberAsync(string sink, string key, string value, CancellationToken cancellationToken)
    {
        notes[(sink, key)] = value;
        return Task.CompletedTask;
    }
}
