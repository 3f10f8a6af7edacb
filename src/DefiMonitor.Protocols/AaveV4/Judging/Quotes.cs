using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>What a liquidator could take at most, pair by pair, largest seizure first.</summary>
internal static class Quotes
{
    public static List<LiquidationQuote> Of(AccountAt account, LiquidationGate gate)
    {
        var quotes = gate.Quotes.Where(static quote => !quote.Taken.IsZero).ToList();
        quotes.Sort(static (a, b) => a.TakenValue != b.TakenValue ? b.TakenValue.CompareTo(a.TakenValue)
            : a.CollateralLeg != b.CollateralLeg ? a.CollateralLeg.CompareTo(b.CollateralLeg) : a.DebtLeg.CompareTo(b.DebtLeg));
        return quotes.ConvertAll(quote =>
        {
            var (collateral, debt) = (account.Legs[quote.CollateralLeg].State, account.Legs[quote.DebtLeg].State);
            return new LiquidationQuote(
                debt.Asset, debt.Symbol, quote.Amounts.DebtRepaid, collateral.Asset, collateral.Symbol, quote.Taken, ValueScale.Down(quote.Loss));
        });
    }
}
