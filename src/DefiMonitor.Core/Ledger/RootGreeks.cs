using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Core.Ledger;

/// <summary>
/// What an owner's legs move by together with one root asset, loans and options in one place: a collateral in ether is delta too. An estimate. Figures are Unknown
/// where a leg that may be part of them is.
/// </summary>
/// <param name="Delta">Whole units of the root, net: what is there, less what is owed, and what the options act like.</param>
/// <param name="OptionDelta">The options' part of it.</param>
/// <param name="Gamma">Change of delta by one dollar of the root's price.</param>
/// <param name="VegaPoint">Dollars by one volatility point.</param>
/// <param name="ThetaDay">Dollars by one day.</param>
/// <param name="Expiries">The options by expiry, the nearest first.</param>
public sealed record RootGreeks(
    string Root, string? Factor, Figure Delta, Figure OptionDelta, Figure Gamma, Figure VegaPoint, Figure ThetaDay, IReadOnlyList<ExpiryGreeks> Expiries)
{
    public ResultTag Tag => ResultTag.Model;

    /// <summary>One a root; roots that are dollars only where an option is written on them. What could not be read stands under <see cref="LedgerSums.Any"/>.</summary>
    public static IReadOnlyList<RootGreeks> Of(IReadOnlyList<LedgerLeg> legs, LedgerSummary summary)
    {
        // An option that is not priced, or whatever an unread account may hold.
        var lost = legs.Where(static l => l.Factor is null && (l.Option is not null || l.Name is null)).ToList();
        return
        [
            .. from line in summary.ByRoot
               let written = legs.Where(l => l.Option is not null && l.Root == line.Key).ToList()
               let factor = legs.SelectMany(static l => l.Parts).FirstOrDefault(p => p.Root == line.Key).Factor ?? legs.FirstOrDefault(l => l.Root == line.Key)?.Factor
               where factor != MarketData.Unit || written.Count > 0
               select new RootGreeks(
                   line.Key, factor, line.Quantity!.Value, Sum(written, lost, static o => o.Delta), Sum(written, lost, static o => o.Gamma), Sum(written, lost, static o => o.VegaPoint),
                   Sum(written, lost, static o => o.ThetaDay), ByExpiry(written, lost)),
        ];
    }

    private static IReadOnlyList<ExpiryGreeks> ByExpiry(List<LedgerLeg> written, List<LedgerLeg> lost) =>
    [
        .. from leg in written
           group leg by leg.Option!.Expiry into bucket
           orderby bucket.Key
           select new ExpiryGreeks(
               bucket.Key, Sum(bucket, lost, static o => o.Delta), Sum(bucket, lost, static o => o.Gamma), Sum(bucket, lost, static o => o.VegaPoint), Sum(bucket, lost, static o => o.ThetaDay)),
    ];

    private static Figure Sum(IEnumerable<LedgerLeg> written, List<LedgerLeg> lost, Func<LedgerOption, double?> of)
    {
        if (lost.Count > 0)
        {
            return Figure.Unknown(lost[0].Why!);
        }

        var sum = 0.0;
        foreach (var leg in written)
        {
            if (leg.Status != LegStatus.Known || of(leg.Option!) is not { } value)
            {
                return Figure.Unknown(leg.Why!);
            }

            sum += value;
        }

        return Figure.Known(sum);
    }
}

/// <summary>The options on one root with one expiry; figures as in <see cref="RootGreeks"/>.</summary>
/// <param name="Expiry">Seconds.</param>
public sealed record ExpiryGreeks(ulong Expiry, Figure Delta, Figure Gamma, Figure VegaPoint, Figure ThetaDay);
