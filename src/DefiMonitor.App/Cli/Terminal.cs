using DefiMonitor.Core.Chain;

namespace DefiMonitor.App.Cli;

/// <summary>What a verb may touch of the world around the process. Results go to <see cref="Out"/>, progress and complaints to <see cref="Error"/>.</summary>
public sealed record Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>True when a person looks at the output, so that it may be redrawn.</summary>
    public bool IsInteractive { get; init; }

    public static Terminal System() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        Environment = global::System.Environment.GetEnvironmentVariable,
        IsInteractive = !Console.IsOutputRedirected,
    };

    /// <summary>One line about what is being done, for the person who waits.</summary>
    public void Progress(string text) => Error.WriteLine(text);

    /// <summary>How long ago a block was made.</summary>
    public long AgeSeconds(BlockHeader block) => Time.GetUtcNow().ToUnixTimeSeconds() - (long)block.Timestamp;
}
