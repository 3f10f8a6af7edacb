using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Alerts;
using static DefiMonitor.Tests.Ledger.LedgerSamples;

namespace DefiMonitor.Tests.Ledger;

public sealed class UnknownLegTests
{
    private static readonly MarginReport EthUsdc = Samples.Report(100, Leg.Collateral("WETH", "10", "2000", 8000), Leg.Debt("USDC", "10000", "1"));

    [Fact]
    public void A_rate_that_can_not_be_read_touches_its_asset_and_nothing_else()
    {
        var chain = Chain(EthUsdc, In(Samples.Report(100, Leg.Collateral("wstETH", "1", "2400", 8000)), "prime"));
        var ledger = Build(chain with { Rates = new Dictionary<Address, RateReading> { [Samples.Token("wstETH")] = new(null, "it reverts.") } });
        ledger.Whole.Assets.ShouldBe(Figure.Unknown("wstETH could not be looked through to ETH: it reverts."));
        ledger.Whole.Debts.Value.ShouldBe(10_000);
        Line(ledger.Whole.ByFactor, "ETH").Net.State.ShouldBe(FigureState.Unknown);
        Line(ledger.Whole.ByFactor, "USD").Short.Value.ShouldBe(10_000);
        Line(ledger.Whole.ByAsset, "WETH").Long.Value.ShouldBe(20_000);
        Line(ledger.Whole.ByVenue, "aave-v3/eip155:1/core").Net.Value.ShouldBe(10_000);
        ledger.Whole.NetLeverage.State.ShouldBe(FigureState.Unknown);
    }

    [Fact]
    public void A_missing_price_takes_the_value_and_leaves_how_much_there_is()
    {
        var ledger = LedgerBuilder.Build([Chain(EthUsdc)], Book, DefiMonitor.Core.Assets.MarketData.Empty);
        ledger.Legs.ShouldAllBe(static l => l.Status == LegStatus.Unknown && l.Amount != null);
        Line(ledger.Whole.ByRoot, "ETH").Quantity!.Value.Value.ShouldBe(10);
        Line(ledger.Whole.ByRoot, "ETH").Long.Why.ShouldNotBeNull().ShouldContain("prices");
    }

    [Fact]
    public void An_account_that_can_not_be_read_may_hold_anything_on_either_side()
    {
        var ledger = Build(Chain(EthUsdc, Unread(In(EthUsdc, "prime"))), Elsewhere(Chain(EthUsdc)));
        ledger.Whole.Assets.State.ShouldBe(FigureState.Unknown);
        ledger.Whole.Debts.State.ShouldBe(FigureState.Unknown);
        ledger.Whole.ByFactor.ShouldAllBe(static l => l.Long.Value == null && l.Short.Value == null);
        Line(ledger.Whole.ByFactor, LedgerSums.Any).Net.State.ShouldBe(FigureState.Unknown);

        // The other chain's part stands.
        ledger.Chains[1].Summary.Net.Value.ShouldBe(10_000);
        Line(ledger.Whole.ByChain, "eip155:8453").Net.Value.ShouldBe(10_000);
        Line(ledger.Whole.ByVenue, "aave-v3/eip155:1/core").Net.Value.ShouldBe(10_000);
    }

    [Fact]
    public void What_is_missing_beside_a_verdict_may_be_anything_too()
    {
        var ledger = Build(Chain(EthUsdc with { Missing = ["vault 2: it was not read."] }), Elsewhere(Chain(EthUsdc)));
        ledger.Legs.Count.ShouldBe(5);
        ledger.Whole.Debts.State.ShouldBe(FigureState.Unknown);
        ledger.Whole.Net.Why.ShouldNotBeNull().ShouldEndWith("vault 2: it was not read.");
        ledger.Chains[1].Summary.Net.Value.ShouldBe(10_000);
    }

    [Fact]
    public void An_option_is_never_taken_for_what_it_is_written_on()
    {
        var report = EthUsdc with
        {
            Positions = [EthUsdc.Positions[1], EthUsdc.Positions[0] with { Side = PositionSide.Debt, Symbol = "WETH-3000-C", Option = new OptionTerms(OptionKind.Call, 3_000u, 0, 0u, 0, 2_000u, 0) }],
        };
        var ledger = Build(Chain(report));
        ledger.Legs[1].Status.ShouldBe(LegStatus.Unknown);
        ledger.Legs[1].Amount.ShouldNotBeNull();
        ledger.Whole.Debts.State.ShouldBe(FigureState.Unknown);
        Line(ledger.Whole.ByFactor, "USD").Short.State.ShouldBe(FigureState.Unknown);
    }

    [Fact]
    public void What_moves_by_more_than_its_worth_is_unknown_in_every_figure_that_it_may_touch()
    {
        foreach (var perpetual in new[] { Perpetual("WETH", -100, null), Perpetual("WHAT", -100, 5) })
        {
            var ledger = Build(Chain(EthUsdc, perpetual));
            ledger.Legs[^1].Status.ShouldBe(LegStatus.Unknown);
            ledger.Legs[^1].Why.ShouldNotBeNullOrEmpty();
            Line(ledger.Whole.ByFactor, "ETH").Net.State.ShouldBe(FigureState.Unknown);
            Line(ledger.Whole.ByIssuer, LedgerSums.Any).Net.State.ShouldBe(FigureState.Unknown);
            ledger.Whole.Net.State.ShouldBe(FigureState.Unknown);
            ledger.Greeks.ShouldAllBe(static greeks => greeks.Delta.Value == null);
        }
    }

