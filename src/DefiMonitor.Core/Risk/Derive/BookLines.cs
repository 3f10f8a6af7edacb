namespace DefiMonitor.Core.Risk.Derive;

// What a Derive v2 account holds and the feeds say of it, as the contracts have it: 18 decimals, times in seconds. Quantities are signed, long above 0.

/// <summary>One option series.</summary>
/// <param name="Volatility">By the volatility feed at this strike, of a year.</param>
public sealed record OptionLine(bool IsCall, Int128 Strike, Int128 Quantity, Int128 Volatility);

/// <summary>Everything that expires together.</summary>
/// <param name="FixedForward">The part of the forward that the settlement average has fixed already; 0 until half an hour before the expiry.</param>
/// <param name="VariableForward">The part that still moves.</param>
/// <param name="Rate">Interest of a year; counts for portfolio margin only.</param>
/// <param name="Confidence">The least of forward, volatility and, for portfolio margin, rate.</param>
public sealed record ExpiryLines(
    ulong Expiry, Int128 FixedForward, Int128 VariableForward, Int128 Rate, Int128 Confidence, IReadOnlyList<OptionLine> Options);

/// <param name="Unsettled">Profit and funding that a settlement would pay (getUnsettledAndUnrealizedCash).</param>
public readonly record struct PerpLine(Int128 Quantity, Int128 Price, Int128 Confidence, Int128 Unsettled);

/// <summary>A what-if: prices and volatilities multiplied, and time gone by. Strikes keep their volatilities, forwards and perpetuals move with the spot in proportion.</summary>
/// <param name="Underlying">Which of the book's underlyings moves; null = all of them.</param>
public readonly record struct BookMove(int? Underlying, double SpotFactor, double VolatilityFactor, double Seconds)
{
    public static BookMove None { get; } = new(null, 1, 1, 0);

    /// <summary>A factor of each underlying in the book's order, in place of the one above; null = the one above.</summary>
    internal IReadOnlyList<double>? Each { get; init; }

    internal double FactorOf(int underlying) => Each is not null ? Each[underlying] : Underlying is null || Underlying == underlying ? SpotFactor : 1;

    internal double YearsTo(ulong expiry, ulong at) => Math.Max(0, (double)expiry - at - Seconds) / BookNumbers.SecondsPerYear;
}

/// <summary>What getMargin answers for maintenance and initial, and the mark to market, in whole units of cash. An estimate: the contract's own fixed point decides.</summary>
public readonly record struct BookMargin(double Maintenance, double Initial, double MarkToMarket)
{
    internal bool IsFinite => double.IsFinite(Maintenance) && double.IsFinite(Initial) && double.IsFinite(MarkToMarket);
}

/// <summary>An account under one of Derive's managers.</summary>
public abstract record DeriveBook
{
    /// <summary>The second that the feeds were read at.</summary>
    public required ulong At { get; init; }

    public required Int128 Cash { get; init; }

    /// <summary>US dollars of one unit of cash.</summary>
    public required Int128 StablePrice { get; init; }

    /// <summary>Spot of each underlying, in the book's order.</summary>
    public abstract IReadOnlyList<Int128> Spots { get; }

    public abstract IEnumerable<ExpiryLines> Expiries { get; }

    /// <summary>Refused where a feed says what no price can be: a spot, forward or volatility below 0, a stable price of 0; or where a figure leaves a double.</summary>
    public abstract Options.Outcome<BookMargin> Margin(in BookMove move);
}

internal static class BookNumbers
{
    public const double SecondsPerYear = 31_536_000;

    public const double One = 1e18;

    public static double Of(Int128 wad) => (double)wad / One;
}
