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

    public Task LoadRowsAsync(DeploymentId deployment, Action<string, byte[], byte[]> row, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db =>
            {
                using var command = db.CreateCommand();
                command.CommandText =
                    "SELECT t.name, s.key, s.value FROM state_table t JOIN state s ON s.tbl = t.id WHERE t.deployment = $deployment ORDER BY t.id, s.key";
                command.Parameters.AddWithValue("$deployment", deployment.ToString());
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    row(reader.GetString(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2));
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
                foreach (var account in commit.Entered)
                {
                    writer.Execute(
                        "UPDATE candidate SET entered_block = @block WHERE account = @account AND entered_block IS NULL",
                        new { block = checked((long)commit.Block.Number), account = account.ToString() },
                        transaction);
                }

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
            transaction =>
            {
                var added = 0;
                foreach (var candidate in candidates)
                {
                    added += writer.Execute(
                        "INSERT INTO candidate (account, chain, source, added_at, found_block) VALUES (@account, @chain, @Source, @at, @found) ON CONFLICT (account) DO NOTHING",
                        new
                        {
                            account = candidate.Account.ToString(),
                            chain = candidate.Account.Deployment.Chain.ToString(),
                            candidate.Source,
                            at = Ms(candidate.AddedAt),
                            found = (long?)candidate.FoundBlock,
                        },
                        transaction);
                }

                return added;
            },
            cancellationToken);

    public Task<IReadOnlyList<Candidate>> CandidatesAsync(ChainId chain, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<Candidate>>(
            db => [.. db.Query<(string Account, string Source, long AddedAt, long? Entered, long? Found)>(
                    "SELECT account, source, added_at, entered_block, found_block FROM candidate WHERE chain = @chain ORDER BY account", new { chain = chain.ToString() })
                .Select(static r => new Candidate(Account(r.Account), r.Source, At(r.AddedAt), (ulong?)r.Entered, (ulong?)r.Found))],
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
