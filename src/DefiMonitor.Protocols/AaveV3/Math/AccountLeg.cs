using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// One reserve of one account at one instant: balances with interest, price, and the terms that apply. What the account formulas add up and the solvers vary.
/// </summary>
/// <param name="PriceSource">The address that the oracle is asked for: the asset, or up to 3.1 the category's own price source.</param>
/// <param name="Supply">aToken balance, in the token's decimals.</param>
/// <param name="Debt">Debt, in the token's decimals.</param>
/// <param name="Price">Of one whole token, in base units.</param>
/// <param name="Unit">10^decimals.</param>
public readonly record struct AccountLeg(int Reserve, Address PriceSource, UInt256 Supply, UInt256 Debt, UInt256 Price, UInt256 Unit, LegTerms Terms)
{
    /// <summary>The supply in base units, floored in every version, as collateral sees it.</summary>
    public UInt256 SupplyValue => Supply * Price / Unit;

    /// <summary>The debt in base units: floored up to 3.4 (3.0.2 GenericLogic._getUserDebtInBaseCurrency), ceiled from 3.5 on.</summary>
    public UInt256 DebtValue(AaveVersion version) => DebtValue(version, Debt);

    /// <summary>What another amount of the same debt would be worth.</summary>
    public UInt256 DebtValue(AaveVersion version, in UInt256 debt) =>
        FixedPoint.MulDiv(debt, Price, Unit, version >= AaveVersion.V35 ? Rounding.Up : Rounding.Down);
}
