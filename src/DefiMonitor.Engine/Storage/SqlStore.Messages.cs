using Dapper;

namespace DefiMonitor.Engine.Storage;

public sealed partial class SqlStore
{
    /// <summary>What became of one transition at every sink that is to hear it, in order of the sinks' names.</summary>
    public Task<IReadOnlyList<OutboxRow>> MessagesOfAsync(long seq, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<OutboxRow>>(
            db => [.. db.Query<OutboxRecord>(OutboxColumns + "\nWHERE o.seq = @seq ORDER BY o.sink", new { seq }).Select(static r => r.ToRow())],
            cancellationToken);
}
