using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

public enum LedgerSide
{
    Collateral,
    Debt,
    Wallet,
}

public enum LegStatus
{
    /// <summary>Read, looked through and priced.</summary>
    Known,

    /// <summary>Read, but its block is too old to count.</summary>
    Stale,

    /// <summary>Not read, or not looked through, or not priced.</summary>
    Unknown,
}

/// <summary>One thing that the owner has or owes, in one place, at one block. Amounts and the venue's own words are integers; what is looked through is a double.</summary>
public sealed record LedgerLeg
{
    public required ChainId Chain { get; init; }

    /// <summary>Null when the chain could not be read.</summary>
    public BlockRef? Block { get; init; }

    public long? AgeSeconds { get; init; }

    /// <summary>The deployment, <c>wallet</c>, or <c>*</c> for everything on a chain that could not be read.</summary>
    public required string Venue { get; init; }

    public MarginAccountId? Account { get; init; }

    public Address? Owner { get; init; }

    /// <summary>Null = not known: it may be either.</summary>
    public LedgerSide? Side { get; init; }

    /// <summary>False for a supply that backs no debt.</summary>
    public bool Counts { get; init; } = true;

    /// <summary>The token; null for the native currency, and where <see cref="Name"/> is null.</summary>
    public Address? Asset { get; init; }

    /// <summary>The asset's name in the assets files; null = not known, it may be any.</summary>
    public string? Name { get; init; }

    public string? Symbol { get; init; }

    public int Decimals { get; init; }

    /// <summary>In the token's own decimals, interest included at the block's time.</summary>
    public UInt256? Amount { get; init; }

    /// <summary>What the contract stores.</summary>
    public UInt256? Shares { get; init; }

    /// <summary>The venue's own price and value, by which it judges; never part of a sum of the ledger.</summary>
    public UInt256? VenuePrice { get; init; }

    public UInt256? VenueValue { get; init; }

    public string? VenueUnit { get; init; }

    public int VenueUnitDecimals { get; init; }

    /// <summary>The contract that the venue takes the price from; null = not stated.</summary>
    public Address? Oracle { get; init; }

    public LegStatus Status { get; init; }

    /// <summary>One sentence unless <see cref="Status"/> is Known.</summary>
    public string? Why { get; init; }

    /// <summary>From the token to its root, outermost first; empty where it is its own root.</summary>
    public IReadOnlyList<LookThrough> Through { get; init; } = [];

    public string? Root { get; init; }

    public string? Factor { get; init; }

    /// <summary>Whole units of the root asset, never negative.</summary>
    public double? RootQuantity { get; init; }

    /// <summary>US dollars at the ledger's one price of the root, never negative.</summary>
    public double? Value { get; init; }

    /// <summary>Null for what is no option.</summary>
    public LedgerOption? Option { get; init; }

    /// <summary>Null for what is no perpetual.</summary>
    public LedgerPerpetual? Perpetual { get; init; }

    /// <summary>Everybody who stands behind the token or what is inside.</summary>
    public IReadOnlyList<string> Issuers { get; init; } = [];

    /// <summary>Whether it may be on the long side (what the owner has).</summary>
    internal bool MayBeLong => Side is not LedgerSide.Debt;

    /// <summary>Whether it may be on the short side (what the owner owes).</summary>
    internal bool MayBeShort => Side is LedgerSide.Debt or null;

    /// <summary>True for an option and a perpetual: it hangs on what it is written on and on what it is paid in, on either side of each.</summary>
    internal bool IsWritten => Option is not null || Perpetual is not null;

    /// <summary>What it hangs on, root by root: one part, of an option or a perpetual two. Only of a leg that is priced.</summary>
    internal IEnumerable<LegPart> Parts => Option is { } option ? Replica(option.Delta, option.DeltaValue, option.QuoteRoot, option.QuoteFactor, option.QuotePrice)
        : Perpetual is { } perpetual ? Replica(perpetual.Delta, perpetual.DeltaValue, perpetual.QuoteRoot, perpetual.QuoteFactor, perpetual.QuotePrice)
        : Root is { } root ? [new LegPart(root, Factor!, Sign * RootQuantity, Sign * (Value ?? 0))] : [];

    internal double Sign => Side == LedgerSide.Debt ? -1 : 1;

    // So many units of the root, and the rest of its worth in what it is paid in.
    private IEnumerable<LegPart> Replica(double? delta, double? deltaValue, string? quoteRoot, string? quoteFactor, double? quotePrice)
    {
        if (Root is { } root && delta is { } units && deltaValue is { } moving && quoteRoot is { } quote && quotePrice is { } price)
        {
            var rest = (Sign * (Value ?? 0)) - moving;
            yield return new LegPart(root, Factor!, units, moving);
            yield return new LegPart(quote, quoteFactor!, rest / price, rest);
        }
    }
}

/// <summary>Signed: what the owner has counts positive.</summary>
/// <param name="Quantity">Whole units of the root; null = not known.</param>
/// <param name="Value">US dollars.</param>
internal readonly record struct LegPart(string Root, string Factor, double? Quantity, double Value);

/// <summary>One step inside a wrapper.</summary>
/// <param name="Rate">Units of <paramref name="To"/> in one <paramref name="From"/>, with <paramref name="RateDecimals"/> decimals; null = unreadable.</param>
/// <param name="Contract">That was asked, at the leg's block; null = one for one.</param>
public sealed record LookThrough(string From, string To, UInt256? Rate, int RateDecimals, Address? Contract, string? Call);
