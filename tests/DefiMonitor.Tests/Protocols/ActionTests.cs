using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.CompoundV3;
using DefiMonitor.Protocols.EulerV2;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.CompoundV3.Fake;
using DefiMonitor.Tests.Protocols.EulerV2.Fake;
using DefiMonitor.Tests.Protocols.MorphoBlue.Fake;

namespace DefiMonitor.Tests.Protocols;

/// <summary>Can I act? What a venue lets an owner do at the block, and never a yes where something was not read.</summary>
public sealed class ActionTests
{
    [Fact]
    public void Aave_A_paused_reserve_takes_nothing_and_a_cap_or_liquidity_that_was_not_read_is_no_yes()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        Of(market.Report(MarketUnderTest.Alice), ActionKind.Repay, market.Usdc.Asset).Possible.ShouldBe(Possibility.Yes);
        var withdraw = Of(market.Report(MarketUnderTest.Alice), ActionKind.Withdraw, market.Weth.Asset);
        (withdraw.Possible, string.Join(" ", withdraw.Reasons.Select(static r => r.Code))).ShouldBe((Possibility.Unknown, "health liquidity"));
        market.Block(() => market.Fake.Pause(market.Usdc, on: true));
        var repay = Of(market.Report(MarketUnderTest.Alice), ActionKind.Repay, market.Usdc.Asset);
        (repay.Possible, repay.Reasons[0].Code).ShouldBe((Possibility.No, "paused"));
    }

    [Fact]
    public void Aave_Nobody_is_told_to_deposit_what_counts_for_nothing()
    {
        var market = new MarketUnderTest(10);
        market.Open();
        market.Block(() =>
        {
            market.Fake.Supply(MarketUnderTest.Alice, market.Usdc, 1_000);
            market.Fake.SetCollateral(MarketUnderTest.Alice, market.Usdc, false);
        });
        market.Report(MarketUnderTest.Alice).Actions.Select(static a => (a.Kind, a.Symbol)).ShouldBe(
            [(ActionKind.Deposit, "WETH"), (ActionKind.Withdraw, "WETH"), (ActionKind.Repay, "USDC"), (ActionKind.Withdraw, "USDC")]);
    }

    [Fact]
    public void Aave_Asked_for_its_limits_the_market_says_what_the_cap_leaves_and_what_it_can_pay()
    {
        var market = new MarketUnderTest(10, prepare: static fake => fake.Reserves[0].SupplyCap = 1_000_000u);
        market.Open();
        var state = market.State(MarketUnderTest.Alice);
        var answers = new CallResults();
        foreach (var call in market.Protocol.Limits(state))
        {
            answers.Set(call, market.Fake.Answer(call));
        }

        var actions = market.Protocol.ActionsOf(state, new Instant(market.Fake.Header.Timestamp), answers);
        var deposit = actions.Single(a => a.Kind == ActionKind.Deposit && a.Asset == market.Weth.Asset);
        var supplied = FixedPoint.MulDivCeil(market.Weth.AToken.Total, market.Weth.Indexes.NormalizedIncome(market.Fake.Header.Timestamp), FixedPoint.Ray);
        (deposit.Possible, deposit.Limit).ShouldBe((Possibility.Limited, (UInt256.Pow10(18) * 1_000_000u) - supplied));
        var withdraw = actions.Single(a => a.Kind == ActionKind.Withdraw && a.Asset == market.Weth.Asset);
        (withdraw.Possible, withdraw.Limit).ShouldBe((Possibility.Limited, market.Weth.Liquidity));
        withdraw.Reasons.Select(static r => r.Code).ShouldBe(["health", "liquidity"]);
        market.Protocol.ActionsOf(state, new Instant(market.Fake.Header.Timestamp), new CallResults()).Single(a => a.Kind == ActionKind.Deposit && a.Asset == market.Weth.Asset)
            .Possible.ShouldBe(Possibility.Unknown);
    }

    [Fact]
    public void Morpho_Nothing_stands_in_the_way_but_the_own_debt()
    {
        var fake = new FakeMorpho(IrmKind.AdaptiveCurve, 7);
        var report = Debtor(fake);
        report.Actions.Select(static a => (a.Kind, a.Possible)).ShouldBe([(ActionKind.Repay, Possibility.Yes), (ActionKind.Deposit, Possibility.Yes), (ActionKind.Withdraw, Possibility.Limited)]);
        ActionCheck.Best(report.Actions).ShouldBe(Possibility.Yes);
    }

    [Fact]
    public void Comet_The_supply_cap_leaves_what_it_leaves_and_a_pause_nothing()
    {
        var fake = new FakeComet(3, 7);
        var report = Debtor(fake);
        var deposit = report.Actions.First(static a => a.Kind == ActionKind.Deposit);
        var info = fake.Assets.Single(a => a.Asset == deposit.Asset);
        var held = fake.Owners.Aggregate(UInt128.Zero, (sum, owner) => sum + fake.CollateralOf(owner, fake.Assets.IndexOf(info)));
        (deposit.Possible, deposit.Limit).ShouldBe((Possibility.Limited, (UInt256)(info.SupplyCap - held)));
        fake.Pause(PauseFlags.Supply);
        var paused = Debtor(fake);
        paused.Actions.Where(static a => a.Kind != ActionKind.Withdraw).ShouldAllBe(static a => a.Possible == Possibility.No);
        ActionCheck.Best(paused.Actions).ShouldBe(Possibility.No);
    }

    [Fact]
    public void Comet_Nobody_is_told_to_deposit_what_counts_for_nothing()
    {
        var fake = new FakeComet(3, 7);
        var held = Debtor(fake).Positions.Where(static p => p.Side == PositionSide.Collateral).Select(static p => p.Asset).ToList();
        held.Count.ShouldBeGreaterThan(1);
        var dead = fake.Assets.FindIndex(a => a.Asset == held[0]);
        fake.Assets[dead] = fake.Assets[dead] with { BorrowCollateralFactor = 0, LiquidateCollateralFactor = 0 };
        var owner = fake.Owners.First(o => fake.CollateralOf(o, dead) != 0 && fake.PrincipalOf(o) < 0);
        var run = new ProtocolRun(fake.NewProtocol(), call => fake.Answer(call));
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        var actions = SuiteMarket.Report(run, fake, owner).Actions;
        actions.ShouldNotContain(a => a.Kind == ActionKind.Deposit && a.Asset == held[0]);
        actions.ShouldContain(a => a.Kind == ActionKind.Withdraw && a.Asset == held[0]);
    }

    [Fact]
    public void Euler_What_is_switched_off_is_no_and_what_a_hook_is_asked_about_is_not_known()
    {
        var fake = new FakeEuler(isOwnUnit: false, 7);
        Of(Debtor(fake), ActionKind.Repay, FakeEuler.Usdc).Possible.ShouldBe(Possibility.Yes);
        fake.SetHooks(fake.Liability, new Hooks(FakeEuler.Router, Hooks.Repay));
        Of(Debtor(fake), ActionKind.Repay, FakeEuler.Usdc).Possible.ShouldBe(Possibility.Unknown);
        fake.SetHooks(fake.Liability, new Hooks(Address.Zero, Hooks.Repay));
        Of(Debtor(fake), ActionKind.Repay, FakeEuler.Usdc).Possible.ShouldBe(Possibility.No);
    }

    [Fact]
    public void A_wallet_that_was_not_read_is_not_known_an_empty_one_is_no_and_a_missing_allowance_can_be_given()
    {
        var fake = new FakeMorpho(IrmKind.AdaptiveCurve, 7);
        var report = Debtor(fake);
        var owner = Address.Parse(report.Account.Key);
        var remedy = report.Remedies.First(static r => r.Kind == RemedyKind.Repay);
        Repay(Holdings(null, [null])).Possible.ShouldBe(Possibility.Unknown);
        Repay(Holdings(UInt256.Zero, UInt256.MaxValue)).Possible.ShouldBe(Possibility.No);
        var poor = Repay(Holdings(remedy.Amount - UInt256.One, UInt256.MaxValue));
        (poor.Possible, poor.Limit, poor.Reasons[0].Code).ShouldBe((Possibility.Limited, remedy.Amount - UInt256.One, "wallet"));
        var unapproved = Repay(Holdings(remedy.Amount, UInt256.Zero));
        (unapproved.Possible, unapproved.Limit, unapproved.Reasons[0].Code).ShouldBe((Possibility.Limited, UInt256.Zero, "allowance"));
        Repay(Holdings(remedy.Amount, remedy.Amount)).Possible.ShouldBe(Possibility.Yes);
        Repay(Holdings(remedy.Amount, remedy.Amount, null)).Possible.ShouldBe(Possibility.Unknown, "one of two contracts was not read");
        Repay(Holdings(remedy.Amount, remedy.Amount, UInt256.Zero)).Possible.ShouldBe(Possibility.Limited, "one of two contracts may take nothing");

        var sized = report;
        report = report with { Remedies = [] };
        var coin = Repay(Holdings(UInt256.One, UInt256.MaxValue));
        (coin.Possible, coin.Limit).ShouldBe((Possibility.Limited, UInt256.One), "where no way out is sized it takes the whole debt");
        var debt = report.Positions.Single(static leg => leg.Side == PositionSide.Debt).Amount;
        Repay(Holdings(debt, UInt256.MaxValue)).Possible.ShouldBe(Possibility.Yes);
        report = sized;

        ActionCheck Repay(ChainHoldings holdings) => WalletActions.Of(report, report.Actions, owner, holdings).First(static a => a.Kind == ActionKind.Repay);

        ChainHoldings Holdings(UInt256? balance, params UInt256?[] allowances) => new()
        {
            Chain = report.Account.Deployment.Chain,
            Name = "fake",
            Block = report.Block,
            Wallet = [new WalletBalance(owner, remedy.Asset, remedy.Symbol, remedy.Decimals, balance)],
            Allowances = [.. allowances.Select(a => new WalletAllowance(owner, remedy.Asset, remedy.Symbol, remedy.Decimals, FakeMorpho.Morpho, report.Account.Deployment, a))],
        };
    }

    private static ActionCheck Of(MarginReport report, ActionKind kind, Address asset) => report.Actions.Where(a => a.Kind == kind && a.Asset == asset).ShouldHaveSingleItem();

    // Whoever owes something and holds something, near enough to its edge to have a way out sized.
    private static MarginReport Debtor(IFakeMarket market)
    {
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        run.Take(market.Header, market.Logs, market.Owners, isHead: true);
        return market.Owners
            .Select(owner => run.Protocol.Evaluate(run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header), new Instant(market.Header.Timestamp), Shock.None))
            .Where(static report => report is { HealthFactor: not null } && report.Remedies.Count > 0 && report.Positions.Any(static p => p.Side == PositionSide.Collateral))
            .OrderBy(static report => report.HealthFactor!.Value).First();
    }
}
