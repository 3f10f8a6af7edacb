using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

public enum PositionSide
{
    Collateral,
    Debt,
}

/// <summary>One leg of an account.</summary>
public sealed record Position
{
    public required PositionSide Side { get; init; }

    public required Address Asset { get; init; }

    public required string Symbol { get; init; }

    public required int Decimals { get; init; }

    /// <summary>In the token's own decimals, interest included at the report's instant.</summary>
    public required UInt256 Amount { get; init; }

    /// <summary>What the contract stores (scaled balance, shares): moves only by transactions, never by interest.</summary>
    public required UInt256 Shares { get; init; }

    /// <summary>Price of one whole token in the venue's unit.</summary>
    public required UInt256 Price { get; init; }

    public required UInt256 Value { get; init; }

    /// <summary>Liquidation threshold in bps that counts for this leg (0 for debt, and for collateral that is switched off).</summary>
    public uint ThresholdBps { get; init; }

    /// <summary>False for a supply that is not used as collateral.</summary>
    public bool Counts { get; init; } = true;

    /// <summary>What kind of option the leg is; null for a token.</summary>
    public OptionTerms? Option { get; init; }

    /// <summary>That the leg is what a perpetual has earned, or owes, and what it is written on; null for all else.</summary>
    public PerpetualTerms? Perpetual { get; init; }

    /// <summary>The token whose balance in the owner's own wallet this leg is, pledged where it lies (shares of a vault); null = the venue holds it, or it is a debt.</summary>
    public Address? Holding { get; init; }

    /// <summary>The contract that the venue takes this price from; null = not stated, or the leg is the unit itself.</summary>
    public Address? Oracle { get; init; }
}

public enum OptionKind
{
    Call,
    Put,
}

/// <summary>What an option's Greeks follow from. Prices, the volatility and the rate of a year (10^18 = 100 %) are integers as the venue has them.</summary>
/// <param name="Strike">With <paramref name="Decimals"/> decimals, as is <paramref name="Spot"/>.</param>
/// <param name="Expiry">Seconds.</param>
/// <param name="Volatility">At which the venue trades it; 0 = not known.</param>
/// <param name="Rate">Of a year, as the venue prices with; may be negative.</param>
public sealed record OptionTerms(OptionKind Kind, UInt256 Strike, ulong Expiry, UInt256 Volatility, Int128 Rate, UInt256 Spot, int Decimals)
{
    /// <summary>True where the option is the owner's whatever becomes of the account, so that at most its worth can be lost; nothing is said where the venue may take it.</summary>
    public bool IsPaid { get; init; }

    /// <summary>The price that it is worked out at, where that is not the spot; null where it is.</summary>
    public ForwardTerms? Forward { get; init; }

    /// <summary>Null where the venue tells no worth of the option at this instant: the position's price is then no price, and the ledger calls the leg unknown.</summary>
    public OptionMark? Mark { get; init; }
}

/// <summary>A forward with the decimals of the terms: what is fixed already, and what moves with the spot in proportion.</summary>
public sealed record ForwardTerms(UInt256 Fixed, UInt256 Variable);

/// <summary>A perpetual of which the leg is the profit that a settlement would pay: it moves by all of what it is written on.</summary>
/// <param name="Asset">The token that it is written on.</param>
/// <param name="Underlying">That token's symbol.</param>
/// <param name="Size">Units of it, 18 decimals.</param>
/// <param name="QuoteSymbol">Of the position's asset, which the profit is paid in.</param>
public sealed record PerpetualTerms(Address Asset, string Underlying, UInt256 Size, bool IsLong, string QuoteSymbol)
{
    /// <summary>False where the venue tells no profit at this instant: the leg's amount is then none.</summary>
    public bool IsMarked { get; init; }
}

/// <summary>That the position's price is the venue's own mark of the option, and what it is told in.</summary>
/// <param name="Underlying">Symbol of the token that the option is written on.</param>
/// <param name="Quote">The token that the mark is paid in; null = US dollars.</param>
/// <param name="QuoteSymbol">That token's symbol.</param>
public sealed record OptionMark(string Underlying, Address? Quote, string QuoteSymbol);
