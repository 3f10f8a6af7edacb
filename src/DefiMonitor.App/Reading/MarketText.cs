using System.Globalization;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.App.Reading;

/// <summary>One market in plain text for a person.</summary>
public static class MarketText
{
    public static IEnumerable<string> Lines(MarketReading reading, MarketRisk risk, int top)
    {
        var now = risk.Now;
        yield return $"  {now.Accounts} accounts, {now.Unknown} of them unknown; collateral {Value(now.CollateralValue, risk)}, debt {Value(now.DebtValue, risk)}, bad debt {Value(now.BadDebt, risk)} {risk.Unit}";
        yield return $"  expected loss of a day without liquidations {Loss(risk.ExpectedLoss)} {risk.Unit} (model)";
        yield return "";
        yield return "Does the list hold every debt?";
        if (reading.Equations.Count == 0)
        {
            yield return "  can't be told: its contracts have no total of what is owed";
        }

        foreach (var equation in reading.Equations)
        {
            yield return $"  {equation.Symbol,-10} {equation.What}: {Verdict(equation)}";
        }

        yield return "";
        yield return "Feeds behind the prices";
        foreach (var feed in reading.Feeds)
        {
            yield return $"  {feed.Symbol,-10} {feed.Feed} {(feed.UpdatedAt is { } at ? $"written {Durations.Text(reading.Block.Timestamp - Math.Min(at, reading.Block.Timestamp))} before the block" : "no contract tells when it was written")}";
            if (feed.Cap is { } cap)
            {
                yield return $"  {"",-10} {CapText.Line(cap, reading.Block.Timestamp)}";
            }
        }

        yield return "";
        yield return $"{"if prices move",-28} {"liquidatable",12} {"collateral at risk",20} {"debt at risk",20} {"insolvent",9} {"bad debt",20}";
        yield return Row("not at all", now, risk);
        foreach (var point in risk.Curve)
        {
            yield return Row(point.Name, point.Market, risk);
        }

        yield return "";
        yield return $"{"expected loss",14} {"health",10} {"sigmas",7} {"collateral",20} {"debt",20}  account";
        foreach (var account in risk.Ranked.Take(top))
        {
            var report = account.Report;
            var sigmas = account.Sigmas is { } known ? known.ToString("0.0", CultureInfo.InvariantCulture) : "";
            yield return $"{Loss(account.ExpectedLoss),14} {Units.Format(report.HealthFactor ?? UInt256.Zero, 18, 4),10} {sigmas,7} {Value(report.CollateralValue, risk),20} {Value(report.DebtValue, risk),20}  {report.Account.Key}{(report.IsBelowEdge ? $" {report.Status.ToString().ToUpperInvariant()}" : "")}{(report.IsDebtPartial ? " (not all of its debt is known)" : "")}";
        }

        if (risk.Ranked.Count > top)
        {
            yield return $"and {risk.Ranked.Count - top} more with less to lose; --top {risk.Ranked.Count} or --json shows them";
        }

        foreach (var report in risk.Unknown.Take(top))
        {
            yield return $"UNKNOWN {report.Account.Key}: {report.UnknownReason}";
        }
    }

    private static string Verdict(Completeness equation) => equation.Holds switch
    {
        true => $"our accounts {equation.Known} = {equation.Total}: equal",
        false when !equation.Outside.IsZero => $"our accounts {equation.Known}, the contract {equation.Total}: {equation.Outside} UNITS STAND OUTSIDE THE LIST",
        false => $"our accounts {equation.Known}, the contract {equation.Total}: our accounts have {equation.Excess} UNITS TOO MANY",
        _ => $"our accounts {equation.Known}, the contract {equation.Total?.ToString() ?? "unread"}: can't be told: {equation.Unsettled}",
    };

    private static string Row(string name, StressedMarket market, MarketRisk risk) =>
        $"  {name,-26} {market.Liquidatable,12} {Value(market.CollateralAtRisk, risk),20} {Value(market.DebtAtRisk, risk),20} {market.Insolvent,9} {Value(market.BadDebt, risk),20}{(market.Unknown > 0 ? $"  ({market.Unknown} UNKNOWN, in no figure)" : "")}{(market.Partial > 0 ? $"  ({market.Partial} whose debt is not all known)" : "")}";

    private static string Value(UInt256 value, MarketRisk risk) => Units.Format(value, risk.UnitDecimals, 2);

    private static string Loss(double loss) => loss.ToString(loss >= 1 ? "#,0.00" : "0.000000", CultureInfo.InvariantCulture);
}
