using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

/// <summary>
/// An option leg's terms and, where it is priced, what all of it moves by: in whole units of the leg's root and in US dollars, a short with the signs of who wrote it.
/// For sums it is what replicates it: so many units of the root, and the rest in what the mark is paid in.
/// </summary>
public sealed record LedgerOption
{
    /// <summary>Of what is fully paid.</summary>
    public const string Premium = "no liquidation, at most the premium";

    public required OptionKind Kind { get; init; }

    /// <summary>As in <see cref="OptionTerms"/>, with <see cref="StrikeDecimals"/> decimals.</summary>
    public required UInt256 Strike { get; init; }

    public required int StrikeDecimals { get; init; }

    /// <summary>Seconds.</summary>
    public required ulong Expiry { get; init; }

    /// <summary>10^18 = 100 % a year; 0 = not known.</summary>
    public required UInt256 Volatility { get; init; }

    /// <summary>How the leg's value and the figures below came to be: the venue's mark, and Black-Scholes-Merton at the venue's own volatility.</summary>
    public ResultTag Tag => ResultTag.Model;

    /// <summary>What can be lost of an option that is held and paid for; null = it is written.</summary>
    public string? AtMost { get; init; }

    /// <summary>Null, as all below, where the leg is not priced.</summary>
    public double? Delta { get; init; }

    /// <summary>Change of <see cref="Delta"/> by one dollar of the root's price.</summary>
    public double? Gamma { get; init; }

    /// <summary>Dollars by one volatility point.</summary>
    public double? VegaPoint { get; init; }

    /// <summary>Dollars by one day.</summary>
    public double? ThetaDay { get; init; }

    /// <summary><see cref="Delta"/> in dollars.</summary>
    public double? DeltaValue { get; init; }

    /// <summary>The root of what the mark is paid in.</summary>
    public string? QuoteRoot { get; init; }

    public string? QuoteFactor { get; init; }

    /// <summary>The ledger's price of one whole unit of <see cref="QuoteRoot"/>, in dollars.</summary>
    public double? QuotePrice { get; init; }
}
