using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;
using DefiMonitor.Tests.Protocols.AaveV4.Fake;

namespace DefiMonitor.Tests.Protocols.AaveV4;

/// <summary>Each solver against forward evaluation, on the accounts of random markets.</summary>
public sealed class AccountProperties
{
    [Fact]
    public void Health_is_below_one_exactly_where_the_contracts_inequality_holds()
    {
        var (below, above) = (0, 0);
        foreach (var account in Accounts())
        {
            var sum = account.Sum;
            var isBelow = (System.Numerics.BigInteger)sum.Weighted * System.Numerics.BigInteger.Pow(10, 23) < (System.Numerics.BigInteger)sum.DebtRay;
            (sum.HealthFactor < FixedPoint.Wad).ShouldBe(isBelow);
            (below, above) = isBelow ? (below + 1, above) : (below, above + 1);
        }

        below.ShouldBeGreaterThan(20);
        above.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void An_account_is_liquidatable_at_each_edge_and_not_one_unit_beside_it()
    {
        var (falls, rises) = (0, 0);
        foreach (var account in Accounts())
        {
            foreach (var source in account.Legs.Select(static leg => leg.State.PriceSource).Distinct())
            {
                if (PriceEdges.Of(account, source) is not { } edge)
                {
                    continue;
                }

                IsUnsafe(edge.Price).ShouldBeTrue();
                IsUnsafe(edge.Side == EdgeSide.Falls ? edge.Price + UInt256.One : edge.Price - UInt256.One).ShouldBeFalse();
                (falls, rises) = edge.Side == EdgeSide.Falls ? (falls + 1, rises) : (falls, rises + 1);

                bool IsUnsafe(UInt256 price) =>
                    new AccountAt(account.State, account.At, reserve => reserve.PriceSource == source ? price : reserve.Price).Sum.HealthFactor < FixedPoint.Wad;
            }
        }

        falls.ShouldBeGreaterThan(100);
        rises.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void The_uniform_fall_pulls_and_one_ppm_less_does_not()
    {
        var found = 0;
        foreach (var account in Accounts())
        {
            if (PriceEdges.UniformFall(account) is not { } fall || fall == 0)
            {
                continue;
            }

            found++;
            HealthAfter(fall).ShouldBeLessThan(FixedPoint.Wad);
            HealthAfter(fall - 1).ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad);

            UInt256 HealthAfter(uint ppm)
            {
                var owed = account.Legs.Where(static leg => leg.Leg.Owes).Select(static leg => leg.State.PriceSource).ToHashSet();
                return new AccountAt(account.State, account.At, reserve =>
                    owed.Contains(reserve.PriceSource) ? reserve.Price : reserve.Price * (Shock.Unit - ppm) / Shock.Unit).Sum.HealthFactor;
            }
        }

        found.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Each_way_out_reaches_its_target_and_one_unit_less_does_not()
    {
        var (repays, deposits) = (0, 0);
        foreach (var account in Accounts())
        {
            if (account.Sum.DebtRay.IsZero)
            {
                continue;
            }

            var target = account.Sum.HealthFactor + (FixedPoint.Wad / 10u);
            for (var i = 0; i < account.Legs.Count; i++)
            {
                if (RemedySizes.Repay(account, i, target) is { } repay)
                {
                    repays++;
                    RemedySizes.AfterRepay(account, i, repay.Amount).ShouldBeGreaterThanOrEqualTo(target);
                    RemedySizes.AfterRepay(account, i, repay.Amount - UInt256.One).ShouldBeLessThan(target);
                }

                if (RemedySizes.Deposit(account, i, target) is { } deposit)
                {
                    deposits++;
                    RemedySizes.AfterDeposit(account, i, deposit.Amount).ShouldBeGreaterThanOrEqualTo(target);
                    RemedySizes.AfterDeposit(account, i, deposit.Amount - UInt256.One).ShouldBeLessThan(target);
                }
            }
        }

        repays.ShouldBeGreaterThan(100);
        deposits.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void A_second_before_the_time_edge_the_account_is_safe_and_at_it_is_not()
    {
        var found = 0;
        foreach (var account in Accounts())
        {
            if (TimeToEdge.Seconds(account) is { } seconds and > 0)
            {
                found++;
                new AccountAt(account.State, account.At + seconds).Sum.HealthFactor.ShouldBeLessThan(FixedPoint.Wad);
                new AccountAt(account.State, account.At + seconds - 1).Sum.HealthFactor.ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad);
            }
        }

        found.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void The_bonus_grows_as_health_falls_between_its_two_ends()
    {
        // Repository test values of aave-v4 (LiquidationLogic): largest bonus 10 %, half of it at a health factor of 1.
        var config = new LiquidationConfig((UInt128)FixedPoint.Wad, 800_000_000_000_000_000, 5_000);
        Liquidations.BonusOf(config, FixedPoint.Wad - UInt256.One, 11_000).ShouldBe(10_500u);
        Liquidations.BonusOf(config, FixedPoint.Wad * 96u / 100u, 11_000).ShouldBe(10_600u);
        Liquidations.BonusOf(config, FixedPoint.Wad * 8u / 10u, 11_000).ShouldBe(11_000u);
    }

    [Fact]
    public void Signed_offsets_add_up_and_zero_has_no_sign()
    {
        var random = new Random(1);
        for (var i = 0; i < 1_000; i++)
        {
            var (a, b) = (Value(), Value());
            var sum = SignedRay.From(a) + SignedRay.From(b);
            sum.ToBigInteger().ShouldBe(a + b);
            (SignedRay.From(a) + SignedRay.From(-a)).ShouldBe(default);
        }

        System.Numerics.BigInteger Value() => (System.Numerics.BigInteger)random.NextInt64(-1_000_000, 1_000_000) << random.Next(180);
    }

    private static IEnumerable<AccountAt> Accounts()
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            var market = new FakeAaveV4(seed);
            var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
            for (var block = 0; block < 30; block++)
            {
                market.Mine();
                run.Take(market.Header, market.Logs, market.Owners, isHead: true);
                if (block % 6 != 0)
                {
                    continue;
                }

                foreach (var owner in market.Owners)
                {
                    var state = (AaveV4State)run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);
                    state.Unknown.ShouldBeNull();
                    yield return new AccountAt(state, market.Header.Timestamp + 12);
                }
            }
        }
    }
}
