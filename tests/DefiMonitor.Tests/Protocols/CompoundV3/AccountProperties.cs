using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.CompoundV3;

namespace DefiMonitor.Tests.Protocols.CompoundV3;

/// <summary>Each solver against forward evaluation, on random accounts of every size, near the edge and far from it.</summary>
public sealed class AccountProperties
{
    private const int Cases = 3_000;
    private const ulong Now = 1_760_000_000;

    [Fact]
    public void An_account_is_liquidatable_at_its_collaterals_edge_and_not_one_unit_above()
    {
        var edges = 0;
        foreach (var account in Accounts())
        {
            for (var i = 0; i < account.Held.Length; i++)
            {
                if (PriceEdges.OfCollateral(account, i) is not { } edge)
                {
                    // Neither the lowest price makes it so nor is it so by this one alone; or there is no price between 0 and safe.
                    WithPrice(account, i, UInt256.One).Health.IsLiquidatable.ShouldBe(account.Held[i].Terms.LiquidateFactor == 0 && account.Health.IsLiquidatable);
                    continue;
                }

                edges++;
                WithPrice(account, i, edge).Health.IsLiquidatable.ShouldBeTrue();
                WithPrice(account, i, edge + UInt256.One).Health.IsLiquidatable.ShouldBeFalse();
            }
        }

        edges.ShouldBeGreaterThan(Cases / 2);
    }

    [Fact]
    public void An_account_is_liquidatable_at_the_base_tokens_edge_and_not_one_unit_below()
    {
        foreach (var account in Accounts())
        {
            var edge = PriceEdges.OfBase(account).ShouldNotBeNull();
            WithBasePrice(account, edge).Health.IsLiquidatable.ShouldBeTrue();
            WithBasePrice(account, edge - UInt256.One).Health.IsLiquidatable.ShouldBeFalse();
        }
    }

    [Fact]
    public void The_fall_to_the_edge_pulls_and_one_ppm_less_does_not()
    {
        var found = 0;
        foreach (var account in Accounts().Where(static account => !account.Health.IsLiquidatable))
        {
            if (UniformFall.Find(account) is not { } fall)
            {
                continue;
            }

            found++;
            fall.ShouldBeInRange(1u, 1_000_000u);
            Fallen(account, fall).Health.IsLiquidatable.ShouldBeTrue();
            Fallen(account, fall - 1).Health.IsLiquidatable.ShouldBeFalse();
        }

        found.ShouldBeGreaterThan(Cases / 8);
    }

    [Fact]
    public void A_way_out_reaches_its_target_and_one_unit_less_does_not()
    {
        foreach (var account in Accounts())
        {
            var target = FixedPoint.Wad + (FixedPoint.Wad / 4u);
            if (RemedySizes.Repay(account, target) is { } repay)
            {
                repay.HealthAfter.ShouldBeGreaterThanOrEqualTo(target);
                repay.DebtAfter.ShouldBe(RemedySizes.DebtAfter(account, (UInt128)repay.Amount));
                RemedySizes.After(account, RemedySizes.DebtAfter(account, (UInt128)repay.Amount - 1)).Factor.ShouldBeLessThan(target);
            }
            else
            {
                account.Health.Factor.ShouldBeGreaterThanOrEqualTo(target);
            }

            for (var i = 0; i < account.Held.Length; i++)
            {
                if (RemedySizes.Deposit(account, i, target) is { } deposit)
                {
                    deposit.HealthAfter.ShouldBeGreaterThanOrEqualTo(target);
                    RemedySizes.AfterDeposit(account, i, deposit.Amount - UInt256.One).Factor.ShouldBeLessThan(target);
                }
            }
        }
    }

