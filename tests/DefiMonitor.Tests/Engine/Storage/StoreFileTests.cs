using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Tests.Engine.Storage;

/// <summary>Every way in which a database file lets us down ends in one sentence that names the file and what to do.</summary>
public sealed class StoreFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("store").FullName;

    private string File => Path.Combine(folder, "monitor.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        await using (var store = await OpenAsync())
        {
            var fence = await store.ClaimAsync("c");
            await store.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = Sample.Chain, Block = Sample.Block(5), Rows = [new(Sample.Deployment, "t", [1], [2])] });
        }

        await using var again = await OpenAsync();
        (await again.CheckpointAsync(Sample.Chain)).ShouldBe(Sample.Block(5));
        (await again.ClaimAsync("c")).Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        await (await OpenAsync()).DisposeAsync();
        Run("PRAGMA user_version = 99");
        (await RefusalAsync()).ShouldBe($"Database {File} has schema version 99, this program knows 6; use the newer program that wrote it, or another file.");
    }

    [Fact]
    public async Task A_database_of_the_first_version_is_brought_on_and_keeps_what_it_holds()
    {
        var memories = new[]
        {
            new AccountMemory { Account = Sample.Account(1), UnknownSince = Sample.Block(3) },
            new AccountMemory { Account = Sample.Account(2), Baseline = Sample.Report(2) },
        };
        await using (var store = await OpenAsync())
        {
            var fence = await store.ClaimAsync("c");
            await store.CommitAsync(fence, new JudgementCommit
            {
                At = Sample.Now, Memories = memories, Reports = [new ReportRow(Sample.Report(1), AlertLevel.Warning, 2.5, Sample.Now) { Calm = new CalmBand(1, 2, 3) }],
            });
        }

        Run(
            """
            DROP INDEX memory_by_chain;
            ALTER TABLE memory DROP COLUMN is_unknown;
            CREATE INDEX memory_by_chain ON memory (chain);
            ALTER TABLE report DROP COLUMN calm_low;
            ALTER TABLE report DROP COLUMN calm_high;
            ALTER TABLE report DROP COLUMN calm_rules;
            ALTER TABLE report DROP COLUMN block_time;
            ALTER TABLE report ADD COLUMN body TEXT NOT NULL DEFAULT '';
            UPDATE report SET body = (SELECT b.body FROM report_body b WHERE b.account = report.account);
            DROP TABLE report_body;
            CREATE INDEX candidate_by_chain ON candidate (chain);
            CREATE INDEX report_by_chain ON report (chain);
            DROP TABLE market_memory;
            DROP TABLE discovery_log;
            DROP TABLE discovery_range;
            DROP TABLE discovery;
            PRAGMA user_version = 1;
            """);

        await using var again = await OpenAsync();
        (await again.MemoriesAsync(Sample.Chain, 1)).Memories.ShouldHaveSingleItem().Account.ShouldBe(Sample.Account(1));
        (await again.MemoriesAsync(Sample.Chain, 2)).Memories.Count.ShouldBe(2);
        var filed = (await again.FiledReportsAsync(Sample.Chain)).ShouldHaveSingleItem();
        filed.Level.ShouldBe(AlertLevel.Warning);
        filed.Calm.IsEmpty.ShouldBeTrue("what was not kept then is worked out anew");
    }

    [Fact]
    public async Task A_database_of_the_second_version_is_brought_on_and_keeps_what_it_holds()
    {
        var report = Sample.Report(1);
        var memory = new AccountMemory { Account = Sample.Account(2), UnknownSince = Sample.Block(3) };
        Run(Script("0001_initial.sqlite.sql") + Script("0002_calm_band.sqlite.sql") + "PRAGMA application_id = 1145457998; PRAGMA user_version = 2;");
        Run(
            $"""
            INSERT INTO report (account, chain, level, status, sigmas, block, at, calm_low, calm_high, calm_rules, body)
            VALUES ('{report.Account}', '{Sample.Chain}', 1, {(int)report.Status}, 2.5, {report.Block.Number}, 1700000000000, 1.5, 9e999, 7, '{StoreJson.Write(report).Replace("'", "''", StringComparison.Ordinal)}');
            INSERT INTO memory (account, chain, is_unknown, body) VALUES ('{memory.Account}', '{Sample.Chain}', 1, '{StoreJson.Write(memory)}');
            INSERT INTO candidate (account, chain, source, added_at) VALUES ('{Sample.Account(2)}', '{Sample.Chain}', 'watch', 5), ('{Sample.Account(1)}', '{Sample.Chain}', 'discovery', 6);
            """);

        await using var store = await OpenAsync();
        var filed = (await store.FiledReportsAsync(Sample.Chain)).ShouldHaveSingleItem();
        (filed.Account, filed.Level, filed.Sigmas, filed.BlockTime, filed.Calm).ShouldBe((report.Account, AlertLevel.Warning, 2.5, report.Block.Timestamp, new CalmBand(1.5, double.PositiveInfinity, 7)));
        StoreJson.Write((await store.ReportAsync(report.Account)).ShouldNotBeNull().Report).ShouldBe(StoreJson.Write(report));
        (await store.MemoriesAsync(Sample.Chain, 0)).Memories.ShouldHaveSingleItem().ShouldBe(memory);
        (await store.CandidatesAsync(Sample.Chain)).Select(static c => c.Account).ShouldBe([Sample.Account(1), Sample.Account(2)]);
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        Run("CREATE TABLE photos (id INTEGER)");
        (await RefusalAsync()).ShouldContain("belongs to another program");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000));
        (await RefusalAsync()).ShouldBe($"File {File} is no SQLite database; name another file.");
    }

    [Fact]
    public async Task A_file_cut_in_half_is_named()
    {
        await using (var store = await OpenAsync())
        {
            var fence = await store.ClaimAsync("c");
            await store.CommitFinalizedAsync(fence, Big(50));
        }

        var whole = await System.IO.File.ReadAllBytesAsync(File);
        await System.IO.File.WriteAllBytesAsync(File, whole[..(whole.Length / 2)]);
        (await RefusalAsync()).ShouldContain("is damaged or cut short");
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_was_committed_and_says_so()
    {
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = File, MaxPages = 60 });
        var fence = await store.ClaimAsync("c");
        await store.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = Sample.Chain, Block = Sample.Block(5), Rows = [new(Sample.Deployment, "t", [1], [2])] });

        var e = await Should.ThrowAsync<StoreException>(() => store.CommitFinalizedAsync(fence, Big(400)));
        e.Message.ShouldContain("is full; nothing of this step was written");

        (await store.CheckpointAsync(Sample.Chain)).ShouldBe(Sample.Block(5));
        await store.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = Sample.Chain, Block = Sample.Block(6), Rows = [new(Sample.Deployment, "t", [1], [3])] });
        (await store.CheckpointAsync(Sample.Chain)).ShouldBe(Sample.Block(6));
    }

    [Fact]
    public async Task A_locked_database_says_who_is_in_the_way()
    {
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = File, BusySeconds = 1 });
        await using var other = new SqliteConnection($"Data Source={File}");
        await other.OpenAsync();
        await using var transaction = other.BeginTransaction(deferred: false);
        var e = await Should.ThrowAsync<StoreException>(() => store.ClaimAsync("c"));
        e.Message.ShouldBe($"Database {File} was locked by another process for more than 1 s; stop the other process, or give this one a file of its own.");
    }

    [Fact]
    public async Task Another_process_may_read_and_leave_commands_while_the_monitor_runs()
    {
        await using var monitor = await OpenAsync();
        await using var cli = await OpenAsync();
        var fence = await monitor.ClaimAsync("c");
        var id = await cli.AddCommandAsync(new NewCommand("c", "ack", "{}", Sample.Now));
        (await monitor.PendingCommandsAsync("c")).ShouldHaveSingleItem().Id.ShouldBe(id);
        await monitor.CommitAsync(fence, new JudgementCommit { At = Sample.Now, Commands = [new AppliedCommand(id, "done")] });
        (await cli.CommandAsync(id))!.Result.ShouldBe("done");
    }

    private static FinalizedCommit Big(int rows) => new()
    {
        Chain = Sample.Chain,
        Block = Sample.Block(9),
        Rows = [.. Enumerable.Range(0, rows).Select(i => new RowWrite(Sample.Deployment, "big", BitConverter.GetBytes(i), new byte[3000]))],
    };

    private Task<SqlStore> OpenAsync() => SqlStore.OpenAsync(new SqlStoreOptions { Path = File });

    private async Task<string> RefusalAsync() => (await Should.ThrowAsync<StoreException>(OpenAsync)).Message;

    private static string Script(string name)
    {
        using var stream = typeof(SqlStore).Assembly.GetManifestResourceStream($"DefiMonitor.Engine.Storage.Sql.{name}").ShouldNotBeNull();
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
