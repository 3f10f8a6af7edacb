using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// From scaled balances (what the tokens store) to balances, and back. Indexes in ray, amounts in the token's decimals.
/// Source: up to 3.4 ScaledBalanceTokenBase.sol with WadRayMath's half-up; from 3.5 on TokenMath.sol, which never favours the user.
/// </summary>
public static class Balances
{
    public static UInt256 OfSupply(AaveVersion version, in UInt256 scaled, in UInt256 index) => FixedPoint.RayMul(scaled, index, SupplyRounding(version));

    public static UInt256 OfDebt(AaveVersion version, in UInt256 scaled, in UInt256 index) => FixedPoint.RayMul(scaled, index, DebtRounding(version));

    /// <summary>TokenMath.getATokenMintScaledAmount: what a supply adds.</summary>
    public static UInt256 ScaledBySupply(AaveVersion version, in UInt256 amount, in UInt256 index) =>
        FixedPoint.RayDiv(amount, index, version >= AaveVersion.V35 ? Rounding.Down : Rounding.HalfUp);

    /// <summary>TokenMath.getATokenBurnScaledAmount and getATokenTransferScaledAmount: what a withdrawal, transfer or seizure takes.</summary>
    public static UInt256 ScaledByWithdraw(AaveVersion version, in UInt256 amount, in UInt256 index) =>
        FixedPoint.RayDiv(amount, index, version >= AaveVersion.V35 ? Rounding.Up : Rounding.HalfUp);

    /// <summary>TokenMath.getVTokenBurnScaledAmount: what a repayment takes.</summary>
    public static UInt256 ScaledByRepay(AaveVersion version, in UInt256 amount, in UInt256 index) =>
        FixedPoint.RayDiv(amount, index, version >= AaveVersion.V35 ? Rounding.Down : Rounding.HalfUp);

    private static Rounding SupplyRounding(AaveVersion version) => version >= AaveVersion.V35 ? Rounding.Down : Rounding.HalfUp;

    private static Rounding DebtRounding(AaveVersion version) => version >= AaveVersion.V35 ? Rounding.Up : Rounding.HalfUp;
}