    [Fact]
    public void Interest_alone_pulls_at_the_second_named_and_not_one_before()
    {
        var found = 0;
        foreach (var account in Accounts().Where(static account => !account.Health.IsLiquidatable).Take(400))
        {
            if (TimeToEdge.Seconds(account) is not { } seconds)
            {
                continue;
            }

            found++;
            account.Later(account.At + seconds).Health.IsLiquidatable.ShouldBeTrue();
            account.Later(account.At + seconds - 1).Health.IsLiquidatable.ShouldBeFalse();
        }

        found.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void A_factor_below_one_is_liquidatable_and_nothing_else_is()
    {
        foreach (var account in Accounts())
        {
            (account.Health.Factor < FixedPoint.Wad).ShouldBe(account.Health.IsLiquidatable);
        }
    }

    [Fact]
    public void In_words_the_verdict_is_the_same_or_refused()
    {
        var judged = 0;
        foreach (var account in Accounts())
        {
            var assets = account.Held.ToArray().Select(static asset => new DenseAsset(asset.Terms.Scale, asset.Price, asset.Terms.LiquidateFactor)).ToArray();
            var held = account.Held.ToArray().Select(static (asset, i) => new MirrorHolding(asset.Balance, (byte)i)).ToArray();
            var dense = new DenseHealth(account.Totals.BorrowIndex, new DenseAsset(account.Parameters.BaseScale, account.BasePrice, 0), assets);
            if (dense.TryJudge(account.Principal, held, out var verdict))
            {
                judged++;
                verdict.ShouldBe(Verdicts.Of(account.Health));
            }
        }

        judged.ShouldBeInRange(Cases / 2, Cases);
    }

    [Fact]
    public void A_debt_comes_back_from_its_principal_as_it_was_and_a_supply_loses_one_unit_at_most()
    {
        foreach (var account in Accounts())
        {
            BaseBalance.ToPrincipal(account.Balance, account.Totals).ShouldBe(account.Principal);
            var supply = BaseBalance.ToPrincipal(BaseBalance.Of(-account.Principal, account.Totals), account.Totals);
            (-account.Principal - supply).ShouldBeInRange(0, 1);
        }
    }

    private static AccountAt WithPrice(AccountAt account, int index, UInt256 price)
    {
        var held = account.Held.ToArray();
        held[index] = held[index] with { Price = price };
        return new AccountAt(account.Parameters, account.Stored, account.Principal, account.BasePrice, held, account.At);
    }

    private static AccountAt WithBasePrice(AccountAt account, UInt256 price) =>
        new(account.Parameters, account.Stored, account.Principal, price, account.Held, account.At);

    private static AccountAt Fallen(AccountAt account, uint ppm) => new(
        account.Parameters, account.Stored, account.Principal, account.BasePrice,
        [.. account.Held.ToArray().Select(asset => asset with { Price = asset.Price * (1_000_000u - ppm) / 1_000_000u })], account.At);

    private static IEnumerable<AccountAt> Accounts()
    {
        var random = new Random(20260127);
        for (var i = 0; i < Cases; i++)
        {
            var baseScale = (ulong)UInt256.Pow10(random.Next(2) == 0 ? 6 : 18);
            var rates = new InterestRates
            {
                SupplyKink = 850_000_000_000_000_000, SupplySlopeLow = 1_500_000_000, SupplySlopeHigh = 30_000_000_000, SupplyBase = 0,
                BorrowKink = 850_000_000_000_000_000, BorrowSlopeLow = 1_700_000_000, BorrowSlopeHigh = 100_000_000_000, BorrowBase = 500_000_000,
            };
            var principal = -(Int128)(UInt128)(UInt256.One + ((UInt256)(ulong)random.NextInt64() * (ulong)random.NextInt64() >> random.Next(50, 110)));
            var stored = new BaseTotals(
                1_000_000_000_000_000 + (ulong)random.NextInt64(500_000_000_000_000), 1_000_000_000_000_000 + (ulong)random.NextInt64(800_000_000_000_000),
                (UInt128)(-principal) * (UInt128)random.Next(2, 50), (UInt128)(-principal) * 2, Now - (ulong)random.Next(0, 1_000_000), PauseFlags.None);
            var parameters = new MarketParameters(Address.Zero, Address.Zero, baseScale, UInt256.Zero, 8, rates);
            var held = new HeldAsset[random.Next(1, 9)];
            for (var h = 0; h < held.Length; h++)
            {
                held[h] = new HeldAsset(
                    new AssetTerms(
                        (ulong)UInt256.Pow10(random.Next(3) switch { 0 => 8, 1 => 6, _ => 18 }), 500_000_000_000_000_000,
                        random.Next(20) == 0 ? 0ul : (ulong)random.Next(5_100, 9_501) * 100_000_000_000_000, 900_000_000_000_000_000),
                    (UInt128)(UInt256.One + ((UInt256)(ulong)random.NextInt64() * (ulong)random.NextInt64() >> random.Next(40, 110))),
                    (ulong)random.NextInt64(1, 1L << random.Next(10, 45)));
            }

            var account = new AccountAt(parameters, stored, principal, (ulong)random.NextInt64(50_000_000, 150_000_000), held, Now);
            if (random.Next(3) == 0)
            {
                // To its edge, or a unit beside it.
                var edge = PriceEdges.OfBase(account)!.Value;
                account = WithBasePrice(account, UInt256.Max(UInt256.One, edge + (ulong)random.Next(0, 3) - UInt256.One));
            }

            yield return account;
        }
    }
}
