using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Alerts;

namespace DefiMonitor.Tests.Ledger;

public sealed class AccountChangeTests
{
    private static readonly MarginReport Before = Samples.Report(100, Leg.Collateral("WETH", "10", "2000", 8000), Leg.Debt("USDC", "10000", "1"));
    private static readonly MarginReport Partly = Before with { Positions = [Before.Positions[0]], Missing = ["vault 2: it was not read."] };

    [Fact]
    public void Legs_that_moved_came_or_went_are_told_with_both_amounts()
    {
        var now = Samples.Report(110, Leg.Collateral("WETH", "10", "1900", 8000), Leg.Collateral("WBTC", "1", "40000", 7000), Leg.Debt("DAI", "5", "1"));
        var change = AccountChange.Of(Before, now);
        change.Since.ShouldBe(Samples.Block(100).Ref);
        change.SinceSecond.ShouldBe(Samples.Block(100).Timestamp);
        change.HealthBefore.ShouldBe(Before.HealthFactor);
        change.HealthNow.ShouldBe(now.HealthFactor);
        change.Why.ShouldBeNull();
        change.Legs.Select(static l => (l.Side, l.Symbol, l.Before, l.Now)).ShouldBe(
        [
            (PositionSide.Collateral, "WBTC", UInt256.Zero, UInt256.Pow10(8)),
            (PositionSide.Debt, "DAI", UInt256.Zero, 5u * UInt256.Pow10(18)),
            (PositionSide.Debt, "USDC", 10_000u * UInt256.Pow10(6), UInt256.Zero),
        ]);
    }

    [Fact]
    public void Options_on_one_token_and_perpetuals_paid_in_one_are_told_apart_from_each_other_and_from_the_token()
    {
        var before = Of(1, 300, 7);
        Of(1, 300, 7).Positions.Count.ShouldBe(6);
        AccountChange.Of(before, Of(1, 300, 7)).Legs.ShouldBeEmpty();
        AccountChange.Of(before, Of(3, 400, 8)).Legs.Select(static l => (l.Symbol, l.Before, l.Now)).ShouldBe(
        [
            ("WETH 3000 Call", UInt256.Pow10(18), 3u * UInt256.Pow10(18)),
            ("USDC from 5 wstETH perpetual", 300u * UInt256.Pow10(18), 400u * UInt256.Pow10(18)),
            ("USDC", 7u * UInt256.Pow10(6), 8u * UInt256.Pow10(6)),
        ]);

        static MarginReport Of(ulong calls, long profit, ulong cash)
        {
            var options = LedgerSamples.Options(
                (OptionKind.Call, PositionSide.Collateral, 2_000, 2, 50), (OptionKind.Put, PositionSide.Collateral, 3_000, 2, 90), (OptionKind.Call, PositionSide.Collateral, 3_000, calls, 10));
            return options with
            {
                Positions =
                [
                    .. options.Positions,
                    .. LedgerSamples.Perpetual("WETH", 4, 100).Positions,
                    .. LedgerSamples.Perpetual("wstETH", 5, profit).Positions,
                    Samples.Report(100, Leg.Collateral("USDC", cash.ToString(System.Globalization.CultureInfo.InvariantCulture), "1", 8000)).Positions[0],
                ],
            };
        }
    }

    [Theory]
    [InlineData(300, null)]
    [InlineData(-300, null)]
    [InlineData(null, 300)]
    public void A_perpetual_of_which_no_profit_is_told_has_not_moved(int? before, int? now)
    {
        AccountChange.Of(LedgerSamples.Perpetual("WETH", 4, before), LedgerSamples.Perpetual("WETH", 4, now)).Legs.ShouldBeEmpty();
        AccountChange.Of(LedgerSamples.Perpetual("WETH", 4, 100), LedgerSamples.Perpetual("WETH", 4, before ?? now)).Legs.ShouldNotBeEmpty();
    }

    [Fact]
    public void Nothing_is_compared_with_what_could_not_be_read()
    {
        foreach (var (before, now) in ((MarginReport, MarginReport)[])[(Before, Samples.Unknown(110)), (Samples.Unknown(90), Before), (Before, Partly), (Partly, Before)])
        {
            var change = AccountChange.Of(before, now);
            change.Legs.ShouldBeEmpty();
            change.Why.ShouldNotBeNull();
        }
    }

    [Fact]
    public void Two_accounts_are_not_compared()
    {
        Should.Throw<ArgumentException>(() => AccountChange.Of(Before, LedgerSamples.In(Before, "prime")));
    }
}
