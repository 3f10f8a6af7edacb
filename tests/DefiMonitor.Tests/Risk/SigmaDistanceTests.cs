using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.Alerts;

namespace DefiMonitor.Tests.Risk;

public sealed class SigmaDistanceTests
{
    private const double Close = 1e-9;

    private static readonly AssetCatalog Plain = Samples.Catalog("""
        {
          "factors": [ { "name": "ETH", "dailyVolatility": 0.05 }, { "name": "BTC", "dailyVolatility": 0.04 }, { "name": "USD", "dailyVolatility": 0 } ],
          "correlations": [ { "factors": ["BTC", "ETH"], "value": 0.8 } ],
          "tokens": [
            { "symbols": ["WETH"], "factor": "ETH", "basisDailyVolatility": 0 },
            { "symbols": ["wstETH"], "factor": "ETH", "basisDailyVolatility": 0.002 },
            { "symbols": ["WBTC"], "factor": "BTC", "basisDailyVolatility": 0 },
            { "symbols": ["USDC", "DAI"], "factor": "USD", "basisDailyVolatility": 0 }
          ]
        }
        """);

    [Fact]
    public void One_token_against_dollars_is_the_logarithm_of_the_health_factor_over_its_volatility()
    {
        var distance = Of(Plain, Leg.Collateral("WETH", "10", "1375", 8000), Leg.Debt("USDC", "10000", "1"));
        distance.DailySigma.ShouldBe(0.05, Close);
        distance.LogSlack.ShouldBe(Math.Log(1.1), Close);
        distance.Sigmas.ShouldBe(Math.Log(1.1) / 0.05, Close);
        distance.Tag.ShouldBe(ResultTag.Model);
        distance.Assumed.ShouldBeFalse();
    }

    [Theory]
    [InlineData("1250", 0)]
    [InlineData("1251", SigmaDistance.FarAway)]
    public void Where_no_price_has_an_edge_the_threshold_itself_is_one_and_all_else_is_far(string price, double sigmas)
    {
        var report = Samples.Report(100, Leg.Collateral("WETH", "10", price, 8000), Leg.Debt("USDC", "10000", "1")) with { NearEdges = [], NearestThreshold = FixedPoint.Wad };
        report.IsBelowEdge.ShouldBeFalse();
        SigmaDistance.Of(report, Plain).ShouldNotBeNull().Sigmas.ShouldBe(sigmas);
    }

    [Fact]
    public void Only_the_basis_is_left_where_collateral_and_debt_hang_on_one_root()
    {
        var distance = Of(Plain, Leg.Collateral("wstETH", "10", "2000", 9300), Leg.Debt("WETH", "9", "2000"));
        distance.DailySigma.ShouldBe(0.002, Close);
    }

    [Fact]
    public void A_hedge_counts_for_as_much_as_its_correlation()
    {
        var distance = Of(Plain, Leg.Collateral("WETH", "10", "2000", 8000), Leg.Debt("WBTC", "0.1", "60000"));
        distance.DailySigma.ShouldBe(Math.Sqrt(0.0025 + 0.0016 - (2 * 0.8 * 0.05 * 0.04)), Close);
    }

    [Fact]
    public void Shares_of_the_mix_go_by_threshold_weighted_collateral_and_by_debt()
    {
        // ETH weighs 8,000 of 12,000, BTC 4,000; the debt is half ETH, half dollars.
        var distance = Of(
            Plain,
            Leg.Collateral("WETH", "5", "2000", 8000),
            Leg.Collateral("WBTC", "0.1", "80000", 5000),
            Leg.Debt("WETH", "2", "2000"),
            Leg.Debt("USDC", "4000", "1"));
        var eth = (2.0 / 3 * 0.05) - (0.5 * 0.05);
        var btc = 1.0 / 3 * 0.04;
        distance.DailySigma.ShouldBe(Math.Sqrt((eth * eth) + (btc * btc) + (2 * 0.8 * eth * btc)), Close);
    }

    [Fact]
    public void What_is_not_used_as_collateral_does_not_count()
    {
        var with = Of(Plain, Leg.Collateral("WETH", "10", "1375", 8000), Leg.Collateral("WBTC", "9", "60000", 0, counts: false), Leg.Debt("USDC", "10000", "1"));
        with.DailySigma.ShouldBe(0.05, Close);
    }

