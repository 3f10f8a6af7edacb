namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Whether anybody stands outside the list: principals of the accounts that are in, and the market's totals of them.</summary>
/// <param name="Supply">Of positive principals. At most the total: rounding may leave some units in that.</param>
/// <param name="Borrow">Of negative principals, their magnitudes. Equal to the total when every borrower is in.</param>
public readonly record struct PrincipalSums(UInt128 Supply, UInt128 TotalSupply, UInt128 Borrow, UInt128 TotalBorrow);
