using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Which of a reserve's tokens.</summary>
public enum TokenSide : byte
{
    Supply = 1,
    Debt = 2,

    /// <summary>Up to 3.1: stable debt. Its balance is read, its events are not folded.</summary>
    Stable = 3,
}

/// <summary>
/// The scaled balance after a Mint or Burn. The events carry unscaled amounts, so the scaled step is worked back from them.
/// Source: ScaledBalanceTokenBase._mintScaled and _burnScaled. BalanceTransfer needs nothing: its value is scaled already (3.0.1 and later).
/// </summary>
public static class TokenEvents
{
    /// <param name="value">Amount plus accrued interest; on a burn smaller than the interest, the interest less the amount.</param>
    /// <param name="balanceIncrease">Interest accrued since the holder's last action.</param>
    public static UInt256 AfterMint(AaveVersion version, TokenSide side, in UInt256 scaled, in UInt256 value, in UInt256 balanceIncrease, in UInt256 index)
    {
        if (version >= AaveVersion.V35)
        {
            return Unscale(side, Scale(side, scaled, index) + value - balanceIncrease, index);
        }

        return value >= balanceIncrease
            ? scaled + FixedPoint.RayDiv(value - balanceIncrease, index, Rounding.HalfUp)
            : scaled - FixedPoint.RayDiv(balanceIncrease - value, index, Rounding.HalfUp);
    }

    public static UInt256 AfterBurn(AaveVersion version, TokenSide side, in UInt256 scaled, in UInt256 value, in UInt256 balanceIncrease, in UInt256 index) =>
        version >= AaveVersion.V35
            ? Unscale(side, Scale(side, scaled, index) - value - balanceIncrease, index)
            : scaled - FixedPoint.RayDiv(value + balanceIncrease, index, Rounding.HalfUp);

    private static UInt256 Scale(TokenSide side, in UInt256 scaled, in UInt256 index) =>
        FixedPoint.RayMul(scaled, index, side == TokenSide.Supply ? Rounding.Down : Rounding.Up);

    // The one scaled balance that gives this balance: both maps are injective while the index is at least one ray, which it always is.
    private static UInt256 Unscale(TokenSide side, in UInt256 balance, in UInt256 index) =>
        FixedPoint.RayDiv(balance, index, side == TokenSide.Supply ? Rounding.Up : Rounding.Down);
}
