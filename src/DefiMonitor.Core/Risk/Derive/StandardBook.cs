using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>Parameters of one market of the Standard Manager, by their names in IStandardManager; 18 decimals.</summary>
public sealed record StandardTerms
{
    public required Int128 MmPerpReq { get; init; }

    public required Int128 ImPerpReq { get; init; }

    public required Int128 MaxSpotReq { get; init; }

    public required Int128 MinSpotReq { get; init; }

    public required Int128 MmCallSpotReq { get; init; }

    public required Int128 MmPutSpotReq { get; init; }

    public required Int128 MmPutMtmReq { get; init; }

    public required Int128 UnpairedImScale { get; init; }

    public required Int128 UnpairedMmScale { get; init; }

    public required Int128 MmOffsetScale { get; init; }

    public required Int128 MarginFactor { get; init; }

    public required Int128 ImScale { get; init; }

    public required Int128 PerpThreshold { get; init; }

    public required Int128 OptionThreshold { get; init; }

    public required Int128 BaseThreshold { get; init; }

    public required Int128 OcFactor { get; init; }
}

/// <summary>What an account holds in one market.</summary>
/// <param name="Base">Units of the wrapped base asset.</param>
public sealed record StandardMarket(
    Int128 Spot, Int128 SpotConfidence, PerpLine Perp, Int128 Base, IReadOnlyList<ExpiryLines> Expiries, StandardTerms Terms);

/// <summary>
/// An account under the Standard Manager: StandardManager.sol of derivexyz/v2-core at 7736900d, _getMarginAndMarkToMarket, in double.
/// </summary>
public sealed record StandardBook : DeriveBook
{
    /// <summary>depegParams.threshold and depegFactor.</summary>
    public required Int128 DepegThreshold { get; init; }

    public required Int128 DepegFactor { get; init; }

    public required IReadOnlyList<StandardMarket> Markets { get; init; }

    public override IReadOnlyList<Int128> Spots => [.. Markets.Select(static market => market.Spot)];

    public override IEnumerable<ExpiryLines> Expiries => Markets.SelectMany(static market => market.Expiries);

    public override Outcome<BookMargin> Margin(in BookMove move)
    {
        if (BookPricing.Check(this) is var refusal && refusal != Refusal.None)
        {
            return Outcome<BookMargin>.Refused(refusal);
        }

        var cash = BookNumbers.Of(Cash);
        var sum = new BookMargin(cash, cash, cash);
        var depeg = Math.Max(0, BookNumbers.Of(DepegThreshold - StablePrice)) * BookNumbers.Of(DepegFactor);
        for (var i = 0; i < Markets.Count; i++)
        {
            var one = new StandardMarketMargin(Markets[i], move, move.FactorOf(i), At).Of(BookNumbers.Of(StablePrice), depeg);
            sum = new BookMargin(sum.Maintenance + one.Maintenance, sum.Initial + one.Initial, sum.MarkToMarket + one.MarkToMarket);
        }

        return sum.IsFinite ? Outcome<BookMargin>.Known(sum) : Outcome<BookMargin>.Refused(Refusal.OutOfRange);
    }
}
