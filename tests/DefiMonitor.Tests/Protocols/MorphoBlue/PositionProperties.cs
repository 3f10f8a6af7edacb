using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.MorphoBlue;

namespace DefiMonitor.Tests.Protocols.MorphoBlue;

/// <summary>Each solver against forward evaluation, on random positions of every size, near the edge and far from it.</summary>
public sealed class PositionProperties
{
    private const int Cases = 3_000;
    private const ulong Now = 1_760_000_000;

    [Fact]
    public void A_position_is_liquidatable_at_its_edge_and_not_one_unit_above()
    {
        foreach (var position in Positions())
        {
            var edge = PriceEdges.Of(position.Health.Debt, position.Collateral, position.Lltv).ShouldNotBeNull();
            At(position, edge).Health.IsHealthy.ShouldBeFalse();
            At(position, edge + UInt256.One).Health.IsHealthy.ShouldBeTrue();
        }
    }

    [Fact]
    public void The_fall_to_the_edge_pulls_and_one_ppm_less_does_not()
    {
        foreach (var position in Positions().Where(position => position.Health.IsHealthy))
        {
            var edge = PriceEdges.Of(position.Health.Debt, position.Collateral, position.Lltv).ShouldNotBeNull();
            var fall = Shock.FallTo(edge, position.Price);
            fall.ShouldBeInRange(1u, 1_000_000u);
            At(position, Fallen(position.Price, fall)).Health.IsHealthy.ShouldBeFalse();
            At(position, Fallen(position.Price, fall - 1)).Health.IsHealthy.ShouldBeTrue();
        }
    }

    [Fact]
    public void A_way_out_reaches_its_target_and_one_unit_less_does_not()
    {
        foreach (var position in Positions())
        {
            var target = FixedPoint.Wad + (FixedPoint.Wad / 4u);
            if (RemedySizes.Repay(position, target) is { } repay)
            {
                repay.HealthAfter.ShouldBe(RemedySizes.AfterRepay(position, repay.Amount).Factor);
                repay.HealthAfter.ShouldBeGreaterThanOrEqualTo(target);
                RemedySizes.AfterRepay(position, repay.Amount - UInt256.One).Factor.ShouldBeLessThan(target);
            }
            else
            {
                position.Health.Factor.ShouldBeGreaterThanOrEqualTo(target);
            }

            if (RemedySizes.Deposit(position, target) is { } deposit)
            {
                deposit.HealthAfter.ShouldBeGreaterThanOrEqualTo(target);
                RemedySizes.AfterDeposit(position, deposit.Amount - UInt256.One).Factor.ShouldBeLessThan(target);
            }
        }
    }

    [Fact]
    public void The_largest_liquidation_is_possible_and_nothing_more_is()
    {
        foreach (var position in Positions().Where(position => !position.Health.IsHealthy))
        {
            if (LargestLiquidation.Of(position) is not { } most)
            {
                continue;
            }

            most.Seized.ShouldBeLessThanOrEqualTo(position.Collateral);
            (most.RepaidShares + most.BadDebtShares).ShouldBeLessThanOrEqualTo(position.BorrowShares);
            if (most.RepaidShares < position.BorrowShares && most.Seized < position.Collateral)
            {
                var more = Liquidations.SharesForSeizing(position.Totals, most.Seized + UInt256.One, position.Price, position.Incentive);
                more.ShouldBeGreaterThan(position.BorrowShares);
            }
        }
    }

    [Fact]
    public void Interest_alone_pulls_at_the_second_named_and_not_one_before()
    {
        foreach (var position in Positions().Where(position => position.Health.IsHealthy).Take(300))
        {
            if (TimeToEdge.Seconds(position, static health => !health.IsHealthy) is not { } seconds)
            {
                continue;
            }

            Later(position, seconds).Health.IsHealthy.ShouldBeFalse();
            Later(position, seconds - 1).Health.IsHealthy.ShouldBeTrue();
        }
    }

    private static UInt256 Fallen(UInt256 price, uint ppm) => price * (1_000_000u - ppm) / 1_000_000u;

    private static PositionAt At(PositionAt position, UInt256 price) =>
        new(position.Interest, position.BorrowShares, position.Collateral, price, position.Lltv, position.At);

    private static PositionAt Later(PositionAt position, ulong seconds) =>
        new(position.Interest, position.BorrowShares, position.Collateral, position.Price, position.Lltv, position.At + seconds);

    private static IEnumerable<PositionAt> Positions()
    {
        var random = new Random(20260101);
        UInt256 Any(int bits) => UInt256.One + ((UInt256)(ulong)random.NextInt64() * (ulong)random.NextInt64() >> (126 - random.Next(1, bits)));
        for (var i = 0; i < Cases; i++)
        {
            var borrowed = Any(80);
            var supplied = borrowed + Any(80);
            var shares = UInt256.One + (borrowed * (ulong)random.Next(800_000, 1_000_001));
            var totals = new MarketTotals(
                (UInt128)supplied, (UInt128)(supplied * 990_000u), (UInt128)borrowed, (UInt128)shares, Now - (ulong)random.Next(0, 1_000_000), (UInt128)(FixedPoint.Wad / 10u));
            var interest = new MarketInterest(totals, IrmKind.AdaptiveCurve, (ulong)random.Next(31_709_792, 2_000_000_000), UInt256.Zero, 0);
            var own = UInt256.One + (shares * (ulong)random.Next(0, 1_000_000) / 1_000_000u);
            var lltv = FixedPoint.Wad * (ulong)random.Next(385, 981) / 1_000u;
            var collateral = (UInt128)Any(80);
            var debt = interest.At(Now).DebtOf((UInt128)own);
            var edge = PriceEdges.Of(debt, collateral, lltv)!.Value;
            var price = random.Next(3) switch
            {
                0 => edge + (ulong)random.Next(0, 3),
                1 => UInt256.One + (edge * (ulong)random.Next(500_000, 1_500_000) / 1_000_000u),
                _ => UInt256.One + (edge * (ulong)random.Next(1, 50)),
            };
            yield return new PositionAt(interest, (UInt128)own, collateral, price, lltv, Now);
        }
    }
}
