using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.DevnetTests.Harness;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

public sealed class SixWordsTests(ITestOutputHelper output)
{
    private const int People = 200;
    private const int Steps = 160;
    private const int ReportsPerBlock = 10;

    [Fact]
    public async Task Our_six_words_equal_the_contracts_at_every_block()
    {
        await using var devnet = await Devnet.StartAsync(People, seed: 11);
        await using var chain = await FollowedChain.StartAsync(devnet);
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine" }));
        var accounts = chain.Protocols.SelectMany(p => devnet.Accounts.Select(a => (Protocol: p, Account: p.AccountOf(a.Address)))).ToList();
        accounts.ShouldAllBe(a => a.Protocol.HasEntered(a.Account));
        foreach (var protocol in chain.Protocols)
        {
            protocol.Forget();
        }

        var random = new Random(12);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        var equations = await Equations.HoldAsync(chain, "the first block");
        var comparisons = await CompareAsync(chain, accounts, random, "the first block");
        for (var step = 1; step <= Steps; step++)
        {
            var what = $"step {step}";
            if (step % 20 == 0)
            {
                var depth = 1 + random.Next(3);
                await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "reorg", depth, dt = 5 + random.Next(20) }));
                what += $", a reorg of {depth} blocks";
            }
            else
            {
                // Mostly a block time; now and then hours, in which interest does the work.
                var dt = random.Next(8) == 0 ? 3_600 + random.Next(86_400) : 12;
                var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 1_000 + step, actions = 6, volatility = 0.03, dt });
                foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
                {
                    var name = $"{deed.GetProperty("market").GetString()} {deed.GetProperty("deed").GetString()}";
                    deeds[name] = deeds.GetValueOrDefault(name) + 1;
                }

                what += $": {done.GetProperty("deeds")}";
                await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            }

            comparisons += await CompareAsync(chain, accounts, random, what);
            equations += await Equations.HoldAsync(chain, what);
        }

        output.WriteLine($"{comparisons:N0} comparisons of six words at {Steps + 1} blocks in {watch.Elapsed.TotalSeconds:0.0} s");
        output.WriteLine(string.Join(", ", deeds.Select(d => $"{d.Key} {d.Value}")));
        comparisons.ShouldBe((Steps + 1) * People * 2);

        // Everybody's scaled debts of each token are its scaledTotalSupply at every block.
        equations.ShouldBeGreaterThanOrEqualTo((Steps + 1) * 10);
        chain.Tally.Reorgs.ShouldBe(Steps / 20);
        chain.Tally.Unreadable.ShouldBe(0);

        // Nobody was read again: folding logs alone kept every account equal.
        chain.Protocols.Sum(static p => p.Snapshots).ShouldBe(0);
        chain.Protocols.Sum(static p => p.AccountReads).ShouldBe(0);
        foreach (var market in new[] { Devnet.Core302, Devnet.Core36 })
        {
            deeds.Count(d => d.Key.StartsWith(market, StringComparison.Ordinal)).ShouldBeGreaterThan(5, $"too few kinds of deeds went through in {market}");
            deeds.Keys.ShouldContain($"{market} liquidate");
        }
    }

    [Fact]
    public async Task A_debt_whose_log_was_withheld_stands_outside_the_list_at_once()
    {
        await using var devnet = await Devnet.StartAsync(accounts: 8, seed: 13);
        await using var chain = await FollowedChain.StartAsync(devnet);
        await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "mine" }));
        await Equations.HoldAsync(chain, "before anything was lost");
        foreach (var protocol in chain.Protocols)
        {
            var totals = protocol.Totals().Select(static call => call.To).ToHashSet();
            var lost = 0;
            protocol.Withheld = log => totals.Contains(log.Address) && ++lost > 0;
            for (var seed = 1; lost == 0; seed++)
            {
                await chain.FollowToAsync(await devnet.MineAsync(new { cmd = "randomStep", seed, actions = 8, volatility = 0.01, dt = 12 }));
                var broken = (await Equations.ReadAsync(chain, protocol)).Where(static equation => equation.Holds == false).ToList();
                (broken.Count > 0).ShouldBe(lost > 0, $"{protocol.Id}: {string.Join("; ", broken)} after {lost} logs were lost");
                broken.ShouldAllBe(static equation => equation.Outside != equation.Excess);
                seed.ShouldBeLessThan(40, "nobody borrowed and nobody repaid");
            }
        }
    }

    private static async Task<int> CompareAsync(FollowedChain chain, List<(CountingProtocol Protocol, MarginAccountId Account)> accounts, Random random, string what)
    {
        var answers = await chain.Client.CallAsync([.. accounts.SelectMany(static a => a.Protocol.Confirm(a.Account))], chain.Head, CancellationToken.None);
        var wrong = new List<string>();
        foreach (var (protocol, account) in accounts)
        {
            var agreement = protocol.Compare(protocol.Capture(account, chain.Head), answers.Results);
            if (agreement.Kind != AgreementKind.Equal || agreement.Chain.Count != 6)
            {
                wrong.Add($"{account}: {agreement.Kind} {agreement.Text}");
            }
        }

        // What is told of an account is the same as what was compared.
        for (var i = 0; i < ReportsPerBlock; i++)
        {
            var (protocol, account) = accounts[random.Next(accounts.Count)];
            var state = protocol.Capture(account, chain.Head);
            var chains = protocol.Compare(state, answers.Results).Chain;
            if (!protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None).NativeWords.SequenceEqual(chains))
            {
                wrong.Add($"{account}: the report says other words than {string.Join(", ", chains)}");
            }
        }

        wrong.ShouldBeEmpty($"at block {chain.Head.Ref}, {what}");
        return accounts.Count;
    }
}
