using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Ledger;

/// <summary>What was read of one owner on one chain, all of it at one block.</summary>
public sealed record ChainHoldings
{
    public required ChainId Chain { get; init; }

    public required string Name { get; init; }

    /// <summary>Null when the chain could not be read at all.</summary>
    public BlockHeader? Block { get; init; }

    /// <summary>Seconds since the block was made; negative where its clock runs ahead.</summary>
    public long? AgeSeconds { get; init; }

    /// <summary>Why nothing of the chain could be read; null = it was.</summary>
    public string? Unreadable { get; init; }

    /// <summary>Why its block is too old for its legs to count; null = it is not.</summary>
    public string? Stale { get; init; }

    /// <summary>At the block's own time.</summary>
    public IReadOnlyList<OwnedReport> Reports { get; init; } = [];

    public IReadOnlyList<FailedVenue> Failures { get; init; } = [];

    public IReadOnlyList<WalletBalance> Wallet { get; init; } = [];

    public IReadOnlyList<WalletAllowance> Allowances { get; init; } = [];

    /// <summary>By the wrapper's address.</summary>
    public IReadOnlyDictionary<Address, RateReading> Rates { get; init; } = new Dictionary<Address, RateReading>();

    /// <summary>Tokens that a venue gives out for what is supplied to it, one for one: what each stands for. Their balances are the venue's legs already.</summary>
    public IReadOnlyDictionary<Address, Address> Receipts { get; init; } = new Dictionary<Address, Address>();
}

/// <param name="Owner">The address of the owner that the account belongs to.</param>
public sealed record OwnedReport(Address Owner, MarginReport Report);

/// <summary>A deployment whose market could not be read: what the owner has there is not known.</summary>
public sealed record FailedVenue(DeploymentId Deployment, string Why);

/// <param name="Token">Null = the chain's native currency.</param>
/// <param name="Amount">In the token's own decimals; null = unreadable.</param>
/// <param name="Why">Null unless it is unreadable.</param>
public sealed record WalletBalance(Address Owner, Address? Token, string Symbol, int Decimals, UInt256? Amount, string? Why = null);

/// <summary>What a venue may take of the owner's tokens, to repay or to deposit. Part of "can I act", never of a sum.</summary>
/// <param name="Amount">In the token's own decimals; null = unreadable.</param>
public sealed record WalletAllowance(Address Owner, Address Token, string Symbol, int Decimals, Address Spender, DeploymentId Deployment, UInt256? Amount, string? Why = null);

/// <param name="Rate">As the contract answers; null = unreadable.</param>
public sealed record RateReading(UInt256? Rate, string? Why = null);
