using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>A token that a market deals in.</summary>
/// <param name="Decimals">Null where the venue does not know them.</param>
/// <param name="Receipt">The token given out one for one for what is supplied, whose balance is a position already (Aave: the aToken); null = none.</param>
/// <param name="DebtReceipt">The token whose balance is the debt; null = none.</param>
public sealed record VenueToken(Address Asset, string Symbol, int? Decimals, Address? Receipt = null, Address? DebtReceipt = null)
{
    /// <summary>The venue's price of one whole token in US dollars, with <see cref="DollarDecimals"/> decimals; null where it counts in something else, or could not be read.</summary>
    public UInt256? DollarPrice { get; init; }

    public int DollarDecimals { get; init; }
}
