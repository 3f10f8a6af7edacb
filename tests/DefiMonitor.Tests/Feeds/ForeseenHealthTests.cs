using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Tests.Protocols;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Feeds;

/// <summary>Health at the next price is what the venue's own arithmetic says at that very price.</summary>
public sealed class ForeseenHealthTests
{
    [Fact]
    public void Health_at_the_next_price_is_the_contracts_own_once_that_price_is_written()
    {
        var random = new Random(20_26);
        var edges = 0;
        for (var seed = 1; seed <= 12; seed++)
        {
            var market = new FakeAave(6, seed);
            var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
            market.Mine();
            run.Take(market.Header, market.Logs, market.Owners, isHead: true);
            var weth = market.Reserves[0];
            var before = weth.Price;
            var next = UInt256.MulDiv(before, (ulong)random.Next(260_000, 2_000_000), 1_000_000u, Rounding.Up);
            var prices = new NextPrices([FeedSight.Of(FeedSamples.Watch(null, weth.Asset), before, market.Header.Timestamp, next, market.Header.Timestamp)]);
            foreach (var owner in market.Owners)
            {
                var state = run.Protocol.Capture(run.Protocol.AccountOf(owner), market.Header);
                var at = new Instant(market.Header.Timestamp);
                var now = run.Protocol.Evaluate(state, at, Shock.None);
                var then = NextPrices.Foresee(now, prices.AtMarket, shock => run.Protocol.Evaluate(state, at, shock));
                now.Tag.ShouldBe(ResultTag.Exact);
                weth.Price = next;
                var truth = market.Truth(owner);
                weth.Price = before;
                if (then is null)
                {
                    now.Positions.ShouldNotContain(leg => leg.Asset == weth.Asset);
                    truth.ShouldBe(now.NativeWords.Select(static w => w.Value));
                    continue;
                }

                then.Tag.ShouldBe(ResultTag.Model);
                then.NativeWords.Select(static w => w.Value).ShouldBe(truth, $"seed {seed} {owner}");
                edges += then.IsBelowEdge != now.IsBelowEdge ? 1 : 0;
            }
        }

        edges.ShouldBeGreaterThan(0);
    }
}
