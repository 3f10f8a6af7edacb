using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>The dense mirror is a cache: whatever happens to the tables, it judges as they do, to the last integer.</summary>
public sealed class MirrorTests
{
    public static TheoryData<AaveVersion, int, bool> Worlds()
    {
        var data = new TheoryData<AaveVersion, int, bool>();
        foreach (var version in Enum.GetValues<AaveVersion>())
        {
            for (var seed = 1; seed <= 3; seed++)
            {
                data.Add(version, seed, true);
                data.Add(version, seed, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Dense_exact_and_whole_reports_agree_on_anything_that_could_stand_in_the_tables(AaveVersion version, int seed, bool isWild)
    {
        var world = new RandomMarket(version, seed, isWild);
        for (var i = 0; i < 40; i++)
        {
            world.Step();
            world.ShouldAgree((ulong)(i % 3 * 12), $"{version} seed {seed} step {i}");
        }

        world.Seen.ShouldContainKey(MarginStatus.Healthy);
        world.Seen.ShouldContainKey(MarginStatus.Insolvent);
        world.Seen.ShouldContainKey(isWild ? MarginStatus.Unknown : MarginStatus.Liquidatable);
    }

    [Fact]
    public void A_slot_is_given_once_and_kept_and_who_has_not_entered_is_unknown()
    {
        var market = new MarketUnderTest(10);
        var protocol = (AaveV3Protocol)market.Protocol;
        var stranger = protocol.SlotOf(protocol.AccountOf(Fake.FakeAddress.Of(0xdd, 1)));
        var alice = protocol.SlotOf(protocol.AccountOf(MarketUnderTest.Alice));
        market.Open();
        alice.ShouldNotBe(stranger);
        protocol.SlotOf(protocol.AccountOf(MarketUnderTest.Alice)).ShouldBe(alice);
        var verdicts = new Verdict[2];
        protocol.JudgeMany([stranger, alice], market.Fake.Header, new Instant(market.Fake.Header.Timestamp), verdicts);
        verdicts[0].ShouldBe(new Verdict(MarginStatus.Unknown, UInt256.Zero));
        verdicts[1].HealthFactor.ShouldBe(market.Fake.Data(MarketUnderTest.Alice).HealthFactor);
    }

    [Fact]
    public async Task Two_threads_may_judge_at_once_even_while_the_mirror_must_be_built_first()
    {
        var fake = new Fake.FakeAave(10, 5, people: 60);
        var protocol = (AaveV3Protocol)fake.NewProtocol();
        var run = new ProtocolRun(protocol, call => fake.Answer(call));
        for (var i = 0; i < 30; i++)
        {
            fake.Mine();
            run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
            var slots = fake.Owners.Select(owner => protocol.SlotOf(protocol.AccountOf(owner))).ToArray();
            var verdicts = new Verdict[slots.Length];
            var half = slots.Length / 2;
            var at = new Instant(fake.Header.Timestamp);
            using var together = new Barrier(2);
            await Task.WhenAll(
                Task.Run(() =>
                {
                    together.SignalAndWait();
                    protocol.JudgeMany(slots.AsSpan(0, half), fake.Header, at, verdicts.AsSpan(0, half));
                }),
                Task.Run(() =>
                {
                    together.SignalAndWait();
                    protocol.JudgeMany(slots.AsSpan(half), fake.Header, at, verdicts.AsSpan(half));
                }));
            verdicts.Select(verdict => verdict.HealthFactor).ShouldBe(fake.Owners.Select(owner => fake.Data(owner).HealthFactor));
        }
    }

    [Fact]
    public void A_table_that_is_emptied_leaves_nothing_standing_in_the_mirror()
    {
        var world = new RandomMarket(AaveVersion.V36, 4, isWild: false);
        world.ShouldAgree(0, "before");
        world.ForgetBalances();
        world.ShouldAgree(0, "after");
    }

    [Fact]
    public void Runs_that_grow_and_shrink_for_long_do_not_make_the_mirror_grow()
    {
        var world = new RandomMarket(AaveVersion.V36, 4, isWild: false);
        for (var i = 0; i < 3_000; i++)
        {
            world.Step();
            if (i % 10 == 0)
            {
                world.Refresh();
            }
        }

        world.ShouldAgree(0, "after 3,000 blocks");
        world.Size.ShouldBeLessThan(400_000);
    }
}
