namespace DefiMonitor.Core.Risk.Derive;

/// <summary>PMRMLib_2 over one book under one move: what all scenarios share is worked out once, as addPrecomputes does.</summary>
internal sealed class PortfolioMargin
{
    private readonly PortfolioBook book;
    private readonly PortfolioTerms terms;
    private readonly List<PortfolioExpiry> expiries = [];
    private readonly double perpNotional;
    private readonly double moving;
    private readonly double mark;
    private readonly double maintenanceCharge;
    private readonly double initialCharge;

    public PortfolioMargin(PortfolioBook book, in BookMove move)
    {
        this.book = book;
        terms = book.Terms;
        var factor = move.FactorOf(0);
        var spot = Wad(book.Spot) * factor;
        var quantity = Wad(book.Perp.Quantity);
        perpNotional = quantity * Wad(book.Perp.Price) * factor;
        mark = quantity == 0 ? 0 : Wad(book.Perp.Unsettled) + (quantity * Wad(book.Perp.Price) * (factor - 1));
        var confidence = quantity == 0 ? book.SpotConfidence : Int128.Min(book.SpotConfidence, book.Perp.Confidence);
        var notional = Math.Abs(quantity) * spot;
        maintenanceCharge = notional * Wad(terms.MmPerpPercent);
        initialCharge = (notional * Wad(terms.ImPerpPercent)) + Contingency(confidence, notional);
        foreach (var lines in book.Lines)
        {
            var expiry = new PortfolioExpiry(terms, lines, move, factor, book.At);
            expiries.Add(expiry);
            mark += expiry.Mark;
            Basis += expiry.Basis;
            maintenanceCharge += expiry.NakedShorts * spot * Wad(terms.MmOptionPercent);
            initialCharge += (expiry.NakedShorts * spot * Wad(terms.ImOptionPercent)) + Contingency(Int128.Min(lines.Confidence, confidence), expiry.Size * spot);
        }

        foreach (var collateral in book.Collaterals)
        {
            var value = Wad(collateral.Balance) * Wad(collateral.Price) * (collateral.MovesWithSpot ? factor : 1) / Wad(book.StablePrice);
            mark += value;
            moving += collateral.MovesWithSpot ? value : 0;
            maintenanceCharge += value * Wad(collateral.MmHaircut);
            initialCharge += (value * Wad(collateral.ImHaircut)) + Contingency(Int128.Min(collateral.Confidence, book.SpotConfidence), value);
        }
    }

    /// <summary>basisContingency: 0 or below.</summary>
    public double Basis { get; }

    public BookMargin Of()
    {
        var worst = Basis;
        foreach (var scenario in book.Scenarios)
        {
            worst = Math.Min(worst, Profit(scenario));
        }

        var cash = Wad(book.Cash);
        var peg = Math.Max(0, Wad(terms.PegLossThreshold - book.StablePrice)) * Wad(terms.PegLossFactor);
        return new BookMargin(
            (worst * Wad(terms.MmFactor)) - maintenanceCharge + mark + cash,
            (worst * (Wad(terms.ImFactor) + peg)) - initialCharge - maintenanceCharge + mark + cash,
            mark + cash);
    }

    /// <summary>getScenarioPnL: the difference to the mark to market.</summary>
    public double Profit(PortfolioScenario scenario)
    {
        var (shock, dampening) = (Wad(scenario.SpotShock), Wad(scenario.Dampening));
        var sum = (perpNotional + moving) * (shock - 1) * dampening;
        foreach (var expiry in expiries)
        {
            sum += expiry.Profit(shock, scenario.VolShock) * dampening;
        }

        return sum;
    }

    private double Contingency(Int128 confidence, double notional) =>
        confidence < terms.ConfThreshold ? (1 - Wad(confidence)) * Wad(terms.ConfMargin) * notional : 0;

    private static double Wad(Int128 figure) => BookNumbers.Of(figure);
}
