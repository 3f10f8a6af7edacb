using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>Every solver against brute force: what it names does it, and one unit less does not.</summary>
public sealed class SolverTests
{
    private const int Cases = 1_000;

    public static TheoryData<AaveVersion> Versions() => new(RandomAccounts.Families);

    [Theory]
    [MemberData(nameof(Versions))]
    public void In_a_small_world_the_edge_of_every_price_is_what_trying_all_prices_finds(AaveVersion version)
    {
        const int highest = 1_000;
        var random = new RandomAccounts(11 + (int)version);
        var found = 0;
        for (var i = 0; i < 60; i++)
        {
            var account = random.Next(version, small: true, bothSides: false);
            foreach (var source in Sources(account))
            {
                var falls = account.Legs[source].Terms.Counts;
                var below = Enumerable.Range(1, highest).Where(price => IsBelow(account, source, (UInt256)(ulong)price)).ToList();
                UInt256? expected = below.Count == 0 || below.Count == highest ? null : (UInt256)(ulong)(falls ? below[^1] : below[0]);
                var edge = PriceEdges.Of(account, account.Legs[source].PriceSource, FixedPoint.Wad);
                if (edge is { } named && named.Price >= highest)
                {
                    continue;
                }

                (edge?.Price).ShouldBe(expected, $"{version} case {i} leg {source}");
                found += expected is null ? 0 : 1;
            }
        }

        found.ShouldBeGreaterThan(60);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void At_the_named_price_the_account_is_below_and_one_unit_further_it_is_not(AaveVersion version)
    {
        var random = new RandomAccounts(23 + (int)version);
        var found = 0;
        for (var i = 0; i < Cases; i++)
        {
            var account = random.Next(version, small: false, bothSides: i % 3 == 0);
            foreach (var source in Sources(account))
            {
                if (PriceEdges.Of(account, account.Legs[source].PriceSource, FixedPoint.Wad) is { } edge)
                {
                    found++;
                    IsBelow(account, source, edge.Price).ShouldBeTrue($"{version} case {i} leg {source} at {edge}");
                    var safer = edge.Side == EdgeSide.Falls ? edge.Price + 1u : edge.Price - 1u;
                    IsBelow(account, source, safer).ShouldBeFalse($"{version} case {i} leg {source} one beyond {edge}");
                    Nowhere_beyond(account, source, edge, random);
                }
            }
        }

        found.ShouldBeGreaterThan(Cases);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_uniform_fall_pulls_and_one_ppm_less_does_not(AaveVersion version)
    {
        var random = new RandomAccounts(37 + (int)version);
        var found = 0;
        for (var i = 0; i < Cases / 3; i++)
        {
            var account = random.Next(version, small: false, bothSides: i % 5 == 0);
            var fall = new UniformFall(account, FixedPoint.Wad).Find();
            if (fall == 0)
            {
                account.HealthFactor.ShouldBeLessThan(FixedPoint.Wad);
            }
            else if (fall is { } ppm)
            {
                found++;
                Fallen(account, 1_000_000 - ppm).ShouldBeLessThan(FixedPoint.Wad, $"{version} case {i}: {ppm}");
                for (var less = 1u; less <= Math.Min(ppm, 400); less++)
                {
                    Fallen(account, 1_000_000 - ppm + less).ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad, $"{version} case {i}: {ppm} - {less}");
                }
            }
            else
            {
                Fallen(account, 0).ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad);
            }
        }

        found.ShouldBeGreaterThan(Cases / 6);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_smallest_repayment_reaches_the_target_and_one_unit_less_does_not(AaveVersion version)
    {
        var random = new RandomAccounts(41 + (int)version);
        var found = 0;
        for (var i = 0; i < Cases; i++)
        {
            var account = random.Next(version, small: i % 4 == 0, bothSides: i % 3 == 0);
            var target = Target(random);
            for (var leg = 0; leg < account.Legs.Length; leg++)
            {
                if (account.Legs[leg].Terms.Owes && RemedySizes.Repay(account, leg, target) is { Amount.IsZero: false } size)
                {
                    found++;
                    Repaid(account, leg, size.Amount).ShouldBe(size.HealthAfter);
                    size.HealthAfter.ShouldBeGreaterThanOrEqualTo(target, $"{version} case {i} leg {leg} {size.Amount}");
                    Repaid(account, leg, size.Amount - 1u).ShouldBeLessThan(target, $"{version} case {i} leg {leg} {size.Amount} - 1");
                }
            }
        }

        found.ShouldBeGreaterThan(Cases / 2);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_smallest_deposit_reaches_the_target_and_one_unit_less_does_not(AaveVersion version)
    {
        var random = new RandomAccounts(53 + (int)version);
        var found = 0;
        for (var i = 0; i < Cases; i++)
        {
            var account = random.Next(version, small: i % 4 == 0, bothSides: i % 3 == 0);
            var target = Target(random);
            for (var leg = 0; leg < account.Legs.Length; leg++)
            {
                if (account.Legs[leg].Terms.Counts && RemedySizes.Deposit(account, leg, target) is { Amount.IsZero: false } size)
                {
                    found++;
                    Deposited(account, leg, size.Amount).ShouldBe(size.HealthAfter);
                    size.HealthAfter.ShouldBeGreaterThanOrEqualTo(target, $"{version} case {i} leg {leg} {size.Amount}");
                    Deposited(account, leg, size.Amount - 1u).ShouldBeLessThan(target, $"{version} case {i} leg {leg} {size.Amount} - 1");
                }
            }
        }

        found.ShouldBeGreaterThan(Cases / 2);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void After_the_named_seconds_interest_has_pulled_and_a_second_before_it_has_not(AaveVersion version)
    {
        var random = new RandomAccounts(67 + (int)version);
        var found = 0;
        for (var i = 0; i < 300; i++)
        {
            var account = random.Next(version, small: false, bothSides: i % 3 == 0);
            if (TimeToEdge.Seconds(account, FixedPoint.Wad) is { } seconds and > 0)
            {
                found++;
                account.AtInstant(account.At + seconds).HealthFactor.ShouldBeLessThan(FixedPoint.Wad);
                account.AtInstant(account.At + seconds - 1).HealthFactor.ShouldBeGreaterThanOrEqualTo(FixedPoint.Wad);
            }
        }

        found.ShouldBeGreaterThan(100);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void The_largest_liquidation_is_allowed_and_one_unit_more_is_not(AaveVersion version)
    {
        var random = new RandomAccounts(71 + (int)version);
        var (found, dust) = (0, 0);
        for (var i = 0; i < 20 * Cases && (i < Cases || (dust == 0 && version >= AaveVersion.V33)); i++)
        {
            var account = random.Next(version, small: false, bothSides: false);
            var debt = account.Legs.Length - 1;
            if (account.HealthFactor >= FixedPoint.Wad || account.Legs[debt].Debt.IsZero)
            {
                continue;
            }

            var quote = PairQuote.Of(account, 0, debt);
            var pair = PairQuote.PairOf(account.Legs[0], account.Legs[debt]);
            var most = LiquidationLogic.MaxDebt(version, pair, account.Sum.Debt, account.HealthFactor);
            LiquidationLogic.LeavesDust(version, pair, quote.Amounts).ShouldBeFalse();
            quote.Amounts.Taken.ShouldBeLessThanOrEqualTo(account.Legs[0].Supply);
            found++;
            if (quote.Amounts.DebtRepaid < most && quote.Amounts.Taken < pair.Collateral)
            {
                dust++;
                LiquidationLogic.LeavesDust(version, pair, LiquidationLogic.Amounts(version, pair, quote.Amounts.DebtRepaid + 1u)).ShouldBeTrue();
            }
        }

        found.ShouldBeGreaterThan(100);
        (version >= AaveVersion.V33 ? dust > 0 : dust == 0).ShouldBeTrue($"{dust} of {found} limited by dust");
    }

    [Fact]
    public void Up_to_3_4_a_dearer_low_threshold_collateral_can_lower_the_health_factor_and_the_edge_is_the_highest_such_price()
    {
        var random = new RandomAccounts(97);
        var dents = 0;
        for (var i = 0; i < 4_000 && dents == 0; i++)
        {
            var account = random.Next(AaveVersion.V34, small: true, bothSides: false);
            foreach (var source in Sources(account).Where(leg => account.Legs[leg].Terms.Counts))
            {
                if (PriceEdges.Of(account, account.Legs[source].PriceSource, FixedPoint.Wad) is { Side: EdgeSide.Falls } edge && edge.Price < 3_000)
                {
                    var cheaper = Enumerable.Range(1, (int)(ulong)edge.Price).Any(price => !IsBelow(account, source, (UInt256)(ulong)price));
                    dents += cheaper ? 1 : 0;
                    Enumerable.Range(1, 3_000).Any(more => IsBelow(account, source, edge.Price + (ulong)more)).ShouldBeFalse();
                }
            }
        }

        dents.ShouldBeGreaterThan(0);
    }

    private static UInt256 Target(RandomAccounts random) => FixedPoint.Wad + (FixedPoint.Wad * (ulong)random.Random.Next(1, 900) / 1_000u);

    private static IEnumerable<int> Sources(AccountAt account) => Enumerable.Range(0, account.Legs.Length);

    private static void Nowhere_beyond(AccountAt account, int source, (EdgeSide Side, UInt256 Price) edge, RandomAccounts random)
    {
        for (var i = 0; i < 5; i++)
        {
            var price = edge.Side == EdgeSide.Falls
                ? edge.Price + 1u + random.Below(edge.Price / (ulong)Math.Pow(10, i) + 1u)
                : edge.Price - 1u - random.Below((edge.Price - 1u) / (ulong)Math.Pow(10, i) + 1u);
            // Where one price stands on both sides, single units of rounding near the edge may go either way.
            if (!price.IsZero && !(account.Legs[source].Terms is { Counts: true, Owes: true } && i > 0))
            {
                IsBelow(account, source, price).ShouldBeFalse($"{account.Version} at {price}, edge {edge}");
            }
        }
    }

    private static bool IsBelow(AccountAt account, int source, UInt256 price) =>
        account.HealthWith(source, account.Legs[source] with { Price = price }) < FixedPoint.Wad;

    private static UInt256 Fallen(AccountAt account, uint kept)
    {
        var sum = default(AccountSum);
        foreach (var leg in account.Legs)
        {
            sum.Add(account.Version, leg.Terms.Counts && !leg.Terms.Owes ? leg with { Price = leg.Price * kept / 1_000_000u } : leg);
        }

        return sum.HealthFactor(account.Version);
    }

    private static UInt256 Repaid(AccountAt account, int leg, UInt256 amount) => account.HealthWith(leg, RemedySizes.AfterRepay(account, leg, amount));

    private static UInt256 Deposited(AccountAt account, int leg, UInt256 amount) => account.HealthWith(leg, RemedySizes.AfterDeposit(account, leg, amount));
}
