using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.CompoundV3;
using DefiMonitor.Protocols.EulerV2;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Protocols.AaveV4.Fake;
using DefiMonitor.Tests.Protocols.CompoundV3.Fake;
using DefiMonitor.Tests.Protocols.EulerV2.Fake;
using DefiMonitor.Tests.Protocols.LyraV1.Fake;
using DefiMonitor.Tests.Protocols.MorphoBlue.Fake;
using DefiMonitor.Tests.Protocols.OpynGamma.Fake;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What governors change, family by family. Aave V3 has tests of its own.</summary>
public sealed class ParameterTests
{
    [Fact]
    public async Task Comet_An_upgrade_with_a_lower_factor_is_critical_and_told_with_health_before_and_after()
    {
        var fake = new FakeComet(3, 7);
        await using var bench = await BeginAsync(fake, fake.NextBlock);
        fake.NextBlock();
        fake.Upgrade(0, 700_000_000_000_000_000);
        var told = await bench.ToldAsync();
        told.Level.ShouldBe(AlertLevel.Critical);
        told.Parameters.Select(static c => c.Parameter.Name).ShouldBe(["implementation", "borrowCollateralFactor", "liquidateCollateralFactor"]);

        var twin = new FakeComet(3, 7);
        await using var calm = await BeginAsync(twin, twin.NextBlock);
        twin.NextBlock();
        await calm.TakeAsync();
        AreTrue(told, bench, calm);
    }

    [Fact]
    public async Task Comet_A_pause_is_told_without_a_sound()
    {
        var fake = new FakeComet(3, 7);
        await using var bench = await BeginAsync(fake, fake.NextBlock);
        fake.NextBlock();
        fake.Pause(PauseFlags.Withdraw | PauseFlags.Absorb);
        var told = await bench.ToldAsync();
        (told.Level, told.Quiet).ShouldBe((AlertLevel.Warning, true));
        told.Parameters.Select(static c => (c.Parameter.Name, c.Parameter.Value)).ShouldBe([("isWithdrawPaused", UInt256.One), ("isAbsorbPaused", UInt256.One)]);
    }

