using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>
/// An account under PMRM_2 or PMRM_2_1: PMRMLib_2.sol of derivexyz/v2-core at 7736900d, addPrecomputes and getMarginAndMarkToMarket, in double.
/// </summary>
public sealed record PortfolioBook : DeriveBook
{
    public required Int128 Spot { get; init; }

    public required Int128 SpotConfidence { get; init; }

    public required PerpLine Perp { get; init; }

    public required IReadOnlyList<CollateralLine> Collaterals { get; init; }

    public required IReadOnlyList<ExpiryLines> Lines { get; init; }

    public required PortfolioTerms Terms { get; init; }

    public required IReadOnlyList<PortfolioScenario> Scenarios { get; init; }

    public override IReadOnlyList<Int128> Spots => [Spot];

    public override IEnumerable<ExpiryLines> Expiries => Lines;

    public override Outcome<BookMargin> Margin(in BookMove move)
    {
        if (BookPricing.Check(this) is var refusal && refusal != Refusal.None)
        {
            return Outcome<BookMargin>.Refused(refusal);
        }

        var margin = new PortfolioMargin(this, move).Of();
        return margin.IsFinite ? Outcome<BookMargin>.Known(margin) : Outcome<BookMargin>.Refused(Refusal.OutOfRange);
    }

    /// <summary>Profit or loss of each scenario in their order, and last that of the basis contingency; empty where the book is refused.</summary>
    public IReadOnlyList<double> ScenarioProfits(in BookMove move)
    {
        if (BookPricing.Check(this) != Refusal.None)
        {
            return [];
        }

        var margin = new PortfolioMargin(this, move);
        return [.. Scenarios.Select(margin.Profit), margin.Basis];
    }
}
