using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Alerts;
using static DefiMonitor.Tests.Ledger.LedgerSamples;

namespace DefiMonitor.Tests.Ledger;

/// <summary>Perpetuals beside loans: worth what they have earned, and moving by all of their size.</summary>
public sealed class PerpetualLegTests
{
    private const double Close = 1e-9;

    private static readonly MarginReport Loan = Samples.Report(100, Leg.Collateral("WETH", "10", "2000", 8000), Leg.Debt("USDC", "10000", "1"));

    [Theory]
    [InlineData(-4, 300)]
    [InlineData(-4, -300)]
    [InlineData(4, 300)]
    [InlineData(4, -300)]
    [InlineData(4, 0)]
    public void The_profit_counts_as_worth_and_the_size_as_delta(int size, int profit)
    {
        var before = Build(Chain(Loan));
        var ledger = Build(Chain(Loan, Perpetual("WETH", size, profit)));
        var leg = ledger.Legs[^1];
        leg.Status.ShouldBe(LegStatus.Known, leg.Why);
        (leg.Side, leg.Value, leg.Root, leg.Factor).ShouldBe((profit < 0 ? LedgerSide.Debt : LedgerSide.Collateral, Math.Abs(profit), "ETH", "ETH"));
        var terms = leg.Perpetual.ShouldNotBeNull();
        (terms.Delta, terms.DeltaValue, terms.QuoteRoot, terms.QuotePrice, terms.IsLong, terms.Tag).ShouldBe((size, size * 2_000.0, "USDC", 1.0, size > 0, ResultTag.Model));

        (ledger.Whole.Net.Value!.Value - before.Whole.Net.Value!.Value).ShouldBe(profit, Close);
        (ledger.Whole.Assets.Value!.Value - before.Whole.Assets.Value!.Value).ShouldBe(Math.Max(0, profit), Close);
        Line(ledger.Whole.ByRoot, "ETH").Quantity!.Value.Value!.Value.ShouldBe(10 + size, Close);
        Line(ledger.Whole.ByFactor, "ETH").Net.Value!.Value.ShouldBe((10 + size) * 2_000, Close);
        Line(ledger.Whole.ByFactor, "USD").Net.Value!.Value.ShouldBe(-10_000 + profit - (size * 2_000), Close);
        (ledger.Whole.GrossExposure.Value!.Value - before.Whole.GrossExposure.Value!.Value).ShouldBe(Math.Abs(size) * 2_000, Close);

        var greeks = ledger.Greeks.Single(static g => g.Root == "ETH");
        greeks.Delta.Value!.Value.ShouldBe(10 + size, Close);
        greeks.OptionDelta.Value.ShouldBe(0);
        greeks.Gamma.Value.ShouldBe(0);
        greeks.Expiries.ShouldBeEmpty();
    }

    [Fact]
    public void It_is_delta_of_the_root_through_a_wrapper()
    {
        var leg = Build(Chain(Perpetual("wstETH", -5, 10))).Legs.ShouldHaveSingleItem();
        (leg.Root, leg.Through.Single().To).ShouldBe(("ETH", "ETH"));
        leg.Perpetual!.Delta!.Value.ShouldBe(-6, Close);
        leg.Issuers.ShouldBe(["Lido", "Circle"], ignoreOrder: true);
    }
}
