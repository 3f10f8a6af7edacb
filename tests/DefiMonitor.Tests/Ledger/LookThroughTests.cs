using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Alerts;
using static DefiMonitor.Tests.Ledger.LedgerSamples;

namespace DefiMonitor.Tests.Ledger;

public sealed class LookThroughTests
{
    private const double Close = 1e-6;

    [Fact]
    public void A_wrapper_counts_as_what_is_inside_at_the_rate_of_its_own_block()
    {
        // The venue prices wstETH at 2,500; the ledger has 1.2 ether at 2,000 in it.
        var ledger = Build(Chain(Samples.Report(100, Leg.Collateral("wstETH", "10", "2500", 8000), Leg.Debt("USDC", "9000", "1"))));
        var leg = ledger.Legs[0];
        leg.Root.ShouldBe("ETH");
        leg.RootQuantity!.Value.ShouldBe(12, Close);
        leg.Value!.Value.ShouldBe(24_000, Close);
        leg.VenueValue.ShouldBe(25_000u * UInt256.Pow10(8));
        leg.Through.ShouldHaveSingleItem().ShouldBe(new LookThrough("wstETH", "ETH", OnePointTwo, 18, Samples.Token("wstETH"), "stEthPerToken()"));
        leg.Block.ShouldBe(Samples.Block(100).Ref);
        leg.AgeSeconds.ShouldBe(5);
        ledger.Whole.Assets.Value!.Value.ShouldBe(24_000, Close);
        ledger.Whole.Debts.Value!.Value.ShouldBe(9_000, Close);
        ledger.Whole.Net.Value!.Value.ShouldBe(15_000, Close);
        ledger.Whole.GrossLeverage.Value!.Value.ShouldBe(1.6, Close);
        ledger.Whole.NetLeverage.Value!.Value.ShouldBe(1.6, Close);
    }

    [Fact]
    public void Wrappers_of_wrappers_are_looked_through_to_the_root()
    {
        var ledger = Build(Chain() with { Wallet = [Held("vault", 1)] });
        var leg = ledger.Legs.ShouldHaveSingleItem();
        leg.Through.Select(static t => $"{t.From}>{t.To}").ShouldBe(["vault>wstETH", "wstETH>ETH"]);
        leg.RootQuantity!.Value.ShouldBe(2.4, Close);
        leg.Issuers.ShouldBe(["Vaults", "Lido"]);
    }

    [Fact]
    public void A_loop_in_one_factor_is_large_in_gross_and_small_in_net()
    {
        var ledger = Build(Chain(Samples.Report(100, Leg.Collateral("wstETH", "10", "2400", 9300), Leg.Debt("WETH", "10", "2000"))));
        ledger.Whole.Net.Value!.Value.ShouldBe(4_000, Close);
        ledger.Whole.GrossLeverage.Value!.Value.ShouldBe(11, Close);
        ledger.Whole.NetLeverage.Value!.Value.ShouldBe(1, Close);
        Line(ledger.Whole.ByRoot, "ETH").Quantity!.Value.Value!.Value.ShouldBe(2, Close);
    }

    [Fact]
    public void Legs_of_several_venues_and_chains_meet_in_one_factor_and_one_price()
    {
        var here = Chain(Samples.Report(100, Leg.Collateral("WETH", "10", "2010", 8000), Leg.Debt("USDC", "10000", "1"))) with { Wallet = [Held("ETH", 1), Held("USDC", 500)] };
        var ledger = Build(here, Elsewhere(Chain(Samples.Report(100, Leg.Collateral("DAI", "8000", "1", 8000), Leg.Debt("WETH", "3", "1990"))), secondsOlder: 7));
        var eth = Line(ledger.Whole.ByFactor, "ETH");
        eth.Long.Value!.Value.ShouldBe(22_000, Close);
        eth.Short.Value!.Value.ShouldBe(6_000, Close);
        ledger.SkewSeconds.ShouldBe(7ul);
        ledger.Chains.Select(static c => c.SkewSeconds).ShouldBe([0ul, 7ul]);
        Line(ledger.Whole.ByChain, "eip155:8453").Net.Value!.Value.ShouldBe(2_000, Close);
        Line(ledger.Whole.ByVenue, "eip155:1/wallet").Long.Value!.Value.ShouldBe(2_500, Close);
        Line(ledger.Whole.ByIssuer, "Circle").Short.Value!.Value.ShouldBe(10_000, Close);
        ledger.Whole.Net.Value!.Value.ShouldBe(22_500 + 8_000 - 10_000 - 6_000, Close);
    }

    [Fact]
    public void What_a_venue_gives_out_for_a_supply_is_worth_one_of_what_was_supplied()
    {
        var receipt = Address.Parse("0x00000000000000000000000000000000000000a7");
        var held = new WalletBalance(Owner, receipt, "aWstETH", 18, UInt256.Pow10(18));
        var leg = Build(Chain() with { Receipts = new Dictionary<Address, Address> { [receipt] = Samples.Token("wstETH") }, Wallet = [held] }).Legs.ShouldHaveSingleItem();
        leg.Name.ShouldBe("aWstETH");
        leg.Through.Select(static t => $"{t.From}>{t.To}").ShouldBe(["aWstETH>wstETH", "wstETH>ETH"]);
        leg.RootQuantity!.Value.ShouldBe(1.2, Close);
    }

    [Fact]
    public void Leverage_has_no_meaning_where_nothing_is_left()
    {
        var ledger = Build(Chain(Samples.Report(100, Leg.Collateral("WETH", "1", "2000", 8000), Leg.Debt("USDC", "3000", "1"))));
        ledger.Whole.Net.Value!.Value.ShouldBe(-1000, Close);
        ledger.Whole.GrossLeverage.State.ShouldBe(FigureState.Undefined);
        ledger.Whole.NetLeverage.Why.ShouldNotBeNull();
    }
}
