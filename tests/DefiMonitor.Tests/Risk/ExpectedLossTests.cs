using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.Tests.Risk;

public sealed class ExpectedLossTests
{
    [Fact]
    public void It_is_the_mean_of_what_a_days_lognormal_move_leaves_uncovered()
    {
        // Collateral 1,000 against a debt of 950, 5 % a day, by the midpoint rule over the density.
        var loss = ExpectedLoss.Of(Report(1_000, 950), new Profiles()).ShouldNotBeNull();
        const double sigma = 0.05;
        var mean = 0.0;
        const int steps = 200_000;
        for (var i = 0; i < steps; i++)
        {
            var z = -10 + (20 * (i + 0.5) / steps);
            var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
            mean += Math.Max(0, 950 - (1_000 * Math.Exp((sigma * z) - (sigma * sigma / 2)))) * density * 20 / steps;
        }

        loss.ShouldBe(mean, mean * 1e-6);
    }

    [Fact]
    public void It_grows_with_debt_is_at_least_what_is_lost_already_and_nothing_without_debt()
    {
        var last = 0.0;
        for (ulong debt = 100; debt <= 3_000; debt += 100)
        {
            var loss = ExpectedLoss.Of(Report(1_000, debt), new Profiles()).ShouldNotBeNull();
            loss.ShouldBeGreaterThanOrEqualTo(Math.Max(last, debt - 1_000.0));
            loss.ShouldBeLessThanOrEqualTo(debt);
            last = loss;
        }

        ExpectedLoss.Of(Report(1_000, 0), new Profiles()).ShouldBe(0);
        ExpectedLoss.Of(Report(1_000, 500) with { Status = MarginStatus.Unknown }, new Profiles()).ShouldBeNull();
    }

    private static MarginReport Report(ulong collateral, ulong debt)
    {
        var unit = UInt256.Pow10(8);
        var deployment = new DeploymentId("aave-v3", new ChainId(1), "test");
        return new MarginReport
        {
            Account = new MarginAccountId(deployment, "0x00"),
            Block = new BlockHeader(1, Keccak256.HashUtf8("a"), Keccak256.HashUtf8("b"), 1),
            At = new Instant(1),
            Status = MarginStatus.Healthy,
            CollateralValue = collateral * unit,
            DebtValue = debt * unit,
            HealthFactor = debt == 0 ? null : FixedPoint.Wad * collateral * 8u / 10u / debt,
            NearestThreshold = FixedPoint.Wad,
            Positions =
            [
                Leg(PositionSide.Collateral, "WETH", collateral * unit),
                Leg(PositionSide.Debt, "USDC", debt * unit),
            ],
        };
    }

    private static Position Leg(PositionSide side, string symbol, UInt256 value) => new()
    {
        Side = side,
        Asset = side == PositionSide.Debt ? Address.Parse("0x0000000000000000000000000000000000000001") : Address.Parse("0x0000000000000000000000000000000000000002"),
        Symbol = symbol,
        Decimals = 18,
        Amount = value,
        Shares = value,
        Price = UInt256.Pow10(8),
        Value = value,
        ThresholdBps = side == PositionSide.Debt ? 0u : 8_000u,
    };

    private sealed class Profiles : IAssetProfiles
    {
        public string Text => "";

        public AssetProfile Of(ChainId chain, Address token, string symbol) => symbol == "USDC" ? new("USD", 0, 0, false) : new("ETH", 0.05, 0, false);

        public double Correlation(string factor, string other) => 0;
    }
}