    [Fact]
    public void A_perpetual_without_a_profit_may_be_owed_as_well()
    {
        var ledger = Build(Chain(EthUsdc, Perpetual("WETH", -100, null)));
        (ledger.Legs[^1].Side, ledger.Legs[^1].Amount, ledger.Legs[^1].VenueValue).ShouldBe((null, null, null));
        ledger.Whole.Assets.State.ShouldBe(FigureState.Unknown);
        ledger.Whole.Debts.State.ShouldBe(FigureState.Unknown);
        Line(ledger.Whole.ByAsset, ledger.Legs[^1].Name!).Short.State.ShouldBe(FigureState.Unknown);
        Line(ledger.Whole.ByChain, "eip155:1").Short.State.ShouldBe(FigureState.Unknown);
        Line(ledger.Whole.ByVenue, "derive-v2/eip155:1/core").Short.State.ShouldBe(FigureState.Unknown);
        Line(ledger.Whole.ByVenue, "aave-v3/eip155:1/core").Short.Value.ShouldBe(10_000);
    }

    [Fact]
    public void A_trigger_that_could_not_be_computed_may_be_the_nearest_and_one_that_can_not_be_pulled_is_none()
    {
        var blind = EthUsdc with { Triggers = [EthUsdc.Triggers[0] with { Active = false, Unknown = "the model is off." }] };
        var nearest = Build(Chain(EthUsdc, In(blind, "other"))).Nearest.ShouldNotBeNull();
        (nearest.Status, nearest.Why).ShouldBe((MarginStatus.Unknown, "the model is off."));
        var barred = EthUsdc with { Triggers = [EthUsdc.Triggers[0] with { Active = false, Unarmed = "nobody has authorised it." }] };
        Build(Chain(barred)).Nearest.ShouldBeNull();
    }

    [Fact]
    public void A_dead_chain_makes_its_part_unknown_and_the_other_stands()
    {
        var dead = new ChainHoldings { Chain = Other, Name = "base", Unreadable = "base does not answer." };
        var ledger = Build(Chain(EthUsdc), dead);
        ledger.Whole.Net.ShouldBe(Figure.Unknown("base does not answer."));
        ledger.Chains[0].Summary.Net.Value.ShouldBe(10_000);
        ledger.Chains[1].Summary.Net.State.ShouldBe(FigureState.Unknown);
        ledger.SkewSeconds.ShouldBeNull();
        ledger.Nearest!.Chain.ShouldBe(Other);
        ledger.Nearest.Status.ShouldBe(MarginStatus.Unknown);
    }

    [Fact]
    public void A_stale_block_keeps_its_legs_and_loses_its_figures()
    {
        var ledger = Build(Chain(EthUsdc) with { Stale = "its newest block is 2 h old." });
        ledger.Legs[0].Status.ShouldBe(LegStatus.Stale);
        ledger.Legs[0].Amount.ShouldBe(10u * UInt256.Pow10(18));
        ledger.Whole.Net.ShouldBe(Figure.Unknown("its newest block is 2 h old."));
        Line(ledger.Whole.ByRoot, "ETH").Quantity!.Value.State.ShouldBe(FigureState.Unknown);
    }

    [Fact]
    public void The_nearest_trigger_is_never_farther_because_an_account_could_not_be_read()
    {
        var near = WithTrigger(Samples.Report(100, Leg.Collateral("WETH", "10", "1300", 8000), Leg.Debt("USDC", "10000", "1")), "core");
        var far = WithTrigger(EthUsdc, "prime");
        Build(Chain(far, near)).Triggers.Select(static t => t.Venue).ShouldBe([near.Account.Deployment.ToString(), far.Account.Deployment.ToString()]);
        var blind = Build(Chain(far, Unread(near)));
        blind.Nearest!.Status.ShouldBe(MarginStatus.Unknown);
        blind.Nearest.Why.ShouldBe("the node did not answer.");
        blind.Triggers[1].Sigmas!.Value.ShouldBeGreaterThan(0);

        // What pulls now is louder than what is not known.
        var active = WithTrigger(Samples.Report(100, Leg.Collateral("WETH", "10", "1000", 8000), Leg.Debt("USDC", "10000", "1")), "etherfi");
        Build(Chain(far, Unread(near), active)).Nearest!.Active.ShouldBeTrue();
    }

    [Fact]
    public void No_figure_of_the_ledger_is_a_health_factor_over_venues()
    {
        typeof(OwnerLedger).GetProperties().Concat(typeof(LedgerSummary).GetProperties()).Concat(typeof(ChainSummary).GetProperties())
            .ShouldAllBe(static p => !p.Name.Contains("Health", StringComparison.OrdinalIgnoreCase));
    }

    private static MarginReport WithTrigger(MarginReport report, string market) => In(report, market) with
    {
        Triggers = [new Trigger { Kind = TriggerKind.Liquidation, Threshold = UInt256.Pow10(18), Active = report.HealthFactor < UInt256.Pow10(18) }],
    };
}
