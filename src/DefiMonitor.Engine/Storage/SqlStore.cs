using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Engine.Storage;

/// <summary>
/// The embedded store: one SQLite file in WAL mode. One connection writes, one transaction at a time (BEGIN IMMEDIATE); readers have their own and
/// never wait for it. Other processes (the CLI) may open the same file.
/// </summary>
public sealed partial class SqlStore : Outbox.IOutboxStore
{
    /// <summary>PRAGMA application_id: "DFMN".</summary>
    private const int ApplicationId = 0x44464D4E;

    /// <summary>Each brings a database one version on.</summary>
    private static readonly string[] Scripts = ["0001_initial.sqlite.sql", "0002_calm_band.sqlite.sql", "0003_bodies_apart.sqlite.sql", "0004_report_block_time.sqlite.sql", "0005_discovery.sqlite.sql", "0006_market_memory.sqlite.sql"];

    private static int SchemaVersion => Scripts.Length;

    private readonly SqlStoreOptions options;
    private readonly string connectionText;
    private readonly SqliteConnection writer;
    private readonly SemaphoreSlim writing = new(1, 1);

    private SqlStore(SqlStoreOptions options)
    {
        this.options = options;
        connectionText = new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = options.InMemory ? SqliteOpenMode.Memory : SqliteOpenMode.ReadWriteCreate,
            Cache = options.InMemory ? SqliteCacheMode.Shared : SqliteCacheMode.Default,
            DefaultTimeout = Math.Max(1, options.BusySeconds),
            Pooling = !options.InMemory,
        }.ToString();
        writer = new SqliteConnection(connectionText);
    }

    /// <summary>Opens the database, creates or checks its schema.</summary>
    /// <exception cref="StoreException">The file can't be used; the message says why and what to do.</exception>
    public static async Task<SqlStore> OpenAsync(SqlStoreOptions options, CancellationToken cancellationToken = default)
    {
        SQLitePCL.Batteries_V2.Init();
        var store = new SqlStore(options);
        try
        {
            store.Prepare();
            await Task.CompletedTask.WaitAsync(cancellationToken);
            return store;
        }
        catch (Exception e)
        {
            await store.DisposeAsync();
            if (e is SqliteException sql)
            {
                throw StoreErrors.From(sql, options);
            }

            if (e is IOException or UnauthorizedAccessException)
            {
                throw new StoreException($"Database {options.Path}: its folder can't be created ({e.Message}).", e);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Whoever is writing gets through: closing under a transaction breaks both.
        await writing.WaitAsync();
        await writer.DisposeAsync();
        if (!options.InMemory)
        {
            using var pool = new SqliteConnection(connectionText);
            SqliteConnection.ClearPool(pool);
        }

        writing.Dispose();
    }

    private void Prepare()
    {
        if (!options.InMemory && Path.GetDirectoryName(Path.GetFullPath(options.Path)) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        writer.Open();
        Pragmas(writer);
        if (options.MaxPages is { } pages)
        {
            writer.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}"));
        }

        using var transaction = writer.BeginTransaction(deferred: false);
        var version = writer.ExecuteScalar<long>("PRAGMA user_version", transaction: transaction);
        var application = writer.ExecuteScalar<long>("PRAGMA application_id", transaction: transaction);
        var tables = writer.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master", transaction: transaction);
        if (tables > 0 && application != ApplicationId)
        {
            throw new StoreException($"Database {options.Path} belongs to another program; name another file.");
        }

        if (version > SchemaVersion)
        {
            throw new StoreException(
                $"Database {options.Path} has schema version {version}, this program knows {SchemaVersion}; use the newer program that wrote it, or another file.");
        }

        if (version < SchemaVersion)
        {
            foreach (var script in Scripts.Skip((int)version))
            {
                writer.Execute(Script(script), transaction: transaction);
            }

            writer.Execute(
                string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {SchemaVersion};"),
                transaction: transaction);
        }

        transaction.Commit();
    }

    private void Pragmas(SqliteConnection connection)
    {
        // In memory there is no journal to choose and no disk to wait for; stores of one name share the cache and must not wait for its table locks.
        connection.Execute(options.InMemory
            ? "PRAGMA read_uncommitted = 1; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"PRAGMA busy_timeout = {1000 * Math.Max(1, options.BusySeconds)}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {(options.Durable ? "FULL" : "OFF")}; PRAGMA foreign_keys = ON;"));
    }

    private static string Script(string name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var stream = assembly.GetManifestResourceStream($"DefiMonitor.Engine.Storage.Sql.{name}")
            ?? throw new InvalidOperationException($"The program lacks its own schema {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Runs the work in one transaction; everything it did is gone when it throws.</summary>
    private async Task<T> WriteAsync<T>(Func<SqliteTransaction, T> work, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            using var transaction = writer.BeginTransaction(deferred: false);
            var result = work(transaction);
            transaction.Commit();
            return result;
        }
        catch (SqliteException e)
        {
            throw StoreErrors.From(e, options);
        }
        finally
        {
            writing.Release();
        }
    }

    private Task<T> WriteAsync<T>(Fence fence, Func<SqliteTransaction, T> work, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
            {
                var epoch = writer.ExecuteScalar<long?>("SELECT epoch FROM loop WHERE name = @Loop", new { fence.Loop }, transaction) ?? 0;
                if (epoch != fence.Epoch)
                {
                    throw new FencedException(fence, epoch);
                }

                return work(transaction);
            },
            cancellationToken);

    private async Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (options.InMemory)
            {
                // Without a file a further connection costs more than the question.
                await writing.WaitAsync(cancellationToken);
                try
                {
                    return work(writer);
                }
                finally
                {
                    writing.Release();
                }
            }

            await using var reader = new SqliteConnection(connectionText);
            reader.Open();
            return work(reader);
        }
        catch (SqliteException e)
        {
            throw StoreErrors.From(e, options);
        }
    }

    private static long Ms(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
