using System.Globalization;
using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.Engine.Replay;
using Spectre.Console;

namespace DefiMonitor.App.Replaying;

/// <summary>What is said when a tape is at its end.</summary>
internal static class ReplayReport
{
    /// <summary>The last line with --json: exactly the summary.</summary>
    public static string JsonLine(ReplaySummary summary) => JsonSerializer.Serialize(summary, JsonOutput.Line);

    public static void Print(TextWriter to, ReplayResult result, TapeRun run)
    {
        to.WriteLine();
        foreach (var one in result.Liquidations)
        {
            var outcome = one.Outcome switch
            {
                LiquidationOutcome.AlertedBefore => $"last level told {one.LeadSeconds} s before",
                LiquidationOutcome.ZeroLead => "price gap: told at the same block",
                _ => "MISSED",
            };
            var naive = run.Naive.WarnedBefore(one.Account, one.Block.Timestamp) ? "warned before"
                : run.Naive.LateBy(one.Account, one.Block.Timestamp) is { } late ? $"{late} s too late"
                : "never said a word";
            to.WriteLine($"liquidation in block {one.Block.Number,5} of {run.Names.GetValueOrDefault(one.Account, one.Account.Key),-24} {outcome,-34} the naive monitor: {naive}");
        }

        Table(to, result, run);
    }

    private static void Table(TextWriter to, ReplayResult result, TapeRun run)
    {
        var ours = result.Summary;
        var table = new Table().Border(TableBorder.Simple).AddColumn("");
        table.AddColumn(new TableColumn("DefiMonitor").RightAligned());
        table.AddColumn(new TableColumn("naive monitor").RightAligned());
        Row("accounts watched", ours.Accounts, ours.Accounts);
        Row("blocks", ours.Blocks, null);
        Row("liquidations", ours.Liquidations, ours.Liquidations);
        Row("told before", ours.AlertedBefore, ours.Liquidations - ours.NaiveMissed);
        Row("price gap, told at the same block", ours.ZeroLead, null);
        Row("missed", ours.Missed, ours.NaiveMissed);
        Row("lead of the last level, median", Seconds(ours.LeadSecondsP50), null);
        Row("lead of the last level, worst tenth", Seconds(ours.LeadSecondsP10), null);
        Row("too late, median", null, Seconds(ReplayScore.Percentile(
            result.Liquidations.Select(l => run.Naive.WarnedBefore(l.Account, l.Block.Timestamp) ? null : run.Naive.LateBy(l.Account, l.Block.Timestamp)).OfType<ulong>(), 0.5)));
        Row("false alerts", ours.FalseAlerts, null);
        Row("retracted after a reorg", ours.Retracted, null);
        Row("messages", ours.Messages, run.Naive.Warnings);
        Row("messages per account and day", ours.MessagesPerAccountDay.ToString("0.##", CultureInfo.InvariantCulture), null);
        Row("reorgs", ours.Reorgs, null);
        Row("blocks not readable in time", ours.UnreadableBlocks, null);
        Row("our time for a block, 99th percentile", $"{ours.P99BlockMs.ToString("0.0", CultureInfo.InvariantCulture)} ms", null);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(to), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 100;
        console.Write(table);
        to.WriteLine("The naive monitor polls every 5 minutes, warns once below a health factor of 1.1, and takes a failed read for healthy; it watches what answers a health factor, as Aave does.");

        void Row(string name, object? one, object? other) => table.AddRow(
            name, Convert.ToString(one, CultureInfo.InvariantCulture) ?? "", Convert.ToString(other, CultureInfo.InvariantCulture) ?? "");

        static string? Seconds(ulong? seconds) => seconds is { } s ? $"{s} s" : null;
    }
}
