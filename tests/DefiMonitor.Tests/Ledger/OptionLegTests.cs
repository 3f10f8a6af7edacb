using System.Globalization;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Options;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Tests.Alerts;
using static DefiMonitor.Tests.Ledger.LedgerSamples;

namespace DefiMonitor.Tests.Ledger;

/// <summary>Options beside loans: a value where the venue tells one, delta and the other Greeks in one place with what is lent and owed.</summary>
public sealed class OptionLegTests
{
    private const double Close = 1e-9;

    private static readonly MarginReport Loan = Samples.Report(100, Leg.Collateral("WETH", "10", "2000", 8000), Leg.Debt("USDC", "10000", "1"));
    private static readonly MarginReport Short = Options((OptionKind.Call, PositionSide.Debt, 2_200, 4, 100));

    [Fact]
    public void A_short_is_owed_at_its_mark_and_takes_its_delta_from_the_collateral()
    {
        var ledger = Build(Chain(Loan, Short));
        var leg = ledger.Legs[^1];
        leg.Status.ShouldBe(LegStatus.Known, leg.Why);
        (leg.Side, leg.Value, leg.Root, leg.Factor, leg.Amount).ShouldBe((LedgerSide.Debt, 400, "ETH", "ETH", 4u * UInt256.Pow10(18)));
        leg.Option!.Tag.ShouldBe(ResultTag.Model);
        leg.Option.AtMost.ShouldBeNull();

        var call = Sensitivities.OfSpot(OptionSide.Call, 2_000, 2_200, 0.8, 30.0 / 365, 0);
        call.TryGet(out var one).ShouldBeTrue();
        leg.Option.Delta!.Value.ShouldBe(-4 * one.Delta, Close);
        ledger.Whole.Debts.Value!.Value.ShouldBe(10_400, Close);
        ledger.Whole.Net.Value!.Value.ShouldBe(9_600, Close);

        var greeks = ledger.Greeks.Single(static g => g.Root == "ETH");
        greeks.Tag.ShouldBe(ResultTag.Model);
        greeks.Delta.Value!.Value.ShouldBe(10 - (4 * one.Delta), Close);
        greeks.OptionDelta.Value!.Value.ShouldBe(-4 * one.Delta, Close);
        greeks.Gamma.Value!.Value.ShouldBe(-4 * one.Gamma, Close);
        greeks.VegaPoint.Value!.Value.ShouldBe(-4 * one.Vega / 100, Close);
        greeks.ThetaDay.Value!.Value.ShouldBe(-4 * one.Theta / 365, Close);
        greeks.Expiries.ShouldHaveSingleItem().Delta.ShouldBe(greeks.OptionDelta);
        Line(ledger.Whole.ByFactor, "ETH").Net.Value!.Value.ShouldBe(greeks.Delta.Value!.Value * 2_000, 1e-6);
    }

    [Fact]
    public void Options_of_two_expiries_are_one_sum_a_root_and_two_by_expiry_the_nearest_first()
    {
        var later = Options((OptionKind.Put, PositionSide.Debt, 1_800, 3, 50), (OptionKind.Call, PositionSide.Collateral, 2_400, 1, 30));
        later = later with { Positions = [.. later.Positions.Select(static p => p with { Option = p.Option! with { Expiry = p.Option.Expiry + 2_592_000 } })] };
        var ledger = Build(Chain(later, Short));
        var greeks = ledger.Greeks.Single(static g => g.Root == "ETH");
        var near = Short.Positions[0].Option!.Expiry;
        greeks.Expiries.Select(static e => e.Expiry).ShouldBe([near, near + 2_592_000]);
        var options = ledger.Legs.Select(static l => l.Option!).ToLookup(static o => o.Expiry);
        foreach (var bucket in greeks.Expiries)
        {
            bucket.Delta.Value!.Value.ShouldBe(options[bucket.Expiry].Sum(static o => o.Delta!.Value), Close);
            bucket.Gamma.Value!.Value.ShouldBe(options[bucket.Expiry].Sum(static o => o.Gamma!.Value), Close);
            bucket.VegaPoint.Value!.Value.ShouldBe(options[bucket.Expiry].Sum(static o => o.VegaPoint!.Value), Close);
            bucket.ThetaDay.Value!.Value.ShouldBe(options[bucket.Expiry].Sum(static o => o.ThetaDay!.Value), Close);
        }

        greeks.Expiries[0].Delta.Value.ShouldNotBe(greeks.Expiries[1].Delta.Value);
        greeks.OptionDelta.Value!.Value.ShouldBe(greeks.Expiries.Sum(static e => e.Delta.Value!.Value), Close);
        greeks.Gamma.Value!.Value.ShouldBe(greeks.Expiries.Sum(static e => e.Gamma.Value!.Value), Close);
    }

