using Dapper;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Engine.Storage;

public sealed partial class SqlStore
{
    public Task<IReadOnlyList<long>> CommitAsync(Fence fence, JudgementCommit commit, CancellationToken cancellationToken = default) =>
        WriteAsync<IReadOnlyList<long>>(
            fence,
            transaction =>
            {
                foreach (var state in commit.Alerts)
                {
                    WriteAlert(fence.Loop, state, commit.At, transaction);
                }

                var seqs = new List<long>(commit.Transitions.Count);
                foreach (var (transition, sinks) in commit.Transitions)
                {
                    seqs.Add(WriteTransition(transition, sinks, commit.At, transaction));
                }

                WriteReports(commit.Reports);
                WriteMemories(commit.Memories);
                foreach (var market in commit.Markets)
                {
                    writer.Execute(
                        "INSERT INTO market_memory (deployment, chain, body) VALUES (@deployment, @chain, @body) ON CONFLICT (deployment) DO UPDATE SET body = excluded.body",
                        new { deployment = market.Deployment.ToString(), chain = market.Deployment.Chain.ToString(), body = StoreJson.Write(market) },
                        transaction);
                }

                var at = Ms(commit.At);
                foreach (var seq in commit.Confirmed)
                {
                    writer.Execute("UPDATE confirmation SET answered_at = @at WHERE seq = @seq", new { at, seq }, transaction);
                }

                foreach (var (id, result) in commit.Commands)
                {
                    writer.Execute("UPDATE command SET applied_at = @at, result = @result WHERE id = @id", new { at, id, result }, transaction);
                }

                foreach (var (key, until) in commit.Mutes)
                {
                    writer.Execute(
                        "INSERT INTO mute (key, until_at) VALUES (@key, @until) ON CONFLICT (key) DO UPDATE SET until_at = excluded.until_at",
                        new { key, until = Ms(until) },
                        transaction);
                }

                if (commit.Beat is { } beat)
                {
                    WriteBeat(fence, beat, transaction);
                }

                return seqs;
            },
            cancellationToken);

