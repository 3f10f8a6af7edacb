using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The legs as a person sees them, supplies that do not count included.</summary>
internal static class Positions
{
    public static List<Position> Of(AccountAt account, Shock shock)
    {
        var positions = new List<Position>();
        foreach (var reserve in account.State.Reserves)
        {
            if (LegOf(account, reserve, shock) is not { } leg)
            {
                continue;
            }

            if (reserve.Position.SuppliedShares != 0)
            {
                positions.Add(Base(account.State, leg) with
                {
                    Side = PositionSide.Collateral,
                    Amount = leg.Leg.Supplied,
                    Shares = reserve.Position.SuppliedShares,
                    Value = ValueScale.Down(leg.Leg.Value(leg.Leg.Supplied)),
                    ThresholdBps = leg.Leg.CollateralFactor,
                    Counts = leg.Leg.Counts,
                });
            }

            if (reserve.Position.DrawnShares != 0)
            {
                positions.Add(Base(account.State, leg) with
                {
                    Side = PositionSide.Debt,
                    Amount = leg.Debt,
                    Shares = leg.DrawnShares,
                    Value = ValueScale.Up(RayMath.FromRayUp(leg.Leg.Value(leg.Leg.DebtRay))),
                });
            }
        }

        return positions;
    }

    // What counts for nothing must not take the verdict with it: where it can't be computed it is left out, as unread.
    private static LegAt? LegOf(AccountAt account, AaveV4ReserveState reserve, Shock shock)
    {
        if (!reserve.IsRead)
        {
            return null;
        }

        var price = shock.Apply(reserve.Asset, reserve.Price);
        return reserve.Position.Counts
            ? AccountAt.LegOf(reserve, account.At, price)
            : Computed.OrNull<LegAt>(() =>
            {
                var leg = AccountAt.LegOf(reserve, account.At, price);
                _ = leg.Leg.Value(leg.Leg.Supplied);
                return leg;
            });
    }

    private static Position Base(AaveV4State state, in LegAt leg) => new()
    {
        Side = PositionSide.Collateral,
        Asset = leg.State.Asset,
        Symbol = leg.State.Symbol,
        Decimals = leg.State.Decimals,
        Amount = UInt256.Zero,
        Shares = UInt256.Zero,
        Price = leg.Leg.Price,
        Value = UInt256.Zero,
        Oracle = state.Oracle,
    };
}
