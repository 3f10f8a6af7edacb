using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using static DefiMonitor.Tests.Protocols.SuiteMarket;

namespace DefiMonitor.Tests.Protocols;

/// <summary>Prices: moved by a what-if, and the feeds behind them.</summary>
public sealed class PriceSuite
{
    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void A_price_told_by_an_exact_factor_moves_an_account_as_the_same_fall_in_ppm_does(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        Step(market, run);
        var moved = 0;
        foreach (var owner in market.Owners)
        {
            var report = Report(run, market, owner);
            foreach (var asset in report.Positions.Select(static leg => leg.Asset).Distinct())
            {
                var byPpm = Report(run, market, owner, Shock.None with { PricePpm = new Dictionary<Address, uint> { [asset] = 800_000 } });
                var byFactor = Report(run, market, owner, Shock.None with { Factors = new Dictionary<Address, PriceFactor> { [asset] = new((UInt256)4u, (UInt256)5u) } });
                (byFactor.Status, byFactor.HealthFactor).ShouldBe((byPpm.Status, byPpm.HealthFactor));
                byFactor.NativeWords.ShouldBe(byPpm.NativeWords);
                moved += byFactor.HealthFactor != report.HealthFactor ? 1 : 0;
            }
        }

        moved.ShouldBePositive();
    }

    [Theory]
    [MemberData(nameof(SuiteMarket.Cases), MemberType = typeof(SuiteMarket))]
    public void Every_feed_behind_a_price_tells_its_age_or_that_it_is_not_known(string flavour, int seed)
    {
        var (market, run) = Begin(flavour, seed);
        Step(market, run);
        var answers = new CallResults();
        for (var round = 0; round < 4; round++)
        {
            foreach (var call in run.Protocol.Feeds(answers).Where(call => !answers.Contains(call)).ToList())
            {
                answers.Set(call, market.Answer(call));
            }
        }

        run.Protocol.Feeds(answers).ShouldAllBe(call => answers.Contains(call), "the rounds did not suffice");
        run.Protocol.FeedsOf(answers).Any().ShouldBe(market.HasFeeds, flavour);
        run.Protocol.FeedsOf(answers).ShouldAllBe(feed => feed.UpdatedAt != null && feed.UpdatedAt < market.Header.Timestamp);
        run.Protocol.FeedsOf(new CallResults()).ShouldAllBe(static feed => feed.UpdatedAt == null);
        run.Protocol.FeedsOf(answers).Select(static feed => feed.Asset).ShouldBe(run.Protocol.FeedsOf(new CallResults()).Select(static feed => feed.Asset), ignoreOrder: true);
    }
}
