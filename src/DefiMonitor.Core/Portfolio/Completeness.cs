using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>
/// The completeness equation of one debt: what the accounts that are in owe together, in the units that the contract stores (scaled balances, shares, principal: no
/// interest moves them), beside the contract's own total. Where the two are equal no borrower stands outside the list and no log was lost.
/// </summary>
/// <param name="What">The stored figure by its name in the contract, such as <c>scaledTotalSupply</c>.</param>
/// <param name="Asset">The token that is owed.</param>
/// <param name="Known">The sum over the accounts that are in.</param>
/// <param name="Total">The contract's; null when it was not read.</param>
public sealed record Completeness(string What, Address Asset, string Symbol, UInt256 Known, UInt256? Total)
{
    /// <summary>Why the two say nothing of each other, one sentence: the total was not read, or an account must be read again. Null when they do.</summary>
    public string? Unsettled { get; init; }

    /// <summary>Null while it can't be told.</summary>
    public bool? Holds => Unsettled is null && Total is { } total ? total == Known : null;

    /// <summary>Units that nobody who is in owes.</summary>
    public UInt256 Outside => Total is { } total && total > Known ? total - Known : UInt256.Zero;

    /// <summary>Units that the accounts have and the contract does not.</summary>
    public UInt256 Excess => Total is { } total && total < Known ? Known - total : UInt256.Zero;
}
