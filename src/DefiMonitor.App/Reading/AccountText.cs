using System.Globalization;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.App.Reading;

/// <summary>One account in plain text for a person: every leg, every trigger, the ways out, and whether the chain says the same.</summary>
public static class AccountText
{
    // The end of the calendar.
    private const ulong MaxSeconds = 253_402_300_799;

    public static IEnumerable<string> Lines(AccountReading reading) => Lines(reading, NextPrices.None);

    /// <param name="next">The feeds at the block, beside the market.</param>
    public static IEnumerable<string> Lines(AccountReading reading, NextPrices next)
    {
        var report = reading.AtBlock;
        yield return $"{(reading.Account.TryGetUser(out _) ? reading.Account.Deployment.ToString() : reading.Account.ToString())}  {Status(report)}";
        if (report.UnknownReason is { } reason)
        {
            yield return $"  unknown     {reason}";
        }

        foreach (var missing in report.Missing)
        {
            yield return $"  unknown     {missing}";
        }

        foreach (var leg in report.Positions)
        {
            yield return $"  {leg.Side.ToString().ToLowerInvariant(),-11} {Amount(leg.Amount, leg.Decimals)} {leg.Symbol}{Worth(leg, report)}{Terms(leg)}";
        }

        foreach (var bucket in OptionExposures.Of(report))
        {
            yield return $"  greeks      {Greeks(bucket, report)}";
        }

        foreach (var trigger in report.Triggers)
        {
            yield return $"  {TriggerName(trigger.Kind),-11} {Distance(trigger)}";
            foreach (var edge in trigger.Edges)
            {
                var verb = edge.Side == EdgeSide.Falls ? "falls to" : "rises to";
                yield return $"              {edge.Symbol} {verb} {Value(edge.Price, report)} ({Percent(edge.DistancePpm)} from {Value(edge.CurrentPrice, report)})";
            }
        }

        foreach (var remedy in report.Remedies)
        {
            var after = remedy.HealthAfter is { } health ? $"health {Units.Format(health, 18, 4)}" : "no debt left";
            yield return $"  {remedy.Kind.ToString().ToLowerInvariant(),-11} {Units.FormatExact(remedy.Amount, remedy.Decimals)} {remedy.Symbol} ({Value(remedy.Value, report)}) to reach {Units.Format(remedy.TargetHealth, 18, 4)}: {after}{(remedy.Caveat is { } caveat ? $"; {caveat}" : "")}";
        }

        foreach (var action in reading.Actions)
        {
            yield return $"  can {action.Kind.ToString().ToLowerInvariant(),-8}{action.Symbol}: {Possible(action)}{string.Concat(action.Reasons.Select(static r => $"; {r.Code}: {r.Text.TrimEnd('.')}"))}";
        }

        foreach (var quote in report.Liquidations)
        {
            yield return $"  at stake    a liquidator may repay {Of(report, quote.DebtAsset, quote.DebtToCover)} {quote.DebtSymbol} and take {Of(report, quote.CollateralAsset, quote.CollateralTaken)} {quote.CollateralSymbol}: {Value(quote.Loss, report)} lost";
        }

        foreach (var blocked in report.Blocked)
        {
            yield return $"  blocked     {blocked.Code}: {blocked.Text}{(blocked.Until is { } until ? $" until {DateTimeOffset.FromUnixTimeSeconds((long)until).UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "")}";
        }

        foreach (var (_, symbol, cap) in reading.Caps)
        {
            yield return $"  price cap   {symbol}: {CapText.Line(cap, report.Block.Timestamp)}";
        }

        if (FeedText.OfAccount(reading, next) is { } atMarket)
        {
            yield return $"  next price  {atMarket}";
        }

