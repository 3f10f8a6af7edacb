using System.Globalization;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.App.Reading;

/// <summary>What a venue's API says of an account, in plain text for a person.</summary>
public static class VenueText
{
    private const int Decimals = 18;

    /// <param name="legacy">Accounts of Derive v2 that v3 answers in place of.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<VenueReport> reports, IReadOnlyList<AccountReading> legacy)
    {
        foreach (var line in reports.SelectMany(static report => Lines(report).Append("")))
        {
            yield return line;
        }

        if (legacy.Count > 0)
        {
            yield return $"legacy, unconfirmed: {string.Join(", ", legacy.Select(static account => account.Account))}. Derive v3 answers for the owner, so what moved there is told by it alone.";
            foreach (var (deployment, accrued) in legacy.Where(static account => account.AtBlock.AccruedAt is not null).Select(static account => (account.Account.Deployment, account.AtBlock.AccruedAt!.Value)).Distinct())
            {
                yield return $"  accrued     {deployment}: interest last at {Time(accrued)}, which a keeper can have done where nobody trades; v3 valued the owner's accounts at {Time(reports.Max(static report => report.ValuedAt ?? 0))}";
            }

            yield return "";
        }
    }

    public static IEnumerable<string> Lines(IReadOnlyList<VenueOwner> unnamed)
    {
        foreach (var owner in unnamed)
        {
            yield return owner.Unknown is { } why ? $"{owner.Source}: which accounts {owner.Owner} has is UNKNOWN: {why}"
                : $"{owner.Source}: {owner.Owner} has accounts that venues.json does not name: {string.Join(", ", owner.Accounts.Select(static account => account.Account))}";
            yield return "";
        }
    }

    public static IEnumerable<string> Lines(VenueReport report)
    {
        yield return $"{report.Account}  {Status(report)}";
        if (report.UnknownReason is { } reason)
        {
            yield return $"  unknown     {reason}";
        }

        foreach (var holding in report.Holdings)
        {
            yield return $"  holds       {holding.Amount} {holding.Name}";
        }

        if (report.MaintenanceMargin is { } maintenance && report.InitialMargin is { } initial && report.AccountValue is { } value)
        {
            yield return $"  margin      maintenance {Figure(maintenance)}, initial {Figure(initial)}, value {Figure(value)} US dollars ({report.MarginType}; below 0 it is flagged for liquidation)";
        }

        if (report.Check.Length > 0 && report.Check != report.UnknownReason)
        {
            yield return $"  check       {report.Check}";
        }

        if (report.IsDelayedLiquidation)
        {
            yield return "  delayed     the venue judges it by margins that it has lowered for a time";
        }

        if (report.ValuedAt is { } valued)
        {
            yield return $"  valued      {Time(valued)} by the venue's own clock";
        }
    }

    private static string Time(ulong seconds) => seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
        : $"second {seconds}";

    private static string Status(VenueReport report) => report.Status switch
    {
        MarginStatus.Unknown => "UNKNOWN",
        MarginStatus.Healthy => "healthy by the venue's own word",
        _ => $"{report.Status.ToString().ToUpperInvariant()} by the venue's own word",
    };

    private static string Figure(Int128 figure) => (figure < 0 ? "-" : "") + Units.Format((UInt256)(UInt128)Int128.Abs(figure), Decimals, 2);
}
