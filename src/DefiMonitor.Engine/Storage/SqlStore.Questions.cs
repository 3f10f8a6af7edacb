using System.Globalization;
using Dapper;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Engine.Storage;

public sealed partial class SqlStore
{
    private const int LargestPage = 500;

    private const string AlertColumns =
        """
        SELECT a.id AS Id, a.state AS State, a.loop AS Loop, a.updated_at AS UpdatedAt,
               (SELECT t.body FROM alert_transition t WHERE t.alert_id = a.alert_id ORDER BY t.number DESC LIMIT 1) AS Last
        FROM alert a
        """;

    private const string ReportColumns =
        "SELECT r.account AS Account, b.body AS Body, r.level AS Level, r.sigmas AS Sigmas, r.at AS At FROM report r JOIN report_body b ON b.account = r.account";

    private const string CommandColumns =
        "SELECT id AS Id, loop AS Loop, verb AS Verb, args AS Args, created_at AS CreatedAt, applied_at AS AppliedAt, result AS Result FROM command";

    public Task<Page<AlertRow>> AlertsAsync(bool openOnly, string? cursor, int limit, CancellationToken cancellationToken = default)
    {
        var below = long.MaxValue;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out below))
        {
            throw new ArgumentException("This cursor was not given out by the monitor; start without one.", nameof(cursor));
        }

        return ReadAsync(
            db =>
            {
                // One more than asked for tells whether another page follows.
                var size = Limit(limit);
                var found = db.Query<AlertRecord>(
                    AlertColumns + "\nWHERE a.id < @below AND (@openOnly = 0 OR a.level > 0) ORDER BY a.id DESC LIMIT @take",
                    new { below, openOnly = openOnly ? 1 : 0, take = size + 1 }).AsList();
                var more = found.Count > size;
                var items = found.Take(size).Select(static r => r.ToRow()).ToList();
                return new Page<AlertRow>(items, more ? found[size - 1].Id.ToString(CultureInfo.InvariantCulture) : null);
            },
            cancellationToken);
    }

    public Task<AlertRow?> AlertAsync(string alertId, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db => db.QueryFirstOrDefault<AlertRecord>(AlertColumns + "\nWHERE a.alert_id = @alertId", new { alertId })?.ToRow(),
            cancellationToken);

    public Task<Page<ReportRow>> ReportsAsync(string? cursor, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db =>
            {
                var size = Limit(limit);
                var found = db.Query<ReportRecord>(
                    ReportColumns + " WHERE r.account > @after ORDER BY r.account LIMIT @take",
                    new { after = cursor ?? "", take = size + 1 }).AsList();
                var more = found.Count > size;
                return new Page<ReportRow>([.. found.Take(size).Select(static r => r.ToRow())], more ? found[size - 1].Account : null);
            },
            cancellationToken);

    public Task<ReportRow?> ReportAsync(MarginAccountId account, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db => db.QueryFirstOrDefault<ReportRecord>(
                ReportColumns + " WHERE r.account = @account",
                new { account = account.ToString() })?.ToRow(),
            cancellationToken);

    public Task LoadFiledAsync(ChainId chain, Action<FiledReport> filed, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db =>
            {
                var accounts = new AccountTexts();
                using var rows = new BulkStatement(
                    db, "SELECT account, level, status, sigmas, block_time, calm_low, calm_high, calm_rules FROM report WHERE chain = ?1 ORDER BY account");
                rows.Bind(1, chain.ToString());
                while (rows.Next())
                {
                    filed(new FiledReport(accounts.Read(rows.Bytes(0)), (AlertLevel)rows.Long(1), (MarginStatus)rows.Long(2), rows.DoubleOrNull(3), (ulong)rows.Long(4))
                    {
                        Calm = new CalmBand(rows.Double(5), rows.Double(6), rows.Long(7)),
                    });
                }

                return true;
            },
            cancellationToken);

    public Task<IReadOnlyList<Mute>> MutesAsync(DateTimeOffset now, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<Mute>>(
            db => [.. db.Query<(string Key, long Until)>("SELECT key, until_at FROM mute WHERE until_at > @now ORDER BY key", new { now = Ms(now) })
                .Select(static r => new Mute(r.Key, At(r.Until)))],
            cancellationToken);

    public Task<long> AddCommandAsync(NewCommand command, CancellationToken cancellationToken = default) =>
        WriteAsync(
            transaction => writer.ExecuteScalar<long>(
                "INSERT INTO command (loop, verb, args, created_at) VALUES (@Loop, @Verb, @Args, @at) RETURNING id",
                new { command.Loop, command.Verb, command.Args, at = Ms(command.CreatedAt) },
                transaction),
            cancellationToken);

    public Task<IReadOnlyList<StoredCommand>> PendingCommandsAsync(string loop, CancellationToken cancellationToken = default) =>
        ReadAsync<IReadOnlyList<StoredCommand>>(
            db => [.. db.Query<CommandRecord>(CommandColumns + " WHERE loop = @loop AND applied_at IS NULL ORDER BY id", new { loop })
                .Select(static r => r.ToCommand())],
            cancellationToken);

    public Task<StoredCommand?> CommandAsync(long id, CancellationToken cancellationToken = default) =>
        ReadAsync(
            db => db.QueryFirstOrDefault<CommandRecord>(CommandColumns + " WHERE id = @id", new { id })?.ToCommand(),
            cancellationToken);

    public Task<int> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        WriteAsync(
            transaction => writer.Execute(
                """
                DELETE FROM outbox WHERE status IN (1, 3) AND done_at < @before;
                DELETE FROM sink_note WHERE key IN (SELECT alert_id FROM alert WHERE level = 0 AND updated_at < @before);
                DELETE FROM confirmation WHERE answered_at < @before;
                DELETE FROM command WHERE applied_at < @before;
                DELETE FROM mute WHERE until_at < @before;
                """,
                new { before = Ms(before) },
                transaction),
            cancellationToken);

    private static int Limit(int limit) => Math.Clamp(limit, 1, LargestPage);

    private sealed class AlertRecord
    {
        public long Id { get; set; }

        public string State { get; set; } = "";

        public string Loop { get; set; } = "";

        public long UpdatedAt { get; set; }

        public string? Last { get; set; }

        public AlertRow ToRow() =>
            new(StoreJson.Read<AlertState>(State), Loop, At(UpdatedAt), Last is null ? null : StoreJson.Read<AlertTransition>(Last));
    }

    private sealed class ReportRecord
    {
        public string Account { get; set; } = "";

        public string Body { get; set; } = "";

        public long Level { get; set; }

        public double? Sigmas { get; set; }

        public long At { get; set; }

        public ReportRow ToRow() => new(StoreJson.Read<MarginReport>(Body), (AlertLevel)Level, Sigmas, SqlStore.At(At));
    }

    private sealed class CommandRecord
    {
        public long Id { get; set; }

        public string Loop { get; set; } = "";

        public string Verb { get; set; } = "";

        public string Args { get; set; } = "";

        public long CreatedAt { get; set; }

        public long? AppliedAt { get; set; }

        public string? Result { get; set; }

        public StoredCommand ToCommand() => new(Id, Loop, Verb, Args, At(CreatedAt), AppliedAt is { } ms ? At(ms) : null, Result);
    }
}