        yield return "  " + AgreementLine(reading);
    }

    /// <summary><c>our 1.043217… = getUserAccountData at block N 0xab..: equal</c></summary>
    public static string AgreementLine(AccountReading reading)
    {
        var ours = reading.AtBlock.Status == MarginStatus.Unknown ? "unknown" : Health(reading.AtBlock, 18);
        var text = reading.Agreement.Kind switch
        {
            AgreementKind.Equal => "equal",
            AgreementKind.Different => $"DIFFERENT: {reading.Agreement.Text}",
            _ => $"UNREADABLE: {reading.Agreement.Text}",
        };
        var sign = reading.Agreement.Kind == AgreementKind.Equal ? "=" : "vs";
        return $"our {ours} {sign} {ProtocolFamilies.ViewOf(reading.Account.Deployment.Family)} at block {reading.AtBlock.Block.Ref}: {text}";
    }

    private static string Possible(ActionCheck action) => action.Possible switch
    {
        Possibility.Yes => "yes",
        Possibility.No => "NO",
        Possibility.Unknown => "not known",
        _ => action.Limit is { } most ? $"up to {Amount(most, action.Decimals)}" : "in part",
    };

    private static string Greeks(GreekBucket bucket, MarginReport report)
    {
        var missing = bucket.Unpriced.Count > 0 ? $", without {string.Join(", ", bucket.Unpriced)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(bucket.Expiry, MaxSeconds)).UtcDateTime:yyyy-MM-dd}: delta {bucket.Delta:0.####}, gamma {bucket.Gamma:0.######}, vega {bucket.VegaPoint:0.##} {report.Unit} a point, theta {bucket.ThetaDay:0.##} {report.Unit} a day (estimates{missing})");
    }

    private static string Status(MarginReport report) => report.Status switch
    {
        MarginStatus.Unknown => "UNKNOWN",
        MarginStatus.Healthy => $"health {Health(report, 4)}",
        _ => $"{report.Status.ToString().ToUpperInvariant()}  health {Health(report, 4)}",
    };

    private static string Health(MarginReport report, int digits) => report.HealthFactor is { } health ? Units.Format(health, 18, digits) : report.IsDebtPartial ? "∞ (nothing to liquidate)" : "∞ (no debt)";

    // A price that the venue does not tell is not one of 0.
    private static string Worth(Position leg, MarginReport report) =>
        leg.Option is { Mark: null } && leg.Price.IsZero ? ", no mark" : $" at {Value(leg.Price, report)} = {Value(leg.Value, report)}";

    private static string Terms(Position leg) => leg switch
    {
        { Option.IsPaid: true } => $", paid: {LedgerOption.Premium}",
        { Option: not null } or { Perpetual: not null } or { Side: PositionSide.Debt } => "",
        { Counts: false } => ", not used as collateral",
        _ => $", threshold {leg.ThresholdBps / 100}.{leg.ThresholdBps % 100:00} %",
    };

    private static string TriggerName(TriggerKind kind) => kind switch
    {
        TriggerKind.PreLiquidation => "pre-liquid.",
        TriggerKind.BadDebt => "bad debt",
        _ => "liquidation",
    };

    private static string Distance(Trigger trigger)
    {
        var at = $"at health {Units.FormatExact(trigger.Threshold, 18)}";
        if (trigger.Unarmed is { } why)
        {
            return $"{at}, not armed: {why}";
        }

        if (trigger.Unknown is { } unread)
        {
            return $"{at}, how far is UNKNOWN: {unread}";
        }

        if (trigger.Active)
        {
            return $"{at}: NOW";
        }

        var fall = trigger.UniformFallPpm is { } ppm ? $"all collateral falls {Percent(ppm)}" : "no fall of the collateral leads there";
        var alone = trigger.Tag == ResultTag.Model ? "the clock" : "interest";
        var time = trigger.SecondsAtConstantPrices is { } seconds ? $"; by {alone} alone in {Durations.Text(seconds)}" : "";
        var volatility = trigger.VolatilityRisePpm is { } rise ? $"; all volatilities rise {Percent(rise)}" : "";
        return $"{at}: {fall}{volatility}{time}{(trigger.Tag == ResultTag.Model ? " (a model's estimates)" : "")}";
    }

    private static string Percent(ulong ppm) => $"{ppm / 10_000}.{ppm % 10_000 / 100:00} %";

    private static string Amount(UInt256 amount, int decimals) => Units.Format(amount, decimals, Math.Min(decimals, amount >= UInt256.Pow10(decimals) ? 4 : 8));

    private static string Of(MarginReport report, Address asset, UInt256 amount) =>
        report.Positions.FirstOrDefault(p => p.Asset == asset) is { } leg ? Amount(amount, leg.Decimals) : $"{amount} smallest units of";

    private static string Value(UInt256 value, MarginReport report) => $"{Units.Format(value, report.UnitDecimals, value >= UInt256.Pow10(report.UnitDecimals) ? 2 : 6)} {report.Unit}";
}
