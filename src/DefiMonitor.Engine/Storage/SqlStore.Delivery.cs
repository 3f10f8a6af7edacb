using Dapper;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Engine.Outbox;

namespace DefiMonitor.Engine.Storage;

public sealed partial class SqlStore
{
    public Task HoldAsync(Fence fence, string messageId, DateTimeOffset until, CancellationToken cancellationToken) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                "UPDATE outbox SET status = 4, next_at = @until WHERE message_id = @messageId AND status IN (0, 4)",
                new { until = Ms(until), messageId },
                transaction),
            cancellationToken);

    public Task MarkSuppressedAsync(Fence fence, string messageId, DateTimeOffset at, string reason, CancellationToken cancellationToken) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                "UPDATE outbox SET status = 3, done_at = @at, last_error = @reason WHERE message_id = @messageId AND status IN (0, 4)",
                new { at = Ms(at), reason, messageId },
                transaction),
            cancellationToken);

    public Task SaveConfirmationsAsync(Fence fence, IReadOnlyList<SavedConfirmation> confirmations, CancellationToken cancellationToken) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                "UPDATE alert_transition SET view = @view WHERE seq = @Seq AND view IS NULL",
                confirmations.Select(static c => new { c.Seq, view = StoreJson.Write(c.Confirmation) }),
                transaction),
            cancellationToken);

    public Task<IReadOnlyList<StoredTransition>> UnacknowledgedAsync(
        AlertLevel atLeast, DateTimeOffset committedUntil, string sink, int limit, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<StoredTransition>>(
            db => [.. db.Query<(long Seq, string Body, long At)>(
                    """
                    SELECT t.seq, t.body, t.committed_at
                    FROM alert a JOIN alert_transition t ON t.seq = (
                        SELECT max(r.seq) FROM alert_transition r WHERE r.alert_id = a.alert_id AND r.body ->> '$.kind' IN ('Opened', 'Escalated'))
                    WHERE a.level > 0 AND a.level >= @level AND NOT a.state ->> '$.acknowledged' AND t.committed_at <= @until
                      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.seq = t.seq AND o.sink = @sink AND o.is_repeat = 1)
                    ORDER BY t.seq LIMIT @limit
                    """,
                    new { level = (int)atLeast, until = Ms(committedUntil), sink, limit = Limit(limit) })
                .Select(static r => new StoredTransition(r.Seq, StoreJson.Read<AlertTransition>(r.Body), At(r.At)))],
            cancellationToken);

    public Task AddRepeatAsync(Fence fence, long seq, string sink, string messageId, DateTimeOffset at, CancellationToken cancellationToken) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                """
                INSERT INTO outbox (message_id, seq, alert_id, sink, status, attempts, next_at, is_repeat, urgency)
                SELECT @messageId, seq, alert_id, @sink, 0, 0, @at, 1, @urgency FROM alert_transition WHERE seq = @seq
                ON CONFLICT (message_id) DO NOTHING
                """,
                new { messageId, seq, sink, at = Ms(at), urgency = (int)AlertLevel.Liquidatable },
                transaction),
            cancellationToken);

    public Task<string?> RecallAsync(string sink, string key, CancellationToken cancellationToken) =>
        ReadAsync(db => db.QueryFirstOrDefault<string>("SELECT value FROM sink_note WHERE sink = @sink AND key = @key", new { sink, key }), cancellationToken);

    public Task RememberAsync(string sink, string key, string value, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction => writer.Execute(
                "INSERT INTO sink_note (sink, key, value) VALUES (@sink, @key, @value) ON CONFLICT (sink, key) DO UPDATE SET value = excluded.value",
                new { sink, key, value },
                transaction),
            cancellationToken);
}
