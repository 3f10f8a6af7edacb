using DefiMonitor.Core.Risk.Derive;
using static DefiMonitor.Tests.Risk.Derive.Books;

namespace DefiMonitor.Tests.Risk.Derive;

/// <summary>Single figures of Derive's own unit tests, derivexyz/v2-core at 7736900d, test/risk-managers/unit-tests.</summary>
public sealed class PublishedMarginTests
{
    [Fact]
    public void A_short_call_at_the_money_is_Test1_of_the_standard_manager()
    {
        // StandardManager/test-cases.json, Test1: one 1500 call short, spot 1500, volatility 104.788 %.
        var option = new OptionLine(true, Wad(1500), Wad(-1), Int128.Parse("1047884494084986240"));
        var expiry = new ExpiryLines(Now + 500_400, 0, Int128.Parse("1500833279310993817600"), 0, Wad(1), [option]);
        var margin = Standard(0, Market(1500, expiry)).Margin(BookMove.None).Value!.Value;
        Near(margin.Maintenance, -191.871585189059952640);
        Near(margin.Initial, -304.371585189059952640);
        Near(margin.MarkToMarket, -79.371585189059936256);
    }

    // StandardManager/test-cases-portfolio.json: whole dollars, cut toward zero. The environment is TestCaseExpiries.t.sol's.
    [Fact]
    public void Spreads_have_relief_up_to_their_greatest_loss_within_one_expiry()
    {
        Whole(Standard(0, Market(2000, Expiry(892_800, 2002.83305, Call(1800, -1), Call(2000, 1)))), -200, -200); // test_short_call_spread_with_MaxLoss
        Whole(Standard(0, Market(2000, Expiry(892_800, 2002.83305, Call(2300, -1), Call(4000, 1)))), -203, -153); // test_short_call_spread_with_iso_margin
        Whole(Standard(0, Market(2000, Expiry(1_497_600, 2004.7545, Put(100, -1)))), -100, -100); // test_short_put_with_0_strike_MaxLoss
        Whole(Standard(0, Market(2000, Expiry(892_800, 2002.83305, Call(1100, -1.01), Call(1200, 1)))), -125, -123); // test_short_call_spread_with_offset
        Whole(Standard(0, Market(2000, Expiry(892_800, 2002.83305, Call(2000, 1)))), 0, 0); // test_long_ATM_call
    }

    [Fact]
    public void A_perpetual_asks_for_a_share_of_its_price_and_pays_what_is_unsettled()
    {
        var perp = new PerpLine(Wad(1), Wad(2001), Wad(1), Wad(-199));
        Whole(Standard(0, Market(2000) with { Perp = perp }), -329, -299); // test_long_OTM_perp
        Whole(Standard(0, Market(2000) with { Perp = perp with { Quantity = Wad(-1), Unsettled = Wad(199) } }), 68, 98); // test_short_ITM_perp
    }

    [Fact]
    public void Low_confidence_weighs_on_the_initial_margin_alone()
    {
        var expiry = Expiry(1_497_600, 2004.7545, Call(2000, -1)) with { Confidence = Wad(0.1) };
        Whole(Standard(0, Market(2000, expiry)), -1109, -239); // test_short_call_low_vol_conf
        Whole(Standard(0, Market(2000) with { Base = Wad(1), SpotConfidence = Wad(0.1) }), 880, 1600); // test_base_asset_low_spot_confidence
    }

