using System.Text;
using Dapper;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Engine.Storage;

public sealed partial class SqlStore
{
    public Task<Fence> ClaimAsync(string loop, CancellationToken cancellationToken = default) =>
        WriteAsync(
            transaction => new Fence(loop, writer.ExecuteScalar<long>(
                "INSERT INTO loop (name, epoch) VALUES (@loop, 1) ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1 RETURNING epoch", new { loop }, transaction)),
            cancellationToken);

    public Task BeatAsync(Fence fence, Heartbeat beat, CancellationToken cancellationToken = default) =>
        WriteAsync(fence, transaction => WriteBeat(fence, beat, transaction), cancellationToken);

    public async Task<LoopRow?> LoopAsync(string loop, CancellationToken cancellationToken = default) =>
        (await LoopsAsync(cancellationToken)).FirstOrDefault(r => r.Loop == loop);

    public Task<IReadOnlyList<LoopRow>> LoopsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<LoopRow>>(
            db => [.. db.Query<(string Name, long Epoch, string? Beat)>("SELECT name, epoch, beat FROM loop ORDER BY name")
                .Select(static r => new LoopRow(r.Name, r.Epoch, r.Beat is null ? null : StoreJson.Read<Heartbeat>(r.Beat)))],
            cancellationToken);

    public Task<BlockHeader?> CheckpointAsync(ChainId chain, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db => db.ExecuteScalar<string?>("SELECT header FROM checkpoint WHERE chain = @chain", new { chain = chain.ToString() }) is { } json
                ? StoreJson.Read<BlockHeader>(json)
                : null,
            cancellationToken);

    public Task LoadRowsAsync(DeploymentId deployment, StoredRow row, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db =>
            {
                foreach (var (id, name) in db.Query<(long Id, string Name)>(
                    "SELECT id, name FROM state_table WHERE deployment = @deployment ORDER BY id", new { deployment = deployment.ToString() }))
                {
                    using var rows = new BulkStatement(db, "SELECT key, value FROM state WHERE tbl = ?1 ORDER BY key");
                    rows.Bind(1, id);
                    while (rows.Next())
                    {
                        row(name, rows.Bytes(0), rows.Bytes(1));
                    }
                }

                return true;
            },
            cancellationToken);

    public Task CommitFinalizedAsync(Fence fence, FinalizedCommit commit, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction =>
            {
                WriteRows(commit, transaction);
                WriteLogs(commit);
                WriteEntered(commit);
                writer.Execute(
                    """
                    INSERT INTO checkpoint (chain, number, hash, header) VALUES (@chain, @number, @hash, @header)
                    ON CONFLICT (chain) DO UPDATE SET number = excluded.number, hash = excluded.hash, header = excluded.header
                    """,
                    new
                    {
                        chain = commit.Chain.ToString(),
                        number = checked((long)commit.Block.Number),
                        hash = commit.Block.Hash.ToString(),
                        header = StoreJson.Write(commit.Block),
                    },
                    transaction);
                return true;
            },
            cancellationToken);

