using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>One reserve of an account at one instant.</summary>
/// <param name="Supply">Of the hub's asset, interest included.</param>
/// <param name="PremiumRay">Owed beyond the drawn amount, times ray.</param>
public readonly record struct LegAt(AaveV4ReserveState State, SharePrice Supply, UInt256 PremiumRay, AccountLeg Leg)
{
    public UInt256 DrawnShares => State.Position.DrawnShares;

    /// <summary>Asset units, rounded up.</summary>
    public UInt256 Drawn => FixedPoint.RayMul(DrawnShares, Supply.Index, Rounding.Up);

    /// <summary>Asset units, rounded up.</summary>
    public UInt256 Premium => RayMath.FromRayUp(PremiumRay);

    /// <summary>getUserTotalDebt: what a full repayment takes.</summary>
    public UInt256 Debt => Drawn + Premium;
}

/// <summary>One account at one instant, interest and prices worked out: what the solvers ask.</summary>
public sealed class AccountAt
{
    /// <param name="price">What a reserve's price is to be taken for; null = as it was read.</param>
    /// <exception cref="ArithmeticException">The contract reverts.</exception>
    public AccountAt(AaveV4State state, ulong at, Func<AaveV4ReserveState, UInt256>? price = null)
    {
        State = state;
        At = at;
        Price = price;
        var legs = new List<LegAt>();
        foreach (var reserve in state.Reserves)
        {
            if (reserve.Position.Counts)
            {
                legs.Add(LegOf(reserve, at, price is null ? reserve.Price : price(reserve)));
            }
        }

        Legs = legs;
        Sum = SumOf(-1, default);
    }

    public AaveV4State State { get; }

    public ulong At { get; }

    public Func<AaveV4ReserveState, UInt256>? Price { get; }

    /// <summary>Of the reserves that are flagged as collateral or borrowed.</summary>
    public IReadOnlyList<LegAt> Legs { get; }

    public AccountSum Sum { get; }

    public AccountData Data
    {
        get
        {
            var legs = new AccountLeg[Legs.Count];
            for (var i = 0; i < legs.Length; i++)
            {
                legs[i] = Legs[i].Leg;
            }

            return AccountData.Of(legs);
        }
    }

    public static LegAt LegOf(AaveV4ReserveState reserve, ulong at, in UInt256 price)
    {
        var supply = SharePrice.Of(reserve.HubAsset, at);
        var position = reserve.Position;
        var premium = position.DrawnShares == 0 ? UInt256.Zero : RayMath.PremiumRay(position.PremiumShares, position.PremiumOffsetRay, supply.Index);
        return new LegAt(reserve, supply, premium, new AccountLeg(
            price,
            AccountLeg.ScaleOf(reserve.Decimals),
            position.IsCollateral ? reserve.Terms.CollateralFactor : 0u,
            reserve.CollateralRisk,
            supply.ToAssets(position.SuppliedShares, Rounding.Down),
            position.SuppliedShares != 0,
            (position.DrawnShares * supply.Index) + premium,
            position.DrawnShares != 0));
    }

    /// <summary>With another leg in the place of one.</summary>
    public UInt256 HealthWith(int index, in AccountLeg leg) => SumOf(index, leg).HealthFactor;

    private AccountSum SumOf(int index, in AccountLeg instead)
    {
        var sum = default(AccountSum);
        for (var i = 0; i < Legs.Count; i++)
        {
            sum.Add(i == index ? instead : Legs[i].Leg);
        }

        return sum;
    }
}
