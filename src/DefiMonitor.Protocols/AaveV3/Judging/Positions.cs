using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The legs as a person sees them, supplies that do not count included.</summary>
internal static class Positions
{
    public static List<Position> Of(AaveV3State state, AccountAt account, Shock shock)
    {
        var positions = new List<Position>();
        foreach (var reserve in state.Reserves)
        {
            var leg = LegOf(reserve, account, shock);
            if (!reserve.ScaledSupply.IsZero)
            {
                positions.Add(Base(state, reserve, leg) with
                {
                    Side = PositionSide.Collateral,
                    Amount = leg.Supply,
                    Shares = reserve.ScaledSupply,
                    Value = leg.SupplyValue,
                    ThresholdBps = leg.Terms.Counts ? leg.Terms.Threshold : 0,
                    Counts = leg.Terms.Counts,
                });
            }

            if (!leg.Debt.IsZero)
            {
                positions.Add(Base(state, reserve, leg) with
                {
                    Side = PositionSide.Debt,
                    Amount = leg.Debt,
                    Shares = reserve.ScaledDebt,
                    Value = leg.DebtValue(account.Version),
                    Counts = leg.Terms.Owes,
                });
            }
        }

        return positions;
    }

    private static AccountLeg LegOf(AaveReserveState reserve, AccountAt account, Shock shock)
    {
        foreach (ref readonly var leg in account.Legs)
        {
            if (leg.Reserve == reserve.Id)
            {
                return leg;
            }
        }

        var unused = new LegInputs(
            reserve.Id,
            reserve.PriceSource,
            shock.Apply(reserve.PriceSource, reserve.Price),
            reserve.Configuration.Unit,
            reserve.Indexes,
            reserve.ScaledSupply,
            UInt256.Zero,
            UInt256.Zero,
            reserve.Terms);
        try
        {
            return unused.At(account.Version, account.At);
        }
        catch (ArithmeticException)
        {
            // It counts for nothing, so it must not take the verdict with it: it is shown as stored.
            return new AccountLeg(reserve.Id, reserve.PriceSource, reserve.ScaledSupply, UInt256.Zero, UInt256.Zero, UInt256.One, reserve.Terms);
        }
    }

    private static Position Base(AaveV3State state, AaveReserveState reserve, in AccountLeg leg) => new()
    {
        Side = PositionSide.Collateral,
        Asset = reserve.Asset,
        Symbol = reserve.Symbol,
        Decimals = reserve.Configuration.Decimals,
        Amount = UInt256.Zero,
        Shares = UInt256.Zero,
        Price = leg.Price,
        Oracle = state.Oracle.IsZero ? null : state.Oracle,
        Value = UInt256.Zero,
    };
}
