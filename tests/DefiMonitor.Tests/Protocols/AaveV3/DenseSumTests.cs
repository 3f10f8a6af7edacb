using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Primitives;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>The dense sum gives the integers of <see cref="AccountSum"/> or nothing, also at the very limits of its words.</summary>
public sealed class DenseSumTests
{
    private const int Rounds = 12_000;

    public static TheoryData<AaveVersion> Versions() => new(Enum.GetValues<AaveVersion>());

    [Theory]
    [MemberData(nameof(Versions))]
    public void It_gives_the_exact_verdict_or_refuses(AaveVersion version)
    {
        var random = new Random((int)version);
        var given = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var legs = new UInt128[random.Next(1, 7)];
            var factors = new LegFactors[2 * legs.Length];
            var exact = new AccountLeg[legs.Length];
            for (var leg = 0; leg < legs.Length; leg++)
            {
                Fill(random, version, leg, ref legs[leg], factors, ref exact[leg]);
            }

            if (DenseSum.TryJudge(version, legs, factors, out var verdict))
            {
                given++;
                var sum = AccountSum.Of(version, exact);
                verdict.ShouldBe(Verdicts.Of(sum, sum.HealthFactor(version)), $"round {i}");
            }
        }

        given.ShouldBeInRange(Rounds / 10, Rounds - (Rounds / 10));
    }

    [Fact]
    public void All_that_fits_the_form_of_a_real_market_is_given()
    {
        // A hundred thousand million tokens of 18 decimals at a thousand dollars, grown tenfold: more than any market holds.
        var amount = (UInt128)UInt256.Pow10(29);
        var terms = new LegTerms(true, true, 8_000, 7_500, false, 10_500, 0, false);
        LegFactors[] factors =
        [
            LegFactors.OfSupply(AaveVersion.V36, (UInt128)UInt256.Pow10(28), 100_000_000_000, 18, terms),
            LegFactors.OfDebt(AaveVersion.V36, (UInt128)UInt256.Pow10(28), 100_000_000_000, 18),
        ];
        DenseSum.TryJudge(AaveVersion.V36, [MirrorLeg.Of(0, amount), MirrorLeg.Of(1, amount)], factors, out var verdict).ShouldBeTrue();
        verdict.ShouldBe(new Verdict(MarginStatus.Liquidatable, UInt256.Pow10(17) * 8u));
    }

    private static void Fill(Random random, AaveVersion version, int reserve, ref UInt128 leg, LegFactors[] factors, ref AccountLeg exact)
    {
        // Edges and all lengths, every limit included; a third as real markets have them, so that not everything is refused.
        var isReal = random.Next(3) != 0;
        var amount = Cut(random, isReal ? random.Next(30, 90) : MirrorLeg.AmountBits);
        var index = isReal ? (UInt128)FixedPoint.Ray + Cut(random, 90) : Cut(random, 96);
        var price = (ulong)Cut(random, isReal ? random.Next(20, 50) : 64);
        var decimals = random.Next(LegFactors.MaxDecimals + 1);
        var isDebt = random.Next(2) == 0;
        var terms = new LegTerms(!isDebt && random.Next(8) != 0, isDebt, (uint)Cut(random, 16), 0, false, 10_500, 0, false);
        factors[MirrorLeg.SupplyOf(reserve)] = LegFactors.OfSupply(version, index, price, decimals, terms);
        factors[MirrorLeg.DebtOf(reserve)] = LegFactors.OfDebt(version, index, price, decimals);
        leg = MirrorLeg.Of(isDebt ? MirrorLeg.DebtOf(reserve) : MirrorLeg.SupplyOf(reserve), amount);
        exact = new AccountLeg(
            reserve,
            default,
            isDebt ? UInt256.Zero : Balances.OfSupply(version, amount, index),
            isDebt ? Balances.OfDebt(version, amount, index) : UInt256.Zero,
            price,
            UInt256.Pow10(decimals),
            terms);
    }

    private static UInt128 Cut(Random random, int bits) => (UInt128)(Numbers.Next(random) & UInt256.Mask(bits));
}
