using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Engine;

public sealed class MarketMemoryTests
{
    private static readonly Address One = FakeAddress.Of(0x55, 1);

    [Fact]
    public void What_only_events_tell_is_as_it_was_where_none_was_seen_and_what_is_read_is_what_is_read()
    {
        MarketParameter[] known = [Source(One, ParameterOrigin.Events), Source(One, ParameterOrigin.Read)];
        MarketParameter[] now = [Source(Address.Zero, ParameterOrigin.Events), Source(Address.Zero, ParameterOrigin.Read)];
        var change = MarketMemory.Compare(known, MarketMemory.Filled(now, known), out var merged).ShouldHaveSingleItem();
        change.Parameter.ShouldBe(now[1]);
        merged.ShouldBe([known[0], now[1]]);
    }

    [Fact]
    public void What_the_stored_tables_tell_of_earlier_events_is_learnt_and_overrules_nothing()
    {
        var stored = Source(One, ParameterOrigin.Events);
        Of(Source(Address.Zero, ParameterOrigin.Events)).Learn([stored]).Parameters.ShouldBe([stored]);
        var other = Source(FakeAddress.Of(0x55, 2), ParameterOrigin.Events);
        Of(other).Learn([stored]).Parameters.ShouldBe([other]);
        var read = Source(Address.Zero, ParameterOrigin.Read);
        Of(read).Learn([Source(One, ParameterOrigin.Read)]).Parameters.ShouldBe([read]);
    }

    [Fact]
    public void What_is_read_on_demand_is_new_to_us_alone_and_a_change_of_it_is_told()
    {
        var read = MarketParameter.Number(new ParameterSubject("product", default, 7, default), "spotShock", 1u, 0, ParameterKind.Threshold);
        var demanded = read with { Origin = ParameterOrigin.Demand };
        MarketMemory.Compare([], [read], out _).ShouldHaveSingleItem();
        MarketMemory.Compare([], [demanded], out var merged).ShouldBeEmpty();
        MarketMemory.Compare(merged, [demanded with { Value = 2u }], out _).ShouldHaveSingleItem().Before.ShouldBe((UInt256)1u);
    }

    private static MarketMemory Of(MarketParameter parameter) => new() { Deployment = Sample.Deployment, Parameters = [parameter] };

    private static MarketParameter Source(Address value, ParameterOrigin origin) =>
        MarketParameter.Contract(ParameterSubject.Market, $"priceSource {origin}", value, ParameterKind.Oracle) with { Origin = origin };
}
