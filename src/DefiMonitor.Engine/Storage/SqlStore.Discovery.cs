using Dapper;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Discovery;

namespace DefiMonitor.Engine.Storage;

/// <summary>A log that shows a borrower.</summary>
/// <param name="Key">The account's key within its deployment.</param>
public readonly record struct DiscoveredLog(ulong Block, uint LogIndex, string Key, Hash32 Transaction);

public sealed partial class SqlStore
{
    /// <summary>What has been read of the deployment's past for this question; nothing where another was asked.</summary>
    public Task<BlockCoverage> DiscoveryAsync(DeploymentId deployment, string question, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db => new BlockCoverage(db.Query<(long First, long Last, string? Unserved)>(
                    "SELECT r.first, r.last, r.unserved FROM discovery d JOIN discovery_range r ON r.discovery = d.id WHERE d.deployment = @deployment AND d.question = @question ORDER BY r.first",
                    new { deployment = deployment.ToString(), question })
                .Select(static r => new CoveredRange((ulong)r.First, (ulong)r.Last, r.Unserved))),
            cancellationToken);

    /// <summary>Before logs are added. What was found for another question is forgotten.</summary>
    /// <param name="withoutIndex">For a long load: accounts come in no order, and an index that is kept up with them is many times slower than one built at the end.</param>
    public Task BeginDiscoveryAsync(Fence fence, DeploymentId deployment, string question, bool withoutIndex, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction =>
            {
                var what = new { deployment = deployment.ToString(), question };
                writer.Execute(
                    """
                    DELETE FROM discovery_log WHERE discovery = (SELECT id FROM discovery WHERE deployment = @deployment AND question <> @question);
                    DELETE FROM discovery_range WHERE discovery = (SELECT id FROM discovery WHERE deployment = @deployment AND question <> @question);
                    INSERT INTO discovery (deployment, question) VALUES (@deployment, @question) ON CONFLICT (deployment) DO UPDATE SET question = excluded.question;
                    """,
                    what,
                    transaction);
                return withoutIndex ? writer.Execute("DROP INDEX IF EXISTS discovery_log_by_account", transaction: transaction) : 0;
            },
            cancellationToken);

    /// <summary>Logs, and the coverage that holds with them, in one transaction.</summary>
    public Task AddDiscoveredAsync(
        Fence fence, DeploymentId deployment, IReadOnlyList<DiscoveredLog> logs, IReadOnlyList<CoveredRange> coverage, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction =>
            {
                var id = writer.ExecuteScalar<long>("SELECT id FROM discovery WHERE deployment = @deployment", new { deployment = deployment.ToString() }, transaction);
                using var put = new BulkStatement(writer, "INSERT OR REPLACE INTO discovery_log (discovery, block, log_index, account, tx) VALUES (?1, ?2, ?3, ?4, ?5)");
                Span<byte> hash = stackalloc byte[Hash32.Size];
                foreach (var log in logs)
                {
                    log.Transaction.CopyTo(hash);
                    put.Bind(1, id).Bind(2, checked((long)log.Block)).Bind(3, log.LogIndex).Bind(4, log.Key).Bind(5, hash).Run();
                }

                writer.Execute("DELETE FROM discovery_range WHERE discovery = @id", new { id }, transaction);
                foreach (var range in coverage)
                {
                    writer.Execute(
                        "INSERT INTO discovery_range (discovery, first, last, unserved) VALUES (@id, @first, @last, @Unserved)",
                        new { id, first = checked((long)range.First), last = checked((long)range.Last), range.Unserved },
                        transaction);
                }

                return logs.Count;
            },
            cancellationToken);

    /// <summary>After a load: builds the index by account where it is missing.</summary>
    public Task EndDiscoveryAsync(CancellationToken cancellationToken = default) =>
        WriteAsync(transaction => writer.Execute("CREATE INDEX IF NOT EXISTS discovery_log_by_account ON discovery_log (discovery, account, block)", transaction: transaction), cancellationToken);

    /// <summary>Everyone whom the logs of these blocks show to be a borrower, in order of the account's key.</summary>
    public Task<IReadOnlyList<MarginAccountId>> DiscoveredAsync(DeploymentId deployment, ulong from, ulong to, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<MarginAccountId>>(
            db => [.. db.Query<string>(
                    "SELECT DISTINCT l.account FROM discovery d JOIN discovery_log l ON l.discovery = d.id WHERE d.deployment = @deployment AND l.block BETWEEN @from AND @to ORDER BY l.account",
                    new { deployment = deployment.ToString(), from = checked((long)from), to = checked((long)to) })
                .Select(key => new MarginAccountId(deployment, key))],
            cancellationToken);
}
