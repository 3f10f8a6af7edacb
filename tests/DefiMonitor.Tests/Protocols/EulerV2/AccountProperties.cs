using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Protocols.EulerV2;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.EulerV2;

/// <summary>Each solver against forward evaluation, on random accounts of every size, near the edge and far from it.</summary>
public sealed class AccountProperties
{
    private const int Cases = 400;
    private const ulong Now = 1_760_000_000;
    private static readonly Address Unit = FakeAddress.Of(0x31, 1);
    private static readonly Address Debt = FakeAddress.Of(0x31, 2);

    [Fact]
    public void A_factor_of_one_means_that_nobody_may_liquidate_and_equality_is_below_it()
    {
        foreach (var account in Accounts())
        {
            (account.Health.Factor >= FixedPoint.Wad).ShouldBe(account.Health.IsHealthy);
            account.Health.IsHealthy.ShouldBe(account.Health.CollateralValue > account.Health.LiabilityValue);
            var equal = account.Health with { CollateralValue = account.Health.LiabilityValue };
            equal.IsHealthy.ShouldBeFalse();
            equal.Factor.ShouldBeLessThan(FixedPoint.Wad);
            (equal with { CollateralValue = equal.CollateralValue + UInt256.One }).Factor.ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad);
        }
    }

    [Fact]
    public void An_account_is_liquidatable_at_each_edge_and_not_one_step_beside_it()
    {
        var falls = 0;
        var rises = 0;
        foreach (var account in Accounts())
        {
            var collateral = account.Legs[0].State;
            if (PriceEdges.Falls(account, collateral.Asset, AccountAt.RateOf(collateral.Route)!.Value) is { } fall)
            {
                falls++;
                At(account, collateral.Asset, fall).IsHealthy.ShouldBeFalse();
                At(account, collateral.Asset, fall + UInt256.One).IsHealthy.ShouldBeTrue();
            }

            if (PriceEdges.Rises(account, Debt, AccountAt.RateOf(account.State.Route)!.Value) is { IsZero: false } rise)
            {
                rises++;
                At(account, Debt, rise).IsHealthy.ShouldBeFalse();
                At(account, Debt, rise - UInt256.One).IsHealthy.ShouldBeTrue();
            }
        }

        falls.ShouldBeGreaterThan(Cases / 4);
        rises.ShouldBeGreaterThan(Cases / 4);
    }

    [Fact]
    public void The_uniform_fall_pulls_and_one_ppm_less_does_not()
    {
        foreach (var account in Accounts().Where(static account => account.Health.IsHealthy))
        {
            var fall = PriceEdges.UniformFall(account).ShouldNotBeNull();
            Fallen(account, fall).IsHealthy.ShouldBeFalse();
            Fallen(account, fall - 1).IsHealthy.ShouldBeTrue();
        }
    }

    [Fact]
    public void A_way_out_reaches_its_target_and_one_unit_less_does_not()
    {
        var target = FixedPoint.Wad + (FixedPoint.Wad / 4u);
        var deposits = 0;
        foreach (var account in Accounts())
        {
            if (RemedySizes.Repay(account, target) is { } repay)
            {
                repay.HealthAfter.ShouldBe(RemedySizes.AfterRepay(account, repay.Amount).Factor);
                repay.HealthAfter.ShouldBeGreaterThanOrEqualTo(target);
                RemedySizes.AfterRepay(account, repay.Amount - UInt256.One).Factor.ShouldBeLessThan(target);
            }
            else
            {
                account.Health.Factor.ShouldBeGreaterThanOrEqualTo(target);
            }

            if (RemedySizes.Deposit(account, 0, target) is { } deposit)
            {
                deposits++;
                deposit.HealthAfter.ShouldBeGreaterThanOrEqualTo(target);
                RemedySizes.AfterDeposit(account, 0, deposit.Amount - UInt256.One).Factor.ShouldBeLessThan(target);
            }
        }

        deposits.ShouldBeGreaterThan(Cases / 4);
    }

    [Fact]
    public void Time_alone_pulls_at_the_second_named_and_not_one_before_ramps_included()
    {
        var ramping = 0;
        foreach (var account in Accounts().Where(static account => account.Health.IsHealthy).Take(120))
        {
            if (TimeToEdge.Seconds(account) is not { } seconds)
            {
                continue;
            }

            ramping += account.State.Collaterals.Any(collateral => collateral.Ltv.IsRamping(Now + seconds - 1)) ? 1 : 0;
            new AccountAt(account.State, Now + seconds).Health.IsHealthy.ShouldBeFalse();
            new AccountAt(account.State, Now + seconds - 1).Health.IsHealthy.ShouldBeTrue();
        }

        ramping.ShouldBePositive();
    }

    [Fact]
    public void The_largest_liquidation_takes_no_more_than_there_is_and_all_of_it_where_the_discount_eats_it_up()
    {
        var whole = 0;
        foreach (var account in Accounts().Where(static account => !account.Health.IsHealthy))
        {
            foreach (var leg in account.Legs)
            {
                var most = Liquidations.Most(account.Health, leg.Shares, leg.Value, account.State.MaxLiquidationDiscount);
                most.Repay.ShouldBeLessThanOrEqualTo(account.Debt);
                most.Yield.ShouldBeLessThanOrEqualTo(leg.Shares);
                whole += most.Yield == leg.Shares ? 1 : 0;
            }
        }

        whole.ShouldBePositive();
    }

    [Fact]
    public void What_a_vault_has_stored_follows_from_what_it_answers()
    {
        var random = new Random(5);
        for (var i = 0; i < 3_000; i++)
        {
            var stored = Totals(random);
            var later = stored.At(Now + (ulong)random.Next(1, 10_000_000));
            stored.StoredBorrows(later.TotalBorrows, later.InterestAccumulator).ShouldBe(stored.TotalBorrows);
        }
    }

    private static AccountHealth At(AccountAt account, Address asset, UInt256 rate) =>
        new AccountAt(account.State, Now, (of, now) => of == asset ? rate : now).Health;

    private static AccountHealth Fallen(AccountAt account, uint ppm) =>
        new AccountAt(account.State, Now, (of, now) => of == Debt ? now : now * (1_000_000u - ppm) / 1_000_000u).Health;

    private static VaultTotals Totals(Random random)
    {
        var cash = Any(random, 90);
        var borrows = (Any(random, 90) << 31) + (ulong)random.NextInt64(1L << 31);
        return new VaultTotals(
            (UInt128)cash,
            (UInt128)(((cash + (borrows >> 31)) * (ulong)random.Next(700_000, 1_000_000) / 1_000_000u) + UInt256.One),
            borrows,
            FixedPoint.Ray + (ulong)random.NextInt64(),
            (ulong)random.NextInt64(8_000_000_000_000_000_000),
            Now - (ulong)random.Next(0, 1_000_000),
            (ushort)random.Next(0, 10_001));
    }

    private static UInt256 Any(Random random, int bits) =>
        UInt256.One + ((UInt256)(ulong)random.NextInt64() * (ulong)random.NextInt64() >> (126 - random.Next(30, bits)));

    private static IEnumerable<AccountAt> Accounts()
    {
        var random = new Random(20260202);
        var face = new TokenFace(Text32.From("T"), 18);
        for (var i = 0; i < Cases; i++)
        {
            var totals = Totals(random);
            var collaterals = new List<CollateralState>();
            for (var c = 0; c < random.Next(1, 4); c++)
            {
                var ltv = (ushort)random.Next(2_000, 9_500);
                var isRamping = random.Next(3) == 0;
                var ramp = new LtvConfig(
                    1_000, ltv, isRamping ? (ushort)random.Next(ltv, 10_000) : ltv, isRamping ? Now + (ulong)random.Next(1, 100_000) : Now - 5, isRamping ? 100_000u : 0u);
                StageState[] route = [new(StageKind.Shares, Totals(random), UInt256.Zero), new(StageKind.Rate, default, Rate(random))];
                collaterals.Add(new CollateralState(
                    FakeAddress.Of(0x32, c), FakeAddress.Of(0x33, c), face, ramp, default, (UInt128)Any(random, 80), route, true, null));
            }

            var state = new EulerV2State(new MarginAccountId(new DeploymentId("euler-v2", new ChainId(1), "t"), "a"), default!)
            {
                Asset = Debt,
                Face = face,
                Unit = Unit,
                UnitFace = face,
                Totals = totals,
                Route = [new(StageKind.Rate, default, Rate(random))],
                Accumulator = totals.InterestAccumulator - (ulong)random.Next(1_000_000),
                Owed = UInt256.One << 31,
                IsController = true,
                MaxLiquidationDiscount = (ushort)random.Next(0, 2_000),
                Collaterals = collaterals,
            };
            var probe = new AccountAt(state, Now);
            var owes = probe.Health.CollateralValue * UInt256.Pow10(33) / probe.State.Route[0].Rate;
            owes = random.Next(3) switch
            {
                0 => owes + (ulong)random.Next(0, 3),
                1 => owes * (ulong)random.Next(500_000, 1_300_000) / 1_000_000u,
                _ => owes * (ulong)random.Next(900_000, 1_000_000) / 1_000_000u,
            };
            if (owes.BitLength is > 2 and < 110)
            {
                var account = new AccountAt(state with { Owed = (owes << 31) - (ulong)random.NextInt64(1L << 31) }, Now);
                if (!account.Health.LiabilityValue.IsZero)
                {
                    yield return account;
                }
            }
        }
    }

    private static UInt256 Rate(Random random) => (UInt256)(ulong)random.NextInt64(1_00000000, 100_000_00000000) * UInt256.Pow10(random.Next(20, 26));
}