    [Fact]
    public async Task Euler_An_ltv_that_falls_at_once_is_told_with_health_before_and_after_and_a_ramp_with_its_end()
    {
        var fake = new FakeEuler(isOwnUnit: false, 7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        var twin = new FakeEuler(isOwnUnit: false, 7);
        await using var calm = await BeginAsync(twin, () => twin.NextBlock());
        fake.NextBlock();
        twin.NextBlock();
        fake.SetLtv(fake.Collaterals[0], 7_000, 7_200, ramp: 0);
        fake.SetDiscount(1_000);
        var told = await bench.ToldAsync();
        await calm.TakeAsync();
        told.Level.ShouldBe(AlertLevel.Warning);
        told.Parameters.Select(static c => c.Parameter.Name).ShouldContain("maxLiquidationDiscount");
        told.Parameters.ShouldContain(static c => c.Parameter.Name == "liquidationLTV" && c.Parameter.Value == 7_200u && c.Before == (UInt256)8_500u);
        AreTrue(told, bench, calm);

        fake.NextBlock();
        fake.SetLtv(fake.Collaterals[1], 6_000, 6_500, ramp: 86_400);
        var ramp = await bench.ToldAsync();
        ramp.Parameters.ShouldContain(c => c.Parameter.Name == "targetTimestamp" && c.Parameter.Value == fake.Header.Timestamp + 86_400);
        ramp.Quiet.ShouldBeTrue("nobody's health moves in its first second");
    }

    [Fact]
    public async Task Euler_Another_oracle_on_the_way_of_a_price_is_critical_and_one_of_another_pair_is_nothing()
    {
        var fake = new FakeEuler(isOwnUnit: false, 7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        fake.NextBlock();
        fake.SetRoute(FakeAddress.Of(0x99, 1), FakeEuler.OtherEthFeed);
        (await bench.TakeAsync()).ShouldNotContain(static t => t.Rule == Rules.Parameters);
        fake.NextBlock();
        fake.SetRoute(FakeEuler.Weth, FakeEuler.OtherEthFeed);
        var told = await bench.ToldAsync();
        told.Level.ShouldBe(AlertLevel.Critical);
        var change = told.Parameters.ShouldHaveSingleItem();
        change.Parameter.Kind.ShouldBe(ParameterKind.Oracle);
        change.Before.ShouldBe(FakeEuler.EthFeed.ToWord().ToUInt256());
        told.Impacts.ShouldContain(static i => i.Source == ImpactSource.Filed);
    }

    [Fact]
    public async Task Morpho_A_fee_is_told_and_moves_nobody()
    {
        var fake = new FakeMorpho(IrmKind.AdaptiveCurve, 7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        fake.NextBlock();
        fake.SetFee(13);
        var told = await bench.ToldAsync();
        told.Quiet.ShouldBeTrue();
        told.Parameters.ShouldHaveSingleItem().Parameter.ShouldBe(MarketParameter.Share(ParameterSubject.Market, "fee", 130_000_000_000_000_000u, 18, ParameterKind.Other));
        told.Lines[0].ShouldEndWith("-> 13 %");
    }

    [Fact]
    public async Task Lyra_A_dearer_shock_is_told_with_health_before_and_after()
    {
        var fake = new FakeLyra(7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        var twin = new FakeLyra(7);
        await using var calm = await BeginAsync(twin, () => twin.NextBlock());
        fake.NextBlock();
        twin.NextBlock();
        fake.SetParameters(fake.Parameters with { CallSpotPriceShock = FixedPoint.Wad * 14u / 10u, PutSpotPriceShock = FixedPoint.Wad * 6u / 10u });
        var told = await bench.ToldAsync();
        await calm.TakeAsync();
        told.Parameters.Select(static c => c.Parameter.Name).ShouldBe(["callSpotPriceShock", "putSpotPriceShock"]);
        AreTrue(told, bench, calm);
    }

    [Fact]
    public async Task Aave_V4_A_key_that_weighs_less_is_told_with_health_before_and_after()
    {
        var fake = new FakeAaveV4(7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        var twin = new FakeAaveV4(7);
        await using var calm = await BeginAsync(twin, () => twin.NextBlock());
        fake.NextBlock();
        twin.NextBlock();
        var eth = fake.Reserves[0];
        fake.ChangeKey(eth, 0, eth.Keys[0] with { CollateralFactor = 6_000 });
        var told = await bench.ToldAsync();
        await calm.TakeAsync();
        told.Lines[0].ShouldBe("WETH (key 0 of reserve 0) collateralFactor 80 % -> 60 %");
        AreTrue(told, bench, calm);
    }

    [Fact]
    public async Task Aave_V4_A_new_key_is_told_with_what_it_says_and_the_reserve_by_its_number_and_a_cap_that_is_none_as_none()
    {
        var fake = new FakeAaveV4(7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        fake.NextBlock();
        var usdc = fake.Reserves[3];
        fake.AddKey(usdc, usdc.Keys[0] with { CollateralFactor = 6_000 });
        fake.SetSpokeConfig(usdc, active: true, halted: false, addCap: 5_000, premium: 25_000);
        var told = await bench.ToldAsync();
        told.Lines.Take(6).ShouldBe(
        [
            "USDC (reserve 3) addCap none -> 5,000",
            "USDC (reserve 3) riskPremiumThreshold none -> 250 %",
            "USDC (reserve 3) dynamicConfigKey 0 -> 1",
            "USDC (key 1 of reserve 3) collateralFactor (new) -> 60 %",
            "USDC (key 1 of reserve 3) maxLiquidationBonus (new) -> 105 %",
            "USDC (key 1 of reserve 3) liquidationFee (new) -> 10 %",
        ]);
        told.Quiet.ShouldBeTrue("it moves nobody");
        told.Impacts.ShouldNotBeEmpty();
        told.Impacts.ShouldAllBe(static i => i.Source == ImpactSource.Computed && i.Before == i.After);

        fake.NextBlock();
        fake.AddReserve();
        var listed = (await bench.ToldAsync()).Parameters;
        listed.ShouldAllBe(static c => c.Before == null && c.Parameter.Subject.Number == 4);
        listed.Select(static c => c.Parameter.Name).ShouldContain("collateralFactor");
    }

    [Fact]
    public async Task Comet_The_least_loan_and_a_cap_are_told_in_whole_tokens()
    {
        var fake = new FakeComet(3, 7);
        await using var bench = await BeginAsync(fake, fake.NextBlock);
        fake.NextBlock();
        fake.Upgrade(0, 800_000_000_000_000_000);
        fake.BaseBorrowMin = 250_500_000u;
        (await bench.ToldAsync()).Lines.ShouldContain("market baseBorrowMin 100 -> 250.5");
    }

    [Fact]
    public async Task Opyn_A_dearer_shock_is_told_with_health_before_and_after()
    {
        var fake = new FakeGamma(7);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        var twin = new FakeGamma(7);
        await using var calm = await BeginAsync(twin, () => twin.NextBlock());
        fake.NextBlock();
        twin.NextBlock();
        fake.SetShock(FixedPoint.Ray * 6u / 10u);
        var told = await bench.ToldAsync();
        await calm.TakeAsync();
        told.Parameters.ShouldAllBe(static c => c.Parameter.Name == "spotShock");
        AreTrue(told, bench, calm);
    }

    [Fact]
    public async Task Opyn_What_a_first_vault_makes_us_read_is_no_change_and_what_becomes_of_it_is()
    {
        var fake = new FakeGamma(7, isEmpty: true);
        await using var bench = await BeginAsync(fake, () => fake.NextBlock());
        fake.NextBlock();
        fake.Open(fake.Owners[0], fake.Series[0], 1, 100_000_000u, 1_000_000_000u);
        (await bench.TakeAsync()).ShouldNotContain(static t => t.Rule == Rules.Parameters);
        for (var i = 0; i < 3; i++)
        {
            fake.NextBlock();
            (await bench.TakeAsync()).ShouldNotContain(static t => t.Rule == Rules.Parameters);
        }

        fake.NextBlock();
        fake.SetShock(FixedPoint.Ray * 9u / 10u);
        (await bench.ToldAsync()).Parameters.ShouldHaveSingleItem().Parameter.Name.ShouldBe("spotShock");
    }

    /// <param name="calm">The truth of before: the same block of a twin that nobody governed.</param>
    private static void AreTrue(AlertTransition told, MarketBench bench, MarketBench calm)
    {
        told.Impacts.ShouldContain(static i => i.Fell);
        foreach (var impact in told.Impacts)
        {
            var user = Address.Parse(impact.Account.Key);
            impact.Source.ShouldBe(ImpactSource.Computed);
            impact.Before.ShouldBe(calm.Health(user));
            impact.After.ShouldBe(bench.Health(user));
        }
    }

    private static Task<MarketBench> BeginAsync(FakeComet fake, Action<ulong> next) => BeginAsync(fake, () => next(12));

    private static async Task<MarketBench> BeginAsync(IFakeMarket fake, Action next)
    {
        var bench = await MarketBench.CreateAsync(fake, [.. fake.Owners]);
        for (var i = 0; i < 2; i++)
        {
            next();
            await bench.TakeAsync();
        }

        return bench;
    }
}
