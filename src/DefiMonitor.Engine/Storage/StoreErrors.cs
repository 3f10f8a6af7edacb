using Microsoft.Data.Sqlite;

namespace DefiMonitor.Engine.Storage;

/// <summary>One sentence for each way in which a database file lets us down.</summary>
internal static class StoreErrors
{
    // Result codes of sqlite.org/rescode.html.
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Io = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static StoreException From(SqliteException e, SqlStoreOptions options) => new(
        e.SqliteErrorCode switch
        {
            Busy or Locked =>
                $"Database {options.Path} was locked by another process for more than {options.BusySeconds} s; stop the other process, or give this one a file of its own.",
            Full => $"Database {options.Path} can't grow: the disk (or its page limit) is full; nothing of this step was written, free some space.",
            Corrupt => $"Database {options.Path} is damaged or cut short; restore a backup, or move the file away and start anew (the state is read from the chain again, the alert history is lost).",
            NotADatabase => $"File {options.Path} is no SQLite database; name another file.",
            CannotOpen => $"Database {options.Path} can't be opened; check that its folder exists and may be written to.",
            ReadOnly => $"Database {options.Path} is read-only; make the file and its folder writable.",
            Io => $"Database {options.Path}: the disk fails to read or write ({e.Message}).",
            _ => $"Database {options.Path} refuses: {e.Message}",
        },
        e);
}
