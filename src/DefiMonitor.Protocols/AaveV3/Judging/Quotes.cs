using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>What a liquidator could take at most, pair by pair, largest seizure first.</summary>
internal static class Quotes
{
    public static List<LiquidationQuote> Of(IReadOnlyList<AaveReserveState> used, AccountAt account, LiquidationGate gate)
    {
        var quotes = new List<PairQuote>();
        foreach (var (collateral, debt) in gate.Pairs)
        {
            if (Computed.OrNull<PairQuote>(() => PairQuote.Of(account, collateral, debt)) is { Amounts.Taken.IsZero: false } quote)
            {
                quotes.Add(quote);
            }
        }

        quotes.Sort(static (a, b) => a.Taken != b.Taken ? b.Taken.CompareTo(a.Taken)
            : a.CollateralLeg != b.CollateralLeg ? a.CollateralLeg.CompareTo(b.CollateralLeg) : a.DebtLeg.CompareTo(b.DebtLeg));
        return quotes.ConvertAll(quote => new LiquidationQuote(
            used[quote.DebtLeg].Asset,
            used[quote.DebtLeg].Symbol,
            quote.Amounts.DebtRepaid,
            used[quote.CollateralLeg].Asset,
            used[quote.CollateralLeg].Symbol,
            quote.Amounts.Taken,
            quote.Loss));
    }
}
