using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Tests.Ledger;
using DefiMonitor.Tests.Protocols.DeriveV2.Fake;
using DefiMonitor.Tests.Risk.Derive;

namespace DefiMonitor.Tests.Protocols.DeriveV2;

/// <summary>A Derive account in its owner's ledger, against the manager's own mark to market and its differences.</summary>
public sealed class LedgerTests
{
    private readonly FakeDerive fake = new(1, isEmpty: true);
    private readonly ProtocolRun run;

    public LedgerTests() => run = new ProtocolRun(fake.NewProtocol(), call => fake.Answer(call));

    public static TheoryData<int> Managers() => [1, 4];

    [Theory]
    [MemberData(nameof(Managers))]
    public void The_worth_of_all_legs_is_the_managers_mark_to_market(int id)
    {
        Fill((ulong)id, isPerpetual: true);
        var report = Report((ulong)id);
        var sum = report.Positions.Sum(static leg => leg.Value.ToDouble() / 1e18 * (leg.Side == PositionSide.Debt ? -1 : 1));
        sum.ShouldBe(Mark(id), 1e-6);
        var ledger = Ledger(report);
        ledger.Legs.ShouldAllBe(static leg => leg.Status == LegStatus.Known);
        ledger.Whole.Net.Value!.Value.ShouldBe(sum, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Managers))]
    public void The_greeks_of_the_ledger_are_the_differences_of_the_managers_mark_to_market(int id)
    {
        Fill((ulong)id, isPerpetual: false);
        var greeks = Ledger(Report((ulong)id)).Greeks.Single(static line => line.Root == "ETH");
        greeks.Expiries.Select(static expiry => expiry.Expiry).ShouldBe([fake.Expiries[1], fake.Expiries[2]]);
        greeks.OptionDelta.Value!.Value.ShouldBe(greeks.Expiries.Sum(static expiry => expiry.Delta.Value!.Value), 1e-9);
        (greeks.Delta.Value!.Value - greeks.OptionDelta.Value!.Value).ShouldBe(2, 1e-9, "the wrapped ether");

        var (low, middle, high) = (At(1_998), At(2_000), At(2_002));
        greeks.Delta.Value!.Value.ShouldBe((high - low) / 4, 1e-4);
        greeks.Gamma.Value!.Value.ShouldBe((high - (2 * middle) + low) / 4, 1e-5);
        foreach (var bucket in greeks.Expiries)
        {
            bucket.VegaPoint.Value!.Value.ShouldBe((Vol(bucket.Expiry, 1) - Vol(bucket.Expiry, -1)) / 2, 1e-3);
        }

        greeks.VegaPoint.Value!.Value.ShouldBe(greeks.Expiries.Sum(static expiry => expiry.VegaPoint.Value!.Value), 1e-9);
        fake.NextBlock(60);
        greeks.ThetaDay.Value!.Value.ShouldBe((Mark(id) - middle) * 86_400 / 60, 0.01 * Math.Abs(greeks.ThetaDay.Value!.Value));

        double At(long spot)
        {
            fake.Ethereum.Spot = FakeDerive.Wad(spot);
            var mark = Mark(id);
            fake.Ethereum.Spot = FakeDerive.Wad(2_000);
            return mark;
        }

        double Vol(ulong expiry, int points)
        {
            var before = fake.Ethereum.Volatilities[expiry];
            fake.Ethereum.Volatilities[expiry] = before + (Books.Wad(0.01) * points);
            var mark = Mark(id);
            fake.Ethereum.Volatilities[expiry] = before;
            return mark;
        }
    }

    [Theory]
    [MemberData(nameof(Managers))]
    public void A_perpetual_is_delta_of_its_size_and_cash_of_its_profit(int id)
    {
        Fill((ulong)id, isPerpetual: false);
        var before = Ledger(Report((ulong)id));
        fake.Set(fake.Accounts[(ulong)id], fake.Ethereum.Perp, UInt256.Zero, FakeDerive.Wad(-3));
        Step();
        var ledger = Ledger(Report((ulong)id));
        var leg = ledger.Legs.Single(static leg => leg.Perpetual is not null);
        (leg.Name, leg.Perpetual!.Delta, leg.Root).ShouldBe(("USDC from 3 WETH perpetual short", -3.0, "ETH"));
        (Delta(ledger) - Delta(before)).ShouldBe(-3, 1e-2, "a step of two seconds is in it");
        (leg.Side, leg.Value!.Value).ShouldBe((LedgerSide.Debt, 3.0));

        // Dearer by a dollar, and the profit is less by the size of the delta.
        fake.Ethereum.Spot += FakeDerive.Wad(1);
        Step();
        var after = Ledger(Report((ulong)id)).Legs.Single(static one => one.Perpetual is not null);
        (after.Value!.Value - leg.Value!.Value).ShouldBe(3, 3e-3);

        fake.Refused.Add(DeriveAbi.GetUnsettledAndUnrealizedCash);
        Step();
        var unread = Ledger(Report((ulong)id)).Legs.Single(static one => one.Perpetual is not null);
        unread.Status.ShouldBe(LegStatus.Unknown);
        unread.Why!.ShouldContain("tells no profit");

        static double Delta(OwnerLedger ledger) => ledger.Greeks.Single(static line => line.Root == "ETH").Delta.Value!.Value;
    }

    [Theory]
    [MemberData(nameof(Managers))]
    public void An_option_whose_feeds_say_nothing_is_an_unknown_leg_and_one_that_expired_is_its_payoff(int id)
    {
        Fill((ulong)id, isPerpetual: false);
        fake.Hold(fake.Accounts[(ulong)id], fake.Ethereum, fake.Expiries[0], 1_900, isCall: true, FakeDerive.Wad(-2));
        Step();
        fake.NextBlock(1_200);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        var over = Ledger(Report((ulong)id)).Legs.Single(leg => leg.Option?.Expiry == fake.Expiries[0]);
        (over.Status, over.Value, over.Option!.Delta, over.Side).ShouldBe((LegStatus.Known, 200, 0, LedgerSide.Debt));

        fake.Accounts[(ulong)id].Kept = fake.Margin(fake.Accounts[(ulong)id]);
        fake.Ethereum.Volatilities[fake.Expiries[1]] = -1;
        Step();
        var ledger = Ledger(Report((ulong)id));
        var lost = ledger.Legs.Where(leg => leg.Option?.Expiry == fake.Expiries[1]).ToList();
        lost.ShouldNotBeEmpty();
        lost.ShouldAllBe(static leg => leg.Status == LegStatus.Unknown && leg.Value == null);
        ledger.Whole.Net.State.ShouldBe(FigureState.Unknown);
    }

    private void Fill(ulong id, bool isPerpetual)
    {
        var account = fake.Accounts[id];
        fake.NextBlock();
        fake.Ethereum.Volatilities[fake.Expiries[1]] = Books.Wad(0.6);
        fake.Ethereum.Volatilities[fake.Expiries[2]] = Books.Wad(0.7);
        fake.Set(account, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(30_000));
        fake.Set(account, fake.Ethereum.Base, UInt256.Zero, FakeDerive.Wad(2));
        fake.Hold(account, fake.Ethereum, fake.Expiries[1], 2_200, isCall: true, FakeDerive.Wad(-5));
        fake.Hold(account, fake.Ethereum, fake.Expiries[1], 1_800, isCall: false, FakeDerive.Wad(-4));
        fake.Hold(account, fake.Ethereum, fake.Expiries[2], 2_500, isCall: true, FakeDerive.Wad(7));
        if (isPerpetual)
        {
            fake.Set(account, fake.Ethereum.Perp, UInt256.Zero, FakeDerive.Wad(-3));
        }

        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
    }

    // Whatever was done since the last block is in the next one.
    private void Step()
    {
        var pending = fake.Logs.ToList();
        fake.NextBlock();
        run.Take(fake.Header, pending, fake.Owners, isHead: true);
    }

    private double Mark(int id) => (double)fake.Margin(fake.Accounts[(ulong)id]).MarkToMarket / 1e18;

    private MarginReport Report(ulong id) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(FakeDerive.KeyOf(id)), fake.Header), new Instant(fake.Header.Timestamp), Shock.None);

    private static OwnerLedger Ledger(MarginReport report) => LedgerSamples.Build(LedgerSamples.Chain() with
    {
        Chain = report.Account.Deployment.Chain,
        Name = "derive",
        Block = report.Block,
        Reports = [new OwnedReport(FakeDerive.People[0], report)],
    });
}
