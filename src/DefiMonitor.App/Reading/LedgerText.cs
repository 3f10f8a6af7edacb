using System.Globalization;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Reading;

/// <summary>The ledger in plain text for a person: sums, what they hang on, the nearest trigger, and why a figure is not known.</summary>
public static class LedgerText
{
    private const string NotKnown = "UNKNOWN";

    public static IEnumerable<string> Lines(OwnerSettings owner, OwnerReading reading, IReadOnlyList<AccountChange> changes, IReadOnlyList<VenueReport> venues)
    {
        var ledger = reading.Ledger;
        var skew = ledger.SkewSeconds is { } seconds ? $", blocks {seconds} s apart" : "";
        yield return $"ledger of {owner.Name}: {Count(owner.EveryAddress.Count(), "address", "es")} on {Count(ledger.Chains.Count, "chain", "s")}{skew}, in US dollars at one price a root asset";
        foreach (var chain in ledger.Chains.Where(static c => c.Unreadable is not null || c.Stale is not null))
        {
            yield return $"  {chain.Name,-11} {NotKnown}: {chain.Unreadable ?? chain.Stale}";
        }

        yield return $"  assets      {Dollars(ledger.Whole.Assets)}";
        yield return $"  debts       {Dollars(ledger.Whole.Debts)}";
        yield return $"  net         {Dollars(ledger.Whole.Net)}";
        yield return $"  leverage    gross {Times(ledger.Whole.GrossLeverage)}, net {Times(ledger.Whole.NetLeverage)}";
        foreach (var line in ledger.Whole.ByFactor)
        {
            yield return $"  factor      {line.Key}: long {Dollars(line.Long)}, short {Dollars(line.Short)}, net {Dollars(line.Net)}";
        }

        foreach (var line in ledger.Whole.ByRoot.Where(static l => l.Key != LedgerSums.Any))
        {
            var price = ledger.Market.Of(line.Key) is { } root ? $" at {root.ToDouble().ToString("N2", CultureInfo.InvariantCulture)} ({root.Source}{(root.Block is { } block ? $", {root.Chain} block {block}" : "")})" : "";
            yield return $"  root        {line.Key}: {(line.Quantity!.Value.Value is { } net ? net.ToString("N4", CultureInfo.InvariantCulture) : NotKnown)} net{price}";
        }

        foreach (var greeks in ledger.Greeks.Where(static g => g.Root != LedgerSums.Any && (g.Expiries.Count > 0 || g.OptionDelta.Value is null)))
        {
            yield return $"  greeks      {greeks.Root} (estimates): delta {Plain(greeks.Delta)} of which options {Plain(greeks.OptionDelta)}, gamma {Plain(greeks.Gamma)}, vega {Dollars(greeks.VegaPoint)} a point, theta {Dollars(greeks.ThetaDay)} a day";
        }

        foreach (var line in ledger.Whole.ByIssuer.Concat(ledger.Whole.ByOracle).Where(static l => l.Key is not (LedgerSums.Any or LedgerSums.NotStated)))
        {
            yield return $"  {(ledger.Whole.ByIssuer.Contains(line) ? "issuer" : "oracle"),-11} {line.Key}: long {Dollars(line.Long)}, short {Dollars(line.Short)}";
        }

        foreach (var leg in ledger.Legs.Where(static l => l.Side == LedgerSide.Wallet))
        {
            var amount = leg.Amount is { } held ? Units.Format(held, leg.Decimals, Math.Min(leg.Decimals, 6)) : NotKnown;
            yield return $"  wallet      {amount} {leg.Symbol} of {leg.Owner} on {leg.Chain}{(leg.Value is { } value ? $" = {Dollars(Figure.Known(value))}" : "")}";
        }

        foreach (var leg in ledger.Legs.Where(static l => l.Through.Count > 0))
        {
            yield return $"  inside      {leg.Venue}: {leg.Symbol} {string.Join(" ", leg.Through.Select(static t => $"> {(t.Rate is { } rate ? Units.Format(rate, t.RateDecimals, Math.Min(6, t.RateDecimals)) : NotKnown)} {t.To}"))}";
        }

        foreach (var allowed in reading.Parts.SelectMany(static p => p.Holdings.Allowances))
        {
            yield return $"  allowance   {allowed.Deployment} may take {Allowed(allowed)} {allowed.Symbol} of {allowed.Owner}";
        }

        yield return $"  nearest     {(ledger.Nearest is null && ledger.Triggers.Count > 0 ? "none that can be pulled" : Nearest(ledger.Nearest))}";
        foreach (var venue in venues)
        {
            yield return $"  beside it   {venue.Account}, by the venue's own word above: in no sum of this ledger";
        }

        foreach (var change in changes)
        {
            yield return $"  change      {change.Account.Deployment} since block {change.Since}: {Change(change)}";
        }

        foreach (var why in ledger.Legs.Where(static l => l.Status != LegStatus.Known).Select(static l => l.Why).Distinct())
        {
            yield return $"  unknown     {why}";
        }
    }

    private static string Nearest(LedgerTrigger? trigger) => trigger switch
    {
        null => "no trigger: nothing is owed",
        { Active: true } => $"{trigger.Account?.Deployment}: {Name(trigger.Kind)} NOW",
        { Status: MarginStatus.Unknown } => $"{NotKnown}: {trigger.Venue} on {trigger.Chain}: {trigger.Why}",
        _ => $"{trigger.Account?.Deployment}: {Name(trigger.Kind)}{(trigger.UniformFallPpm is { } ppm ? $" when all collateral falls {ppm / 10_000}.{ppm % 10_000 / 100:00} %" : "")}{(trigger.Sigmas is { } sigmas ? string.Create(CultureInfo.InvariantCulture, $", {sigmas:0.0} daily sigmas away") : "")}",
    };

    private static string Name(TriggerKind? kind) => kind switch
    {
        TriggerKind.PreLiquidation => "pre-liquidation",
        TriggerKind.BadDebt => "bad debt",
        _ => "liquidation",
    };

    private static string Change(AccountChange change)
    {
        if (change.Why is { } why)
        {
            return $"{NotKnown}: {why}";
        }

        var legs = change.Legs.Select(static l => $"{l.Side.ToString().ToLowerInvariant()} {Units.Format(l.Before, l.Decimals, Math.Min(l.Decimals, 6))} > {Units.Format(l.Now, l.Decimals, Math.Min(l.Decimals, 6))} {l.Symbol}");
        return string.Join(", ", legs.Append($"health {Health(change.HealthBefore)} > {Health(change.HealthNow)}"));
    }

    private static string Health(UInt256? health) => health is { } known ? Units.Format(known, 18, 4) : "∞";

    private static string Allowed(WalletAllowance allowed) => allowed.Amount is not { } amount ? NotKnown
        : amount.BitLength > 200 ? "any amount of" : Units.Format(amount, allowed.Decimals, Math.Min(allowed.Decimals, 6));

    private static string Dollars(Figure figure) => figure.Value is { } value ? $"{value.ToString("N2", CultureInfo.InvariantCulture)} USD" : NotKnown;

    private static string Plain(Figure figure) => figure.Value is { } value ? value.ToString("0.####", CultureInfo.InvariantCulture) : NotKnown;

    private static string Times(Figure figure) => figure.State switch
    {
        FigureState.Known => figure.Value!.Value.ToString("N2", CultureInfo.InvariantCulture),
        FigureState.Undefined => "without meaning (debts are as large as assets, or larger)",
        _ => NotKnown,
    };

    private static string Count(int number, string word, string plural) => $"{number} {word}{(number == 1 ? "" : plural)}";
}
