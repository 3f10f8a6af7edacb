using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.LyraV1;

namespace DefiMonitor.Tests.Protocols;

/// <summary>What the option venues share.</summary>
public sealed class OptionVenueTests
{
    [Theory]
    [InlineData(1_624_579_200UL, "2021-06-25")]
    [InlineData(1_624_579_199UL, "2021-06-24")]
    [InlineData(0UL, "1970-01-01")]
    [InlineData(253_402_300_799UL, "9999-12-31")]
    [InlineData(253_402_300_800UL, "never")]
    [InlineData(ulong.MaxValue, "never")]
    public void An_expiry_is_named_by_its_day(ulong seconds, string day) => ExpiryDate.Of(seconds).ShouldBe(day);

    [Theory]
    [InlineData(100UL, 100UL, true)]
    [InlineData(97UL, 100UL, true)]
    [InlineData(96UL, 100UL, false)]
    [InlineData(101UL, 100UL, false)]
    [InlineData(0UL, 2UL, false)]
    public void What_was_read_stays_fresh_for_some_blocks_and_never_before_it_was_read(ulong readBlock, ulong number, bool isFresh) =>
        new ProtocolOptions { MaxReadAgeBlocks = 3 }.IsFresh(readBlock, new BlockHeader(number, default, default, 0)).ShouldBe(isFresh);

    [Fact]
    public void A_type_of_option_that_lyra_does_not_have_is_refused()
    {
        var seen = 0;
        var (market, run) = SuiteMarket.Begin(ProtocolFixtures.All.Where(static fixture => fixture.Family == "lyra-v1").Select(static fixture => $"{fixture.Family}, {fixture.Flavour}").First(), 1);
        for (var i = 0; i < 10; i++)
        {
            SuiteMarket.Step(market, run);
            foreach (var log in market.Logs.Where(LyraAbi.PositionUpdated.Matches))
            {
                var data = log.Data.ToArray();
                data[(2 * AbiReader.WordSize) + 31] = 5;
                Should.Throw<AbiException>(() => run.Protocol.Apply(market.Header, log with { Data = data }, new HashSet<MarginAccountId>()));
                Should.Throw<AbiException>(() => run.Protocol.Discover(log with { Data = data }));
                seen++;
            }
        }

        seen.ShouldBeGreaterThan(3);
    }
}
