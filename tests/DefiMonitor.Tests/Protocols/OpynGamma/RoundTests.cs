using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Tests.Protocols.OpynGamma.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;
using static DefiMonitor.Tests.Protocols.OpynGamma.Fake.GammaSteps;

namespace DefiMonitor.Tests.Protocols.OpynGamma;

/// <summary>A liquidation may name any round since the vault's last change, seen or not.</summary>
public sealed class RoundTests
{
    [Fact]
    public void A_round_between_two_judged_blocks_is_read_and_until_then_the_report_is_not_exact()
    {
        var (market, run, owner, _) = OnePut(1_000);
        market.NextBlock();
        market.Write(1_200_00000000u);
        Next(market, run, 12, 2_000);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Healthy);
        report.Tag.ShouldBe(ResultTag.ChainView);
        StateOf(run, market, owner).Vaults.Single().RoundsSince.ShouldBe(market.Header.Timestamp);

        market.NextBlock();
        Take(market, run);
        report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Tag.ShouldBe(ResultTag.Exact);
        Agrees(run, market, owner, isLiquidatable: true);
    }

    [Fact]
    public void Who_comes_in_late_reads_the_rounds_since_his_last_change_some_in_each_block_and_each_once()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        for (var i = 0; i < 40; i++)
        {
            market.NextBlock(60);
            market.Write(i == 0 ? 1_200_00000000u : 2_000_00000000u);
        }

        var (_, run) = Begin(market);
        var statuses = new List<(MarginStatus, ResultTag)>();
        var asked = 0;
        for (var i = 0; i < 3; i++)
        {
            var report = Report(run, market, owner);
            statuses.Add((report.Status, report.Tag));
            market.NextBlock();
            Take(market, run);
            asked += run.LastReads.Count(static call => GammaAbi.GetRound.Function.IsCall(call));
        }

        statuses.ShouldBe([(MarginStatus.Healthy, ResultTag.ChainView), (MarginStatus.Healthy, ResultTag.ChainView), (MarginStatus.Liquidatable, ResultTag.Exact)]);
        asked.ShouldBe(40, "39 rounds before the newest, and the one that shows that there are no more");
    }

    [Fact]
    public void A_round_that_the_oracle_does_not_answer_is_asked_again_and_leaves_the_report_inexact()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var isLost = true;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && GammaAbi.GetRound.Function.IsCall(call) ? AbiWords.Reverted : market.Answer(call));
        Take(market, run);
        market.NextBlock();
        market.Write(1_200_00000000u);
        for (var i = 0; i < 3; i++)
        {
            Next(market, run, 12, 2_000);
            Report(run, market, owner).Tag.ShouldBe(ResultTag.ChainView);
        }

        isLost = false;
        market.NextBlock();
        Take(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Liquidatable);
        Report(run, market, owner).Tag.ShouldBe(ResultTag.Exact);
    }

    [Fact]
    public void Before_the_first_round_of_a_later_phase_nothing_is_looked_for_and_the_report_is_not_exact()
    {
        var (market, run, owner, key) = OnePut(1_000);
        market.NextPhase();
        Next(market, run, 60, 2_000);
        market.NextBlock();
        Take(market, run);
        run.LastReads.ShouldNotContain(static call => GammaAbi.GetRound.Function.IsCall(call));
        Report(run, market, owner).Tag.ShouldBe(ResultTag.ChainView);
        market.NextBlock();
        market.Sync(key);
        Take(market, run);
        Report(run, market, owner).Tag.ShouldBe(ResultTag.Exact, "no round before the last change counts");
    }

    [Fact]
    public void At_every_block_the_status_is_what_the_model_says_over_all_rounds()
    {
        var seen = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        for (var seed = 1; seed <= 12; seed++)
        {
            var (market, run) = Begin(new FakeGamma(seed));
            for (var i = 0; i < 40; i++)
            {
                market.Mine();
                Take(market, run);
                foreach (var owner in market.Owners)
                {
                    var report = Report(run, market, owner);
                    if (report is { Status: not MarginStatus.Unknown, Tag: ResultTag.Exact })
                    {
                        var naked = market.Vaults.Where(pair => pair.Key.Owner == owner && market.StateOf(pair.Key.Id, pair.Value).IsLiveNaked(market.Header.Timestamp)).ToList();
                        var allowed = naked.Exists(pair => market.Rounds.Exists(round => Says(market, pair.Key, round)));
                        var isShort = naked.Exists(pair => VaultMargin.IsShort(market.StateOf(pair.Key.Id, pair.Value), market.Spot, market.Header.Timestamp));
                        report.IsBelowEdge.ShouldBe(allowed || isShort, $"seed {seed} block {i} {owner}");
                        Agrees(run, market, owner, allowed);
                        seen[allowed]++;
                    }
                }
            }
        }

        seen.Values.ShouldAllBe(static count => count > 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_the_newest_round_a_naked_vault_is_unknown(bool reverts)
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        market.Open(owner, market.Series[0], 1, Option, Dollar * 1_000u);
        var isLost = false;
        var run = new ProtocolRun(market.NewProtocol(), call => isLost && FeedWalk.LatestRoundData.Function.IsCall(call) ? reverts ? AbiWords.Reverted : null : market.Answer(call));
        Take(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
        isLost = true;
        for (var i = 0; i < 4; i++)
        {
            market.NextBlock();
            Take(market, run);
        }

        Report(run, market, owner).Status.ShouldBe(MarginStatus.Unknown);
        Report(run, market, owner).UnknownReason!.ShouldStartWith("The rounds of WETH at feed");
    }

    [Fact]
    public void The_auction_is_told_at_the_round_that_pays_the_liquidator_most()
    {
        var (market, run, owner, _) = OnePut(1_000);
        Next(market, run, 60, 1_300);
        Next(market, run, 1_740, 1_400);
        Next(market, run, 60, 1_200);

        // Strike 2,000: 700 less two per cent of 1,300, half an hour on the way to 1,000. Neither the highest round's 600 nor the lowest one's 800 is as much yet.
        Report(run, market, owner).Liquidations.Single().CollateralTaken.ShouldBe(Dollar * 837u);
    }

    [Theory]
    [InlineData(1_000, 2_000)]
    [InlineData(1_300, 4_000)]
    public void Once_the_price_came_back_a_sync_or_one_unit_is_a_way_out(uint collateral, uint dollars)
    {
        var (market, run, owner, key) = OnePut(collateral);
        Next(market, run, 60, 1_200);
        Report(run, market, owner).Remedies.ShouldAllBe(static remedy => remedy.Caveat == null || !remedy.Caveat.Contains("sync"));
        Next(market, run, 60, dollars);
        var report = Report(run, market, owner);
        report.Status.ShouldBe(MarginStatus.Liquidatable);
        report.Remedies.ShouldNotBeEmpty();
        report.Remedies.ShouldAllBe(static remedy => remedy.Caveat!.Contains("Controller.sync(owner, id)"));

        market.NextBlock();
        market.Deposit(key, FakeGamma.Usdc, UInt256.One);
        Take(market, run);
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Healthy);
    }

    [Fact]
    public void A_vault_liquidated_in_the_block_that_opened_it_is_told_in_its_tokens_and_one_that_nobody_saw_is_told_too()
    {
        var market = new FakeGamma(1, isEmpty: true);
        var owner = market.Owners[0];
        var (_, run) = Begin(market);
        market.NextBlock();
        var key = market.Open(owner, market.Series[0], 1, Option, Dollar * 600u);
        market.Liquidate(key, Option / 4u);
        run.Take(market.Header, market.Logs, market.Owners, isHead: false);
        var told = market.Logs.Select(run.Protocol.LiquidationOf).OfType<Liquidation>().Single();
        (told.DebtAsset, told.CollateralAsset).ShouldBe((market.Series[0].Otoken, FakeGamma.Usdc));
        Report(run, market, owner).Status.ShouldBe(MarginStatus.Unknown, "the vault has not been read");

        var late = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
        late.Take(market.Header, [], [], isHead: true);
        market.NextBlock();
        market.Liquidate(key, Option / 4u);
        told = market.Logs.Select(late.Protocol.LiquidationOf).OfType<Liquidation>().Single();
        told.Account.ShouldBe(late.Protocol.AccountOf(owner));
        told.DebtRepaid.ShouldBe(Option / 4u);
        told.DebtAsset.ShouldBe(default);
    }

    private static bool Says(FakeGamma market, in VaultKey key, RoundState round) =>
        GammaAbi.IsLiquidatable.TryDecode(
            market.Answer(GammaAbi.IsLiquidatable.Function.Call(FakeGamma.Controller, key.Owner, (UInt256)key.Id, (UInt256)round.RoundId)), out var verdict, out _)
        && verdict.IsLiquidatable;
}
