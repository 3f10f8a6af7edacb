using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One reserve of one account without the clock: everything that, with an instant, gives its <see cref="AccountLeg"/>.</summary>
/// <param name="OtherDebt">
/// Debt that no index scales, in the token's decimals: up to 3.1 the stable debt, in 3.3 the discounted balance of GHO's debt token. Taken as it was read at the block.
/// </param>
public readonly record struct LegInputs(
    int Reserve,
    Address PriceSource,
    UInt256 Price,
    UInt256 Unit,
    ReserveIndexes Indexes,
    UInt256 ScaledSupply,
    UInt256 ScaledDebt,
    UInt256 OtherDebt,
    LegTerms Terms)
{
    public AccountLeg At(AaveVersion version, ulong at) => new(
        Reserve,
        PriceSource,
        ScaledSupply.IsZero ? UInt256.Zero : Balances.OfSupply(version, ScaledSupply, Indexes.NormalizedIncome(at)),
        (ScaledDebt.IsZero ? UInt256.Zero : Balances.OfDebt(version, ScaledDebt, Indexes.NormalizedDebt(version, at))) + OtherDebt,
        Price,
        Unit,
        Terms);
}