    public Task<IReadOnlyList<AlertState>> LatestAlertsAsync(string loop, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<AlertState>>(
            db => [.. db.Query<string>(
                    """
                    SELECT state FROM alert WHERE id IN (SELECT max(id) FROM alert WHERE loop = @loop GROUP BY subject, rule) ORDER BY subject, rule
                    """,
                    new { loop })
                .Select(StoreJson.Read<AlertState>)],
            cancellationToken);

    // What was told of the block that opened it leads there.
    public Task<IReadOnlyList<AlertState>> AlertsAboveAsync(ChainId chain, string rule, ulong block, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<AlertState>>(
            db => [.. db.Query<string>(
                    """
                    SELECT state FROM alert WHERE rule = @rule AND opened_block > @above
                    AND alert_id IN (SELECT alert_id FROM alert_transition WHERE chain = @chain AND block > @above) ORDER BY id
                    """,
                    new { rule, chain = chain.ToString(), above = checked((long)block) })
                .Select(StoreJson.Read<AlertState>)],
            cancellationToken);

    public Task<StoredMemories> MemoriesAsync(ChainId chain, int atMost, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db =>
            {
                var of = new { chain = chain.ToString(), most = (long)atMost + 1 };
                var isWhole = db.ExecuteScalar<long>("SELECT count(*) FROM (SELECT 1 FROM memory WHERE chain = @chain LIMIT @most)", of) <= atMost;
                var bodies = db.Query<string>($"SELECT body FROM memory WHERE chain = @chain {(isWhole ? "" : "AND is_unknown = 1")} ORDER BY account", of);
                return new StoredMemories([.. bodies.Select(StoreJson.Read<AccountMemory>)], isWhole);
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<MarginAccountId, AccountMemory>> MemoriesOfAsync(
        IReadOnlyCollection<MarginAccountId> accounts, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyDictionary<MarginAccountId, AccountMemory>>(
            db =>
            {
                var found = new Dictionary<MarginAccountId, AccountMemory>();
                using var body = new BulkStatement(db, "SELECT body FROM memory WHERE account = ?1");
                foreach (var account in accounts)
                {
                    body.Bind(1, account.ToString());
                    if (body.Next())
                    {
                        found[account] = StoreJson.Read<AccountMemory>(body.Bytes(0));
                    }

                    body.Again();
                }

                return found;
            },
            cancellationToken);

    public Task<IReadOnlyList<MarketMemory>> MarketsAsync(ChainId chain, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<MarketMemory>>(
            db => [.. db.Query<string>("SELECT body FROM market_memory WHERE chain = @chain ORDER BY deployment", new { chain = chain.ToString() }).Select(StoreJson.Read<MarketMemory>)],
            cancellationToken);

    public Task<IReadOnlyList<StoredTransition>> TransitionsAfterAsync(long seq, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<StoredTransition>>(
            db => [.. db.Query<(long Seq, string Body, long At)>(
                    "SELECT seq, body, committed_at FROM alert_transition WHERE seq > @seq ORDER BY seq LIMIT @limit", new { seq, limit = Limit(limit) })
                .Select(static r => new StoredTransition(r.Seq, StoreJson.Read<AlertTransition>(r.Body), At(r.At)))],
            cancellationToken);

    public Task<IReadOnlyList<StoredTransition>> TransitionsOfAsync(string alertId, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<StoredTransition>>(
            db => [.. db.Query<(long Seq, string Body, long At)>(
                    "SELECT seq, body, committed_at FROM alert_transition WHERE alert_id = @alertId ORDER BY number", new { alertId })
                .Select(static r => new StoredTransition(r.Seq, StoreJson.Read<AlertTransition>(r.Body), At(r.At)))],
            cancellationToken);

    public Task<long> LastSeqAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(static db => db.ExecuteScalar<long?>("SELECT max(seq) FROM alert_transition") ?? 0, cancellationToken);

    public Task AskConfirmationAsync(Fence fence, PendingConfirmation pending, CancellationToken cancellationToken = default) =>
        WriteAsync(
            fence,
            transaction => writer.Execute(
                "INSERT INTO confirmation (seq, chain, alert_id, account, asked_at) VALUES (@Seq, @chain, @AlertId, @account, @at) ON CONFLICT (seq) DO NOTHING",
                new
                {
                    pending.Seq,
                    chain = pending.Account.Deployment.Chain.ToString(),
                    pending.AlertId,
                    account = pending.Account.ToString(),
                    at = Ms(pending.AskedAt),
                },
                transaction),
            cancellationToken);

    public Task<IReadOnlyList<PendingConfirmation>> PendingConfirmationsAsync(ChainId chain, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<PendingConfirmation>>(
            db => [.. db.Query<(long Seq, string AlertId, string Account, long AskedAt)>(
                    "SELECT seq, alert_id, account, asked_at FROM confirmation WHERE chain = @chain AND answered_at IS NULL ORDER BY seq",
                    new { chain = chain.ToString() })
                .Select(static r => new PendingConfirmation(r.Seq, r.AlertId, Account(r.Account), At(r.AskedAt)))],
            cancellationToken);

    private void WriteAlert(string loop, AlertState state, DateTimeOffset at, SqliteTransaction transaction) =>
        writer.Execute(
            """
            INSERT INTO alert (alert_id, loop, subject, rule, level, opened_block, updated_at, state)
            VALUES (@AlertId, @loop, @subject, @Rule, @level, @opened, @at, @json)
            ON CONFLICT (alert_id) DO UPDATE SET level = excluded.level, updated_at = excluded.updated_at, state = excluded.state
            """,
            new
            {
                state.AlertId,
                loop,
                subject = state.Subject.ToString(),
                state.Rule,
                level = (int)state.Level,
                opened = checked((long)state.OpenedAt.Number),
                at = Ms(at),
                json = StoreJson.Write(state),
            },
            transaction);

    private long WriteTransition(AlertTransition transition, IReadOnlyList<string> sinks, DateTimeOffset at, SqliteTransaction transaction)
    {
        var seq = writer.ExecuteScalar<long>(
            """
            INSERT INTO alert_transition (alert_id, number, chain, block, committed_at, body)
            VALUES (@AlertId, @Number, @chain, @block, @at, @body) RETURNING seq
            """,
            new
            {
                transition.AlertId,
                transition.Number,
                chain = transition.Chain.ToString(),
                block = checked((long)transition.Block.Number),
                at = Ms(at),
                body = StoreJson.Write(transition),
            },
            transaction);
        foreach (var sink in sinks)
        {
            writer.Execute(
                "INSERT INTO outbox (message_id, seq, alert_id, sink, status, attempts, next_at, urgency) VALUES (@id, @seq, @AlertId, @sink, 0, 0, @at, @urgency)",
                new { id = MessageId.Of(transition.AlertId, transition.Number, sink), seq, transition.AlertId, sink, at = Ms(at), urgency = (int)(transition.Level > transition.PreviousLevel ? transition.Level : transition.PreviousLevel) },
                transaction);
        }

        return seq;
    }

    private void WriteReports(IReadOnlyList<ReportRow> reports)
    {
        if (reports.Count == 0)
        {
            return;
        }

        using var put = new BulkStatement(
            writer,
            """
            INSERT INTO report (account, chain, level, status, sigmas, block, block_time, at, calm_low, calm_high, calm_rules)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (account) DO UPDATE SET
                level = excluded.level, status = excluded.status, sigmas = excluded.sigmas, block = excluded.block,
                block_time = excluded.block_time, at = excluded.at,
                calm_low = excluded.calm_low, calm_high = excluded.calm_high, calm_rules = excluded.calm_rules
            """);
        using var body = new BulkStatement(writer, "INSERT INTO report_body (account, body) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET body = excluded.body");
        foreach (var row in reports)
        {
            var report = row.Report;
            var account = report.Account.ToString();
            put.Bind(1, account).Bind(2, report.Account.Deployment.Chain.ToString()).Bind(3, (long)row.Level).Bind(4, (long)report.Status)
                .Bind(5, row.Sigmas).Bind(6, checked((long)report.Block.Number)).Bind(7, checked((long)report.Block.Timestamp)).Bind(8, Ms(row.At))
                .Bind(9, row.Calm.Low).Bind(10, row.Calm.High).Bind(11, row.Calm.Rules).Run();
            body.Bind(1, account).Bind(2, StoreJson.Write(report)).Run();
        }
    }

    private void WriteMemories(IReadOnlyList<AccountMemory> memories)
    {
        if (memories.Count == 0)
        {
            return;
        }

        using var put = new BulkStatement(
            writer,
            "INSERT INTO memory (account, chain, is_unknown, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account) DO UPDATE SET is_unknown = excluded.is_unknown, body = excluded.body");
        foreach (var memory in memories)
        {
            put.Bind(1, memory.Account.ToString()).Bind(2, memory.Account.Deployment.Chain.ToString()).Bind(3, memory.UnknownSince is null ? 0 : 1)
                .Bind(4, StoreJson.Write(memory)).Run();
        }
    }
}
