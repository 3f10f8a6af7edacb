using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>What governors do to a market is told, with the health factor of whom it touches by the old parameters and by the new ones.</summary>
public sealed class ParameterTests
{
    private static readonly Address Alice = FakeAddress.Of(0xee, 1);
    private static readonly Address Bob = FakeAddress.Of(0xee, 2);

    [Fact]
    public async Task A_lower_threshold_is_told_with_the_contracts_health_before_and_after()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        var weth = fake.Reserves[0];
        var old = (weth.Threshold, weth.Ltv);
        var before = fake.Data(Alice).HealthFactor;
        fake.SetThreshold(weth, 7_000);
        var after = fake.Data(Alice).HealthFactor;
        after.ShouldBeLessThan(before);

        var told = await bench.ToldAsync();
        told.Kind.ShouldBe(TransitionKind.Opened);
        told.Level.ShouldBe(AlertLevel.Warning);
        told.Quiet.ShouldBeFalse();
        told.Parameters.Select(static c => (c.Parameter.Name, c.Before!.Value, c.Parameter.Value)).ShouldBe(
            [("ltv", (UInt256)old.Ltv, 6_500u), ("liquidationThreshold", (UInt256)old.Threshold, 7_000u)]);
        var impact = told.Impacts.ShouldHaveSingleItem();
        (impact.Account, impact.Source).ShouldBe((bench.Protocol.AccountOf(Alice), ImpactSource.Computed));
        impact.Before.ShouldBe(before);
        impact.After.ShouldBe(after);
        bench.Health(Alice).ShouldBe(after, "the old parameters are out of the tables again");
        told.Title.ShouldBe($"WARNING: {bench.Protocol.Id}: 2 parameters changed in block {told.Block.Number}: WETH ltv 78 % -> 65 %; WETH liquidationThreshold 82 % -> 70 %"
            .Replace("78 %", $"{old.Ltv / 100m:0.##} %").Replace("82 %", $"{old.Threshold / 100m:0.##} %"));
        told.Lines.ShouldContain(line => line.StartsWith("owner 0 (0xee00…0001): health factor ") && line.EndsWith(" by the parameters alone"));

