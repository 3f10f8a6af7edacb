using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>The inputs of one sub-account at one block, or of an owner. Figures have 18 decimals and count in cash.</summary>
public sealed record DeriveV2State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    /// <summary>Second at which interest was accrued last; null where that was not read.</summary>
    public ulong? AccruedAt { get; init; }

    /// <summary>Why nothing here is called healthy; null where the deployment is in use.</summary>
    public string? LeftBehind { get; init; }

    /// <summary>Null for a sub-account.</summary>
    public OwnerState? Owned { get; init; }

    public Address Manager { get; init; }

    /// <summary>The manager's own words: getMargin of both kinds, and the mark to market. Interest is not in them.</summary>
    public MarginWords Words { get; init; }

    /// <summary>What the cash has earned (below 0: owes) since it was last touched: an auction settles it before it looks.</summary>
    public Int128 Interest { get; init; }

    /// <summary>As it is stored, without interest; 0 where there is none.</summary>
    public Int128 Cash { get; init; }

    /// <summary>All that is held, in the order of the contract's keys.</summary>
    public IReadOnlyList<DeriveBalance> Balances { get; init; } = [];

    public AuctionState Auction { get; init; }

    public AuctionTerms? AuctionTerms { get; init; }

    /// <summary>False where the auction house does not take this manager's accounts, so that no auction can start; null where it did not say in time.</summary>
    public bool? IsAccepted { get; init; }

    public Address CashToken { get; init; }

    public string CashSymbol { get; init; } = "";

    public IReadOnlyList<DeriveHolding> Holdings { get; init; } = [];

    /// <summary>The model's book with the cash as it is stored; null where <see cref="NoModel"/> says why.</summary>
    public DeriveBook? Book { get; init; }

    public string? NoModel { get; init; }

    /// <summary>In the book's order.</summary>
    public IReadOnlyList<UnderlyingState> Underlyings { get; init; } = [];
}

/// <param name="Asset">The contract of the asset, as the sub-accounts know it.</param>
public readonly record struct DeriveBalance(Address Asset, UInt256 SubId, Int128 Balance);

/// <param name="Count">Sub-accounts that the contract says he has.</param>
/// <param name="Known">Those of them that are watched.</param>
public sealed record OwnerState(UInt256 Count, int Known);

public readonly record struct MarginWords(Int128 Maintenance, Int128 Initial, Int128 MarkToMarket)
{
    /// <summary>With the interest paid: what DutchAuction.startAuction looks at.</summary>
    /// <exception cref="OverflowException">A sum does not fit.</exception>
    public MarginWords Settled(Int128 interest) => checked(new MarginWords(Maintenance + interest, Initial + interest, MarkToMarket + interest));

    /// <exception cref="OverflowException">A sum does not fit.</exception>
    public static MarginWords operator +(MarginWords words, BookChange change) => checked(new MarginWords(
        words.Maintenance + change.Maintenance, words.Initial + change.Initial, words.MarkToMarket + change.MarkToMarket));
}

/// <param name="Since">Second at which it started.</param>
public readonly record struct AuctionState(bool IsOngoing, bool IsInsolvent, ulong Since, UInt256 ReservedCash);

/// <summary>IDutchAuction.AuctionParams, as far as a first bid goes by it; 18 decimals.</summary>
/// <param name="MtmCutoff">Below this mark to market a bid may take everything; 0 where the contract has no such view.</param>
public sealed record AuctionTerms(UInt256 StartingPercentage, UInt256 FeeRate, UInt256 BufferPercentage, Int128 MtmCutoff);

/// <param name="Asset">The token that stands for it.</param>
public sealed record UnderlyingState(Address Asset, string Symbol, UInt256 Spot);

public enum HoldingKind
{
    Cash,
    Option,
    Perpetual,

    /// <summary>A wrapped token.</summary>
    Base,

    /// <summary>An asset that no market of the Standard Manager and no manager names.</summary>
    Unknown,
}

/// <summary>One balance of a sub-account.</summary>
/// <param name="Asset">The token that stands for it: an option's and a perpetual's underlying.</param>
/// <param name="Symbol">Of that token.</param>
/// <param name="Price">US dollars of one unit; null for an option, and where it was not read.</param>
/// <param name="Unsettled">A perpetual's profit and funding that a settlement would pay; null where it was not read.</param>
/// <param name="Quote">What an option is priced by; null where a part of it was not read.</param>
public sealed record DeriveHolding(
    HoldingKind Kind, Address Asset, string Symbol, Int128 Balance, Int128? Price = null, Int128? Unsettled = null, OptionSubId? Option = null, OptionQuote? Quote = null);

/// <summary>What the feeds say of an option series; 18 decimals.</summary>
/// <param name="FixedForward">The part of the forward that the settlement average has fixed.</param>
/// <param name="Volatility">0 from the expiry on, when none counts.</param>
/// <param name="Rate">That the manager discounts with; 0 where it does not.</param>
public sealed record OptionQuote(Int128 FixedForward, Int128 VariableForward, Int128 Spot, Int128 Volatility, Int128 Rate);
