using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;
using DefiMonitor.Tests.Protocols.AaveV4.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.AaveV4;

/// <summary>What governors of a Spoke and its hubs change, one parameter each.</summary>
public sealed class ParameterTests
{
    [Fact]
    public void Each_change_of_a_governor_is_one_of_a_parameter()
    {
        var market = new FakeAaveV4(1, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.NextBlock();
        run.Take(market.Header, market.Logs, [], isHead: true);
        var (eth, terms) = (market.Reserves[0], new DynamicConfig(6_000, 10_700, 800));
        Changed(() => market.ChangeKey(eth, 0, terms)).ShouldBe(["collateralFactor 8000 -> 6000", "liquidationFee 1000 -> 800", "maxLiquidationBonus 10500 -> 10700"]);
        Changed(() => market.AddKey(eth, terms)).ShouldBe(["collateralFactor new -> 6000", "dynamicConfigKey 0 -> 1", "liquidationFee new -> 800", "maxLiquidationBonus new -> 10700"]);
        Changed(() => market.SetFlags(eth, eth.Flags | ReserveFlags.Paused, 900)).ShouldBe(["collateralRisk 500 -> 900", "paused 0 -> 1"]);
        Changed(() => market.SetSpokeConfig(eth, active: true, halted: true)).ShouldBe(["halted 0 -> 1"]);
        Changed(() => market.SetSpokeConfig(eth, active: true, halted: true, addCap: 5_000)).ShouldBe(["addCap 1099511627775 -> 5000"]);
        Changed(() => market.SetSpokeConfig(eth, active: true, halted: true, addCap: 5_000, premium: 25_000)).ShouldBe(["riskPremiumThreshold 16777215 -> 25000"]);
        Changed(() => market.Upgrade(FakeAaveV4.Spoke)).ShouldHaveSingleItem().ShouldStartWith("implementation 0 -> ");

        List<string> Changed(Action change)
        {
            var before = Parameters();
            market.NextBlock();
            change();
            run.Take(market.Header, market.Logs, [], isHead: true);
            return [.. Parameters().Where(now => !before.Contains(now))
                .Select(now => $"{now.Name} {(before.Exists(was => was.IsSameAs(now)) ? before.Find(was => was.IsSameAs(now)).Value.ToString() : "new")} -> {now.Value}").Order(StringComparer.Ordinal)];
        }

        List<MarketParameter> Parameters()
        {
            var parameters = new List<MarketParameter>();
            run.Protocol.Parameters(parameters);
            return parameters;
        }
    }

    [Fact]
    public void A_reserve_that_claims_four_thousand_million_keys_has_those_that_were_seen()
    {
        var market = new FakeAaveV4(1, isEmpty: true);
        var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        market.NextBlock();
        run.Take(market.Header, market.Logs, [], isHead: true);
        market.NextBlock();
        Hash32[] topics = [AaveV4Abi.AddDynamicConfig.Topic0, Hash32.FromUInt256(UInt256.Zero), Hash32.FromUInt256(uint.MaxValue)];
        run.Take(market.Header, [new Log(FakeAaveV4.Spoke, topics, AbiWords.Join([6_000, 10_700, 800]), market.Header.Hash, 0)], [], isHead: false);
        var factors = new List<MarketParameter>();
        run.Protocol.Parameters(factors);
        factors.RemoveAll(static p => p.Subject.Number != 0 || p.Name != "collateralFactor");
        factors.Select(static p => (p.Subject.What, (ulong)p.Value)).ShouldBe([("key 0 of reserve", 8_000ul), ("key 4294967295 of reserve", 6_000ul)]);
        run.Protocol.Restore(factors[1] with { Value = 5_000u }).ShouldBeTrue();
        var restored = new List<MarketParameter>();
        run.Protocol.Parameters(restored);
        restored.ShouldContain(factors[1] with { Value = 5_000u });
    }
}
