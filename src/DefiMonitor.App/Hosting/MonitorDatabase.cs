using DefiMonitor.App.Cli;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.App.Hosting;

/// <summary>The database in the data folder.</summary>
public static class MonitorDatabase
{
    public const string FileName = "defimonitor.db";

    public static string PathIn(string dataDir) => Path.Combine(dataDir, FileName);

    public static Task<SqlStore> OpenAsync(string dataDir, CancellationToken cancellationToken) =>
        SqlStore.OpenAsync(new SqlStoreOptions { Path = PathIn(dataDir) }, cancellationToken);

    /// <summary>For verbs that only make sense where the monitor has run: a mistyped folder must not become a new, empty database.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static Task<SqlStore> OpenExistingAsync(string dataDir, CancellationToken cancellationToken) =>
        File.Exists(PathIn(dataDir))
            ? OpenAsync(dataDir, cancellationToken)
            : throw new CliException(ExitCode.Store, $"there is no database at {PathIn(dataDir)}: name the data folder of 'defimonitor run' with --data DIR, or run it first.");
}
