using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Protocols.MorphoBlue;

public sealed class ShippedMarketsTests
{
    [Fact]
    public void Each_shipped_market_id_is_the_hash_of_the_five_words_that_stand_beside_it()
    {
        var settings = new SettingsLoader(ProtocolFamilies.All, static _ => null).Load(SettingsFolder.ShippedRoot, null).Need();
        var markets = settings.Deployments.Where(deployment => deployment.Id.Family == "morpho-blue").ToList();
        markets.Count.ShouldBeGreaterThanOrEqualTo(5);
        foreach (var market in markets)
        {
            var words = market.Origin.ShouldNotBeNull().Split(' ');
            words.Length.ShouldBe(5, market.Id.ToString());
            var bytes = words.Select(static word => word.StartsWith("0x", StringComparison.Ordinal) ? Address.Parse(word).ToWord() : Hash32.FromUInt256(UInt256.Parse(word)))
                .SelectMany(static word => word.ToArray()).ToArray();
            Keccak256.Hash(bytes).ShouldBe(market.Hashes["marketId"], market.Id.ToString());
            Address.Parse(words[3]).ShouldBe(market.Addresses["adaptiveCurveIrm"]);
        }
    }
}
