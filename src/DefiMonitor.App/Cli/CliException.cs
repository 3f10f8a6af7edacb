namespace DefiMonitor.App.Cli;

/// <summary>The work can't be done, for a reason the person can mend: one sentence, and the exit code.</summary>
public sealed class CliException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