    [Fact]
    public void Four_short_calls_over_bitcoin_are_test_15_of_the_portfolio_manager()
    {
        // PMRM_2/portfolio_cases, test_15_risk_cancelling_eth_call_with_btc_collat.
        var option = new OptionLine(true, Wad(3200), Wad(-4), Wad(0.7437518616241603));
        var lines = new ExpiryLines(Now + 794_852, 0, Wad(2682.9997436016715), Wad(0.15), Wad(0.95), [option]);
        var book = PortfolioOf(0, 2681.6029850999994, lines) with
        {
            StablePrice = Wad(1.00019088635),
            Collaterals = [new CollateralLine(Wad(0.4), Wad(95569.65243595604), Wad(1), false, Wad(0.3), Wad(0.05))],
        };
        var margin = book.Margin(BookMove.None).Value!.Value;
        Near(margin.Initial, 23830.914595927952);
        Near(margin.Maintenance, 25946.94743435489);
        Near(margin.MarkToMarket, 38179.50324738048);

        var profits = book.ScenarioProfits(BookMove.None);
        profits[0].ShouldBe(-917.758775181114287989, 1e-9); // spot up 18 %, volatility up: the worst of all
        profits.Min().ShouldBe(profits[0]);
        profits[9].ShouldBe(-361.043207467544846168, 1e-9); // spot four times, dampened
        profits[10].ShouldBe(-13.269022468698018713, 1e-9); // the smile tilted
        profits[11].ShouldBe(-13.269022468698018713, 1e-9); // the wings raised
        profits[^1].ShouldBe(-28.541812239519565, 1e-9); // basis contingency
    }

    [Fact]
    public void A_perpetual_alone_is_test_29_of_the_portfolio_manager()
    {
        // PMRM_2/portfolio_cases, test_29_perps_basic_perp: one long, 10 dollars of funding not settled.
        var book = PortfolioOf(0, 3000) with { StablePrice = Wad(1.00019088635), Perp = new PerpLine(Wad(1), Wad(3100), Wad(1), Wad(10)) };
        var margin = book.Margin(BookMove.None).Value!.Value;
        Near(margin.Initial, -607.9999999999995);
        Near(margin.Maintenance, -481.39999999999964);
        Near(margin.MarkToMarket, 10);
        book.ScenarioProfits(BookMove.None).Min().ShouldBe(-557.9999999999995, 1e-9); // spot down 18 %
    }

    [Fact]
    public void Four_options_of_two_expiries_are_test_57_of_the_portfolio_manager()
    {
        // PMRM_2/portfolio_cases, test_57_forward_cont_forward_cont_2: its own two factors of the basis contingency.
        var near = new ExpiryLines(
            Now + 794_852, 0, Wad(2682.9997436016715), Wad(0.15), Wad(0.95),
            [new OptionLine(false, Wad(4000), Wad(0.01), Wad(0.8795543651099665)), new OptionLine(true, Wad(1000), Wad(-0.6), Wad(1.225482363870083))]);
        var far = new ExpiryLines(
            Now + 18_938_852, 0, Wad(2801.18485249767), Wad(0.29), Wad(0.95),
            [new OptionLine(false, Wad(5000), Wad(0.01), Wad(0.7065777498085652)), new OptionLine(true, Wad(500), Wad(-0.6), Wad(0.9537288427123918))]);
        var book = PortfolioOf(0, 2681.6029850999994, near, far) with
        {
            StablePrice = Wad(1.00019088635),
            Collaterals =
            [
                new CollateralLine(Wad(0.1), Wad(2681.6029850999994), Wad(1), true, Wad(0.015), Wad(0.005)),
                new CollateralLine(Wad(0.1), Wad(95663.50604855), Wad(1), false, Wad(0.25), Wad(0.05)),
                new CollateralLine(Wad(300), Wad(0.99984231175), Wad(1), false, Wad(0.02), Wad(0.03)),
            ],
            Terms = Books.PortfolioTerms with { BasisContAddFactor = Wad(4), BasisContMultFactor = Wad(5) },
        };
        var margin = book.Margin(BookMove.None).Value!.Value;
        Near(margin.Initial, 4314.521663887444);
        Near(margin.Maintenance, 4965.05082116883);
        Near(margin.MarkToMarket, 7997.973985405995);
        book.ScenarioProfits(BookMove.None)[^1].ShouldBe(-751.997756717363, 1e-9); // basis contingency
    }

    private static void Near(double actual, double published) => actual.ShouldBe(published, 1e-12 * Math.Abs(published));

    // A whole dollar may be hit exactly, which no double does.
    private static void Whole(StandardBook book, int initial, int maintenance)
    {
        var margin = book.Margin(BookMove.None).Value!.Value;
        Math.Truncate(margin.Initial + (Math.Sign(margin.Initial) * 1e-9)).ShouldBe(initial);
        Math.Truncate(margin.Maintenance + (Math.Sign(margin.Maintenance) * 1e-9)).ShouldBe(maintenance);
    }
}
