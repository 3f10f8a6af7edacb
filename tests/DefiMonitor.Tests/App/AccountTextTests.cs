using DefiMonitor.App.Reading;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.App;

public sealed class AccountTextTests
{
    private static readonly Address Weth = Address.Parse("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2");
    private static readonly Address Usdc = Address.Parse("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48");

    private static readonly MarginReport Report = new()
    {
        Account = new MarginAccountId(new DeploymentId("aave-v3", new ChainId(1), "core"), "0x2f39d218133afab8f2b819b1066c7e434ad94e9e"),
        Block = new BlockHeader(123, Hash32.FromUInt256(7), Hash32.FromUInt256(6), 1_700_000_000),
        At = new Instant(1_700_000_000),
        Status = MarginStatus.Healthy,
        HealthFactor = UInt256.Parse("1043217000000000001"),
        Positions =
        [
            new Position { Side = PositionSide.Collateral, Asset = Weth, Symbol = "WETH", Decimals = 18, Amount = Whole(10, 18), Shares = Whole(10, 18), Price = Whole(2000, 8), Value = Whole(20_000, 8), ThresholdBps = 8250 },
            new Position { Side = PositionSide.Debt, Asset = Usdc, Symbol = "USDC", Decimals = 6, Amount = Whole(15_000, 6), Shares = Whole(15_000, 6), Price = Whole(1, 8), Value = Whole(15_000, 8) },
        ],
        Triggers =
        [
            new Trigger
            {
                Kind = TriggerKind.Liquidation, Threshold = Whole(1, 18), Active = false, UniformFallPpm = 41_430, SecondsAtConstantPrices = 86_400 * 400,
                Edges = [new PriceEdge(Weth, "WETH", EdgeSide.Falls, Whole(1917, 8), Whole(2000, 8))],
            },
        ],
        Remedies = [new Remedy(RemedyKind.Repay, Usdc, "USDC", 6, Whole(4000, 6), Whole(4000, 8), Units.Parse("1.5", 18), Units.Parse("1.5", 18), "paused")],
        Blocked = [new Blocked("paused", "the reserve WETH is paused")],
    };

    [Fact]
    public void A_person_reads_every_leg_every_trigger_every_way_out_and_whether_the_chain_agrees()
    {
        string[] expected =
        [
            "aave-v3/eip155:1/core  health 1.0432",
            "  collateral  10.0000 WETH at 2,000.00 USD = 20,000.00 USD, threshold 82.50 %",
            "  debt        15,000.0000 USDC at 1.00 USD = 15,000.00 USD",
            "  liquidation at health 1: all collateral falls 4.14 %; by interest alone in 400 days",
            "              WETH falls to 1,917.00 USD (4.15 % from 2,000.00 USD)",
            "  repay       4,000 USDC (4,000.00 USD) to reach 1.5000: health 1.5000; paused",
            "  blocked     paused: the reserve WETH is paused",
            $"  our 1.043217000000000001 = getUserAccountData at block {Report.Block.Ref}: equal",
        ];
        Lines(Report, new Agreement(AgreementKind.Equal, "", [], false)).ShouldBe(expected);
    }

    [Fact]
    public void What_is_missing_beside_the_legs_is_told_and_is_not_called_no_debt()
    {
        var lines = Lines(Report with { HealthFactor = null, IsDebtPartial = true, Missing = ["vault 2: it was not read."] }, new Agreement(AgreementKind.Equal, "", [], false));
        lines[0].ShouldBe("aave-v3/eip155:1/core  health ∞ (nothing to liquidate)");
        lines[1].ShouldBe("  unknown     vault 2: it was not read.");
    }

    [Fact]
    public void A_difference_is_shouted_with_both_sides()
    {
        Lines(Report, new Agreement(AgreementKind.Different, "healthFactor ours 1043217000000000001, chain 1", [], true))[^1]
            .ShouldEndWith("DIFFERENT: healthFactor ours 1043217000000000001, chain 1");
    }

    [Fact]
    public void What_is_not_known_gets_no_figure()
    {
        var unknown = Report with { Status = MarginStatus.Unknown, UnknownReason = "the price of WETH could not be read.", HealthFactor = null, Positions = [], Triggers = [], Remedies = [], Blocked = [] };
        var lines = Lines(unknown, new Agreement(AgreementKind.Unreadable, "no answer", [], null));
        lines[0].ShouldBe("aave-v3/eip155:1/core  UNKNOWN");
        lines[1].ShouldContain("the price of WETH could not be read.");
        lines[^1].ShouldStartWith("  our unknown vs getUserAccountData");
    }

    private static UInt256 Whole(ulong value, int decimals) => value * UInt256.Pow10(decimals);

    private static List<string> Lines(MarginReport report, Agreement agreement) => [.. AccountText.Lines(new AccountReading(report.Account, report, report, agreement))];
}
