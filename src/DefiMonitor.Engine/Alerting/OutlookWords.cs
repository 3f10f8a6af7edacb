using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What is said of a price that has not landed yet.</summary>
internal static class OutlookWords
{
    private const int Shown = 4;

    public static string Title(AlertTransition told)
    {
        var report = told.Report!;
        var who = $"{Say.Who(report.Account, told.OwnerName)} on {report.Account.Deployment}";
        var now = $"health factor {Say.Health(report.HealthFactor)} now";
        return told.Kind is TransitionKind.Opened or TransitionKind.Escalated
            ? $"{AccountWords.Head(told)}: {who}: can be liquidated at the next price; {now}, {Then(told.Outlook!)} (a model)"
            : told.Kind == TransitionKind.Eased && told.Outlook?.HangsOnPending == true
                ? $"{AccountWords.Head(told)}: {who}: can be liquidated at the next price only by a pending transaction, not confirmed; {now}, {Then(told.Outlook)} (a model)"
            : $"{AccountWords.Head(told)}: {who}: the price that was due no longer makes it liquidatable; {now}";
    }

    /// <param name="withdrawn">What became of pending prices.</param>
    public static IReadOnlyList<string> Lines(AlertTransition told, IReadOnlyList<string> withdrawn)
    {
        var lines = AccountWords.Lines(told);
        return told.Kind is TransitionKind.Opened or TransitionKind.Escalated ? lines
            : [.. withdrawn, "Nothing was cleared by this: what the account's own state says is told apart.", .. lines];
    }

    /// <summary>Null where no update is due.</summary>
    public static string? Line(PriceOutlook? outlook) => outlook is { Status: not null }
        ? $"Next price (a model): {string.Join("; ", outlook.Feeds.Select(Feed))}: {Then(outlook)}."
        : null;

    private static string Then(PriceOutlook outlook) => outlook.HealthFactor is { } health ? $"health factor {Say.Health(health)} then" : "health factor unknown then";

    private static string Feed(OutlookFeed feed)
    {
        var why = feed.Due switch
        {
            FeedDue.Pending => "in a pending transaction, not confirmed",
            FeedDue.Heartbeat => "due by its heartbeat",
            _ => "outside its band, an update is due",
        };
        return $"{HostileText.OneLine(feed.Name, Say.MaxName)} {Units.Format(feed.Oracle, feed.Decimals, Shown)} -> {Units.Format(feed.Next, feed.Decimals, Shown)} ({(feed.Rises ? "+" : "-")}{Say.Ppm(feed.ApartPpm)}; {why})";
    }
}