    [Fact]
    public void The_line_for_a_person_has_what_all_of_it_moves_by_and_of_a_root_without_options_none()
    {
        Lines(Loan).ShouldBeEmpty();
        string Said(double figure, string format) => figure.ToString(format, CultureInfo.InvariantCulture);
        var greeks = Build(Chain(Loan, Short)).Greeks.Single(static g => g.Root == "ETH");
        Lines(Loan, Short).ShouldBe(
        [
            $"  greeks      ETH (estimates): delta {Said(greeks.Delta.Value!.Value, "0.####")} of which options {Said(greeks.OptionDelta.Value!.Value, "0.####")}, gamma {Said(greeks.Gamma.Value!.Value, "0.####")}, "
            + $"vega {Said(greeks.VegaPoint.Value!.Value, "N2")} USD a point, theta {Said(greeks.ThetaDay.Value!.Value, "N2")} USD a day",
        ]);
        Lines(Loan, Short, Unread(Short)).ShouldBe(["  greeks      ETH (estimates): delta UNKNOWN of which options UNKNOWN, gamma UNKNOWN, vega UNKNOWN a point, theta UNKNOWN a day"]);

        static List<string> Lines(params MarginReport[] reports) =>
        [
            .. LedgerText.Lines(new OwnerSettings { Name = "me", Addresses = [Owner] }, new OwnerReading([], Build(Chain(reports))), [], []).Where(static line => line.StartsWith("  greeks", StringComparison.Ordinal)),
        ];
    }

    [Fact]
    public void What_is_written_adds_to_what_hangs_on_its_root_far_beyond_its_premium()
    {
        var without = Build(Chain(Loan)).Whole;
        var with = Build(Chain(Loan, Options((OptionKind.Put, PositionSide.Debt, 2_000, 10, 1)))).Whole;
        (with.GrossExposure.Value!.Value - without.GrossExposure.Value!.Value).ShouldBeGreaterThan(5_000);
        with.NetLeverage.Value!.Value.ShouldBeGreaterThan(without.NetLeverage.Value!.Value);
    }

    [Fact]
    public void What_is_paid_for_can_lose_its_premium_and_nothing_more()
    {
        var leg = Build(Chain(Options((OptionKind.Put, PositionSide.Collateral, 1_800, 2, 50)))).Legs.ShouldHaveSingleItem();
        (leg.Side, leg.Value).ShouldBe((LedgerSide.Collateral, 100));
        leg.Option!.AtMost.ShouldBe("no liquidation, at most the premium");
        leg.Option.Delta!.Value.ShouldBeLessThan(0);
    }

    [Fact]
    public void Greeks_are_those_of_the_root_through_a_wrapper_and_in_dollars_whatever_the_mark_is_paid_in()
    {
        // On wstETH at 1.2 ether, marked in DAI: half the delta in wstETH is 0.6 in ether.
        var option = Short.Positions[0];
        var wrapped = Short with
        {
            Positions = [option with { Asset = Samples.Token("wstETH"), Option = option.Option! with { Mark = new OptionMark("wstETH", Samples.Token("DAI"), "DAI") } }],
        };
        var plain = Build(Chain(Short)).Legs[0].Option!;
        var leg = Build(Chain(wrapped)).Legs[0];
        leg.Through.ShouldHaveSingleItem().To.ShouldBe("ETH");
        leg.Option!.Delta!.Value.ShouldBe(plain.Delta!.Value * 1.2, Close);
        leg.Option.Gamma!.Value.ShouldBe(plain.Gamma!.Value * 1.44, Close);
        leg.Option.QuoteRoot.ShouldBe("DAI");
    }

    [Fact]
    public void Without_a_mark_a_price_or_a_volatility_it_is_unknown_and_so_is_all_that_it_may_touch()
    {
        var option = Short.Positions[0];
        MarginReport[] lost =
        [
            Unmarked(Short),
            Short with { Positions = [option with { Option = option.Option! with { Volatility = 0u } }] },
            Short with { Positions = [option with { Asset = Samples.Token("WHAT"), Option = option.Option! with { Mark = new OptionMark("WHAT", Samples.Token("USDC"), "USDC") } }] },
            Short with { Positions = [option with { Option = option.Option! with { Mark = new OptionMark("WETH", Samples.Token("WHY"), "WHY") } }] },
        ];
        foreach (var report in lost)
        {
            var ledger = Build(Chain(Loan, report));
            ledger.Legs[^1].Status.ShouldBe(LegStatus.Unknown);
            ledger.Legs[^1].Value.ShouldBeNull();
            ledger.Whole.Debts.State.ShouldBe(FigureState.Unknown);
            ledger.Whole.Assets.Value.ShouldBe(20_000);
            ledger.Greeks.ShouldAllBe(static g => g.Delta.Value == null && g.OptionDelta.Value == null && g.Gamma.Value == null);
        }
    }

    [Fact]
    public void After_its_expiry_it_moves_with_nothing()
    {
        var option = Short.Positions[0];
        var report = Short with { Positions = [option with { Option = option.Option! with { Expiry = Short.At.Seconds } }] };
        var leg = Build(Chain(report)).Legs[0];
        (leg.Status, leg.Value, leg.Option!.Delta).ShouldBe((LegStatus.Known, 400, 0));
    }
}