    public Task DropStateAsync(Fence fence, ChainId chain, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                """
                DELETE FROM state WHERE tbl IN (SELECT id FROM state_table WHERE chain = @chain);
                DELETE FROM raw_log WHERE chain = @chain;
                DELETE FROM checkpoint WHERE chain = @chain;
                UPDATE candidate SET entered_block = NULL WHERE chain = @chain;
                """,
                new { chain = chain.ToString() },
                transaction),
            cancellationToken);

    public Task<int> TrimLogsAsync(ChainId chain, ulong belowBlock, CancellationToken cancellationToken = default) =>
        WriteAsync(
            transaction => writer.Execute(
                "DELETE FROM raw_log WHERE chain = @chain AND block < @below", new { chain = chain.ToString(), below = checked((long)belowBlock) }, transaction),
            cancellationToken);

    public Task<int> AddCandidatesAsync(Fence fence, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            _ =>
            {
                var added = 0;
                using var put = new BulkStatement(
                    writer,
                    """
                    INSERT INTO candidate (account, chain, source, added_at, found_block) VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT (account) DO UPDATE SET source = excluded.source, found_block = excluded.found_block WHERE source = 'watch' AND excluded.source <> 'watch'
                    """);
                foreach (var candidate in candidates)
                {
                    added += put.Bind(1, candidate.Account.ToString()).Bind(2, candidate.Account.Deployment.Chain.ToString()).Bind(3, candidate.Source)
                        .Bind(4, Ms(candidate.AddedAt)).Bind(5, (long?)candidate.FoundBlock).Run();
                }

                return added;
            },
            cancellationToken);

    public Task LoadCandidatesAsync(ChainId chain, Action<Candidate> candidate, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db =>
            {
                var accounts = new AccountTexts();
                var source = "";
                using var rows = new BulkStatement(db, "SELECT account, source, added_at, entered_block, found_block FROM candidate WHERE chain = ?1 ORDER BY account");
                rows.Bind(1, chain.ToString());
                while (rows.Next())
                {
                    // There are four sources in all, and most accounts came from the same.
                    source = Ascii.Equals(rows.Bytes(1), source) ? source : Encoding.UTF8.GetString(rows.Bytes(1));
                    candidate(new Candidate(accounts.Read(rows.Bytes(0)), source, At(rows.Long(2)), (ulong?)rows.LongOrNull(3), (ulong?)rows.LongOrNull(4)));
                }

                return true;
            },
            cancellationToken);

    private int WriteBeat(Fence fence, Heartbeat beat, SqliteTransaction transaction) =>
        writer.Execute("UPDATE loop SET beat = @json WHERE name = @Loop", new { json = StoreJson.Write(beat), fence.Loop }, transaction);

    private static MarginAccountId Account(string text) =>
        MarginAccountId.TryParse(text, out var id) ? id! : throw new StoreException($"The database names an account '{text}' that is none.");

    private void WriteRows(FinalizedCommit commit, SqliteTransaction transaction)
    {
        using var put = new BulkStatement(writer, "INSERT INTO state (tbl, key, value) VALUES (?1, ?2, ?3) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value");
        using var drop = new BulkStatement(writer, "DELETE FROM state WHERE tbl = ?1 AND key = ?2");
        var ids = new Dictionary<(DeploymentId, string), long>();
        foreach (var row in commit.Rows)
        {
            if (!ids.TryGetValue((row.Deployment, row.Table), out var table))
            {
                ids[(row.Deployment, row.Table)] = table = TableId(row.Deployment, row.Table, transaction);
            }

            if (row.Row is { } value)
            {
                put.Bind(1, table).Bind(2, row.Key.AsSpan()).Bind(3, value.AsSpan()).Run();
            }
            else
            {
                drop.Bind(1, table).Bind(2, row.Key.AsSpan()).Run();
            }
        }
    }

    private void WriteEntered(FinalizedCommit commit)
    {
        if (commit.Entered.Count == 0)
        {
            return;
        }

        using var put = new BulkStatement(writer, "UPDATE candidate SET entered_block = ?1 WHERE account = ?2 AND entered_block IS NULL");
        var block = checked((long)commit.Block.Number);
        foreach (var account in commit.Entered)
        {
            put.Bind(1, block).Bind(2, account.ToString()).Run();
        }
    }

    private long TableId(DeploymentId deployment, string table, SqliteTransaction transaction)
    {
        var name = new { chain = deployment.Chain.ToString(), deployment = deployment.ToString(), table };
        return writer.ExecuteScalar<long?>("SELECT id FROM state_table WHERE deployment = @deployment AND name = @table", name, transaction)
            ?? writer.ExecuteScalar<long>(
                "INSERT INTO state_table (chain, deployment, name) VALUES (@chain, @deployment, @table) RETURNING id", name, transaction);
    }

    private void WriteLogs(FinalizedCommit commit)
    {
        if (commit.Logs.Count == 0)
        {
            return;
        }

        using var put = new BulkStatement(
            writer, "INSERT OR REPLACE INTO raw_log (chain, block, log_index, hash, tx, address, topics, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        var chain = commit.Chain.ToString();
        foreach (var (block, log) in commit.Logs)
        {
            var topics = new byte[32 * log.Topics.Count];
            for (var i = 0; i < log.Topics.Count; i++)
            {
                log.Topics[i].CopyTo(topics.AsSpan(32 * i));
            }

            put.Bind(1, chain).Bind(2, checked((long)block.Number)).Bind(3, log.LogIndex)
                .Bind(4, block.Hash.ToArray().AsSpan()).Bind(5, log.TransactionHash.ToArray().AsSpan()).Bind(6, log.Address.ToArray().AsSpan())
                .Bind(7, topics.AsSpan()).Bind(8, log.Data.Span).Run();
        }
    }
}
