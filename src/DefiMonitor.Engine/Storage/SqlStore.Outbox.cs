using Dapper;
using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Storage;

public sealed partial class SqlStore
{
    private const string OutboxColumns =
        """
        SELECT o.message_id AS MessageId, o.sink AS Sink, o.status AS Status, o.attempts AS Attempts, o.next_at AS NextAt, o.last_error AS LastError,
               coalesce(o.confirmation, t.view) AS Confirmation, o.is_repeat AS IsRepeat, t.seq AS Seq, t.body AS Body, t.committed_at AS CommittedAt
        FROM outbox o JOIN alert_transition t ON t.seq = o.seq
        """;

    public Task<IReadOnlyList<OutboxRow>> DueAsync(string sink, DateTimeOffset now, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<OutboxRow>>(
            db => [.. db.Query<OutboxRecord>(
                    OutboxColumns +
                    """

                    WHERE o.sink = @sink AND o.status IN (0, 4) AND o.next_at <= @now
                      AND NOT EXISTS (
                          SELECT 1 FROM outbox p
                          WHERE p.sink = o.sink AND p.alert_id = o.alert_id AND p.seq < o.seq AND p.status IN (0, 4) AND (p.status = 0 OR p.next_at <= @now))
                    ORDER BY (
                        SELECT max(q.urgency) FROM outbox q WHERE q.sink = o.sink AND q.alert_id = o.alert_id AND q.status IN (0, 4)) DESC, o.seq
                    LIMIT @limit
                    """,
                    new { sink, now = Ms(now), limit = Limit(limit) })
                .Select(static r => r.ToRow())],
            cancellationToken);

    public Task MarkSentAsync(Fence fence, string messageId, DateTimeOffset at, string? confirmation, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                """
                UPDATE outbox SET status = 1, done_at = @at, confirmation = @confirmation WHERE message_id = @messageId;
                UPDATE outbox SET status = 3, done_at = @at, last_error = 'overtaken by a younger message of its alert while quiet hours held it'
                WHERE status = 4 AND (sink, alert_id) = (SELECT sink, alert_id FROM outbox WHERE message_id = @messageId)
                  AND seq < (SELECT seq FROM outbox WHERE message_id = @messageId);
                """,
                new { at = Ms(at), confirmation, messageId },
                transaction),
            cancellationToken);

    public Task MarkRetryAsync(Fence fence, string messageId, DateTimeOffset nextAt, string error, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                "UPDATE outbox SET status = 0, attempts = attempts + 1, next_at = @nextAt, last_error = @error WHERE message_id = @messageId AND status IN (0, 4)",
                new { nextAt = Ms(nextAt), error, messageId },
                transaction),
            cancellationToken);

    public Task MarkDeadAsync(Fence fence, string messageId, DateTimeOffset at, string error, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                "UPDATE outbox SET status = 2, attempts = attempts + 1, done_at = @at, last_error = @error WHERE message_id = @messageId AND status IN (0, 4)",
                new { at = Ms(at), error, messageId },
                transaction),
            cancellationToken);

    public Task<IReadOnlyList<OutboxRow>> DeadLettersAsync(int limit, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<OutboxRow>>(
            db => [.. db.Query<OutboxRecord>(OutboxColumns + "\nWHERE o.status = 2 ORDER BY o.seq, o.sink LIMIT @limit", new { limit = Limit(limit) })
                .Select(static r => r.ToRow())],
            cancellationToken);

    public Task<int> RequeueAsync(string? messageId, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        WriteAsync(
            transaction => writer.Execute(
                """
                UPDATE outbox SET status = 0, attempts = 0, next_at = @now, done_at = NULL
                WHERE status = 2 AND (@messageId IS NULL OR message_id = @messageId)
                """,
                new { now = Ms(now), messageId },
                transaction),
            cancellationToken);

    public Task<IReadOnlyList<OutboxHealth>> OutboxHealthAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<OutboxHealth>>(
            db => [.. db.Query<(string Sink, long Due, long Dead, long? Oldest)>(
                    """
                    SELECT o.sink, sum(o.status = 0), sum(o.status = 2), min(CASE WHEN o.status = 0 THEN t.committed_at END)
                    FROM outbox o JOIN alert_transition t ON t.seq = o.seq WHERE o.status IN (0, 2) GROUP BY o.sink ORDER BY o.sink
                    """)
                .Select(static r => new OutboxHealth(r.Sink, (int)r.Due, (int)r.Dead, r.Oldest is { } ms ? At(ms) : null))],
            cancellationToken);

    private sealed class OutboxRecord
    {
        public string MessageId { get; set; } = "";

        public string Sink { get; set; } = "";

        public long Status { get; set; }

        public long Attempts { get; set; }

        public long NextAt { get; set; }

        public string? LastError { get; set; }

        public string? Confirmation { get; set; }

        public long IsRepeat { get; set; }

        public long Seq { get; set; }

        public string Body { get; set; } = "";

        public long CommittedAt { get; set; }

        public OutboxRow ToRow() => new(
            MessageId, Sink, (OutboxStatus)Status, (int)Attempts, At(NextAt), LastError, Confirmation,
            new StoredTransition(Seq, StoreJson.Read<AlertTransition>(Body), At(CommittedAt)))
        {
            IsRepeat = IsRepeat != 0,
        };
    }
}