        fake.NextBlock();
        (await bench.TakeAsync()).ShouldNotContain(static t => t.Rule == Rules.Parameters, "it is told once");
    }

    [Fact]
    public async Task A_pause_moves_no_health_factor_and_is_told_without_a_sound_to_whom_it_touches()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.Pause(fake.Reserves[1], on: true);
        var told = await bench.ToldAsync();
        (told.Level, told.Quiet).ShouldBe((AlertLevel.Warning, true));
        told.Parameters.ShouldHaveSingleItem().Parameter.Name.ShouldBe("paused");
        told.Impacts.ShouldHaveSingleItem().Account.ShouldBe(bench.Protocol.AccountOf(Bob));
    }

    [Fact]
    public async Task An_alert_of_an_account_names_the_parameter_as_its_cause()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.SetThreshold(fake.Reserves[0], 5_100);
        var told = (await bench.TakeAsync()).Where(static t => t.Rule == Rules.Distance).ShouldHaveSingleItem();
        told.Cause!.Kind.ShouldBe(CauseKind.Parameter);
        told.Cause.Text.ShouldContain("WETH liquidation threshold 75.00 % -> 51.00 %");
    }

    [Fact]
    public async Task An_upgrade_is_critical_and_health_before_is_what_stands_on_file()
    {
        var (fake, bench) = await BeginAsync(revision: 8);
        await using var _ = bench;
        fake.NextBlock();
        var before = bench.Health(Alice);
        fake.Upgrade(9);
        var told = await bench.ToldAsync();
        (told.Level, told.WakesPeople).ShouldBe((AlertLevel.Critical, true));
        told.Parameters.Select(static c => c.Parameter.Name).ShouldBe(["POOL_REVISION", "implementation"]);
        var impact = bench.ImpactOn(told, Alice);
        impact.Source.ShouldBe(ImpactSource.Filed);
        impact.FiledBlock!.Value.ShouldBeLessThan(told.Block.Number);
        impact.Before!.Value.ShouldBeInRange(before!.Value * 999_999u / 1_000_000u, before.Value * 1_000_001u / 1_000_000u);
        told.Lines.ShouldContain(static line => line.Contains("opened again by reading all of it afresh"));
    }

    [Fact]
    public async Task Another_rate_model_moves_nobody_and_that_is_computed()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.SetRateData(fake.Reserves[2], 9_000, 0, 400, 6_000);
        var told = await bench.ToldAsync();
        told.Quiet.ShouldBeTrue();
        var change = told.Parameters.ShouldHaveSingleItem();
        (change.Parameter.Name, change.Parameter.Kind).ShouldBe(("interestRateData", ParameterKind.RateModel));
        told.Impacts.Select(static i => i.Account).ShouldBe([bench.Protocol.AccountOf(Alice), bench.Protocol.AccountOf(Bob)], ignoreOrder: true);
        told.Impacts.ShouldAllBe(static i => i.Source == ImpactSource.Computed && i.Before == i.After && i.After != null);
        told.Lines.ShouldContain(static line => line.EndsWith(", the same by the old parameters"));
    }

    [Fact]
    public async Task A_cap_that_is_taken_away_is_none()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.Reserves[0].SupplyCap = 1_000_000u;
        fake.Pause(fake.Reserves[0], on: false);
        (await bench.ToldAsync()).Lines[0].ShouldBe("WETH supplyCap none -> 1,000,000");
        fake.NextBlock();
        fake.Reserves[0].SupplyCap = 0u;
        fake.Pause(fake.Reserves[0], on: false);
        (await bench.ToldAsync()).Lines[0].ShouldBe("WETH supplyCap 1,000,000 -> none");
    }

    [Fact]
    public async Task Another_price_source_is_critical_for_its_holders()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.SetSource(fake.Reserves[1], FakeAddress.Of(0x55, 9));
        var told = await bench.ToldAsync();
        told.Level.ShouldBe(AlertLevel.Critical);
        var change = told.Parameters.ShouldHaveSingleItem();
        (change.Parameter.Name, change.Parameter.Kind).ShouldBe(("priceSource", ParameterKind.Oracle));
        told.Title.ShouldEndWith($"WBTC priceSource none known -> {FakeAddress.Of(0x55, 9)}");
        told.Impacts.ShouldHaveSingleItem().Account.ShouldBe(bench.Protocol.AccountOf(Bob));
    }

    [Fact]
    public async Task What_only_events_tell_stays_known_when_all_is_read_afresh()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.SetSource(fake.Reserves[1], FakeAddress.Of(0x55, 9));
        await bench.ToldAsync();
        await bench.RepairAsync();
        for (var i = 0; i < 3; i++)
        {
            fake.NextBlock();
            (await bench.TakeAsync()).ShouldNotContain(static t => t.Rule == Rules.Parameters);
        }

        fake.NextBlock();
        fake.SetSource(fake.Reserves[1], FakeAddress.Of(0x55, 10));
        (await bench.ToldAsync()).Title.ShouldEndWith($"WBTC priceSource {FakeAddress.Of(0x55, 9)} -> {FakeAddress.Of(0x55, 10)}");
    }

    [Fact]
    public async Task A_reserve_that_is_listed_is_told_and_touches_nobody()
    {
        var (fake, bench) = await BeginAsync();
        await using var _ = bench;
        fake.NextBlock();
        fake.ListReserve("LINK", 18, 15_00000000UL);
        var told = await bench.ToldAsync();
        (told.Level, told.Quiet, told.Touched).ShouldBe((AlertLevel.Warning, true, 0));
        told.Parameters.ShouldAllBe(static c => c.Before == null && c.Parameter.Subject.Symbol.ToString() == "LINK");
    }

    private static async Task<(FakeAave Fake, MarketBench Bench)> BeginAsync(ulong revision = 10)
    {
        var fake = new FakeAave(revision, 7, isEmpty: true);
        var bench = await MarketBench.CreateAsync(fake, Alice, Bob);
        fake.NextBlock();
        fake.Supply(Alice, fake.Reserves[0], 10_000);
        fake.Borrow(Alice, fake.Reserves[2], 5_000);
        fake.Supply(Bob, fake.Reserves[1], 1_000);
        fake.Borrow(Bob, fake.Reserves[2], 100);
        await bench.TakeAsync();
        fake.NextBlock();
        await bench.TakeAsync();
        return (fake, bench);
    }
}