    [Fact]
    public void Legs_that_cancel_out_keep_a_small_sigma()
    {
        var distance = Of(Plain, Leg.Collateral("WETH", "10", "2000", 9300), Leg.Debt("WETH", "9", "2000"));
        distance.DailySigma.ShouldBe(SigmaDistance.FloorSigma);
        double.IsFinite(distance.Sigmas).ShouldBeTrue();
    }

    [Fact]
    public void A_token_in_no_file_moves_as_the_cautious_default_says_and_is_marked()
    {
        var distance = Of(Plain, Leg.Collateral("WHAT", "10", "1375", 8000), Leg.Debt("USDC", "10000", "1"));
        distance.Assumed.ShouldBeTrue();
        distance.DailySigma.ShouldBe(0.08, Close);
    }

    [Fact]
    public void Two_unknown_tokens_are_no_hedge()
    {
        var distance = Of(Plain, Leg.Collateral("WHAT", "10", "1375", 8000), Leg.Debt("WHY", "10", "1000"));
        distance.DailySigma.ShouldBe(0.08 * Math.Sqrt(2), Close);
    }

    [Theory]
    [InlineData("1249", MarginStatus.Liquidatable)]
    [InlineData("1250", MarginStatus.Healthy)]
    public void At_the_edge_and_below_it_nothing_is_left(string price, MarginStatus status)
    {
        var report = Samples.EthUsdc(price);
        report.Status.ShouldBe(status);
        var distance = SigmaDistance.Of(report, Plain).ShouldNotBeNull();
        distance.Sigmas.ShouldBe(0);
        distance.LogSlack.ShouldBe(0);
    }

    [Fact]
    public void No_debt_and_unknown_have_no_distance()
    {
        SigmaDistance.Of(Samples.Report(1, Leg.Collateral("WETH", "10", "2000", 8000)), Plain).ShouldBeNull();
        SigmaDistance.Of(Samples.Unknown(1), Plain).ShouldBeNull();
    }

    [Fact]
    public void The_first_trigger_on_the_way_down_is_the_nearest()
    {
        var report = Samples.EthUsdc("2000");
        var early = new Trigger { Kind = TriggerKind.PreLiquidation, Threshold = FixedPoint.Wad * 11u / 10u, Active = false };
        var late = new Trigger { Kind = TriggerKind.BadDebt, Threshold = FixedPoint.Wad * 2u, Active = false };
        var distance = SigmaDistance.Of(report with { Triggers = [.. report.Triggers, early, late] }, Plain).ShouldNotBeNull();
        distance.LogSlack.ShouldBe(Math.Log(1.6 / 1.1), Close);
    }

    [Fact]
    public void A_loop_of_staked_ether_is_left_in_peace_at_a_health_factor_of_1_03()
    {
        // 93 % threshold in e-mode; 1.03 = 0.93 * C / D.
        var distance = Of(Samples.Shipped, Leg.Collateral("wstETH", "103", "2000", 9300), Leg.Debt("WETH", "93", "2000"));
        distance.Sigmas.ShouldBeGreaterThan(RuleBook.Default.Levels[0].Sigmas!.Value * RuleBook.Default.Hysteresis);
    }

    [Theory]
    [InlineData("1500", AlertLevel.None)]
    [InlineData("1430", AlertLevel.Warning)]
    [InlineData("1370", AlertLevel.Danger)]
    [InlineData("1300", AlertLevel.Critical)]
    [InlineData("1249", AlertLevel.Liquidatable)]
    public void An_ether_borrower_is_warned_early_by_the_shipped_files(string price, AlertLevel level)
    {
        var report = Samples.EthUsdc(price);
        Levels.Open(RuleBook.Default.Levels, report, SigmaDistance.Of(report, Samples.Shipped)).ShouldBe(level);
    }

    [Fact]
    public void A_lower_price_of_the_collateral_is_never_farther_from_the_edge()
    {
        var last = 0.0;
        for (var price = 1250; price < 4000; price += 7)
        {
            var distance = SigmaDistance.Of(Samples.EthUsdc(price.ToString(System.Globalization.CultureInfo.InvariantCulture)), Samples.Shipped).ShouldNotBeNull();
            distance.Sigmas.ShouldBeGreaterThanOrEqualTo(last);
            last = distance.Sigmas;
        }
    }

    private static DistanceEstimate Of(AssetCatalog catalog, params Leg[] legs) => SigmaDistance.Of(Samples.Report(100, legs), catalog).ShouldNotBeNull();
}
