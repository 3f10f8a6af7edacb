using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Alerts;
using static DefiMonitor.Tests.Ledger.LedgerSamples;

namespace DefiMonitor.Tests.Ledger;

/// <summary>Random owners on two chains, from seeds.</summary>
public sealed class LedgerPropertyTests
{
    private const int Ledgers = 300;
    private const double Close = 1e-9;

    [Fact]
    public void Totals_are_the_sum_of_the_legs_in_root_factors()
    {
        for (var seed = 0; seed < Ledgers; seed++)
        {
            var ledger = Build(RandomChains(new Random(seed)));
            Check(ledger.Whole, ledger.Legs, seed);
            foreach (var chain in ledger.Chains)
            {
                Check(chain.Summary, [.. ledger.Legs.Where(l => l.Chain == chain.Chain)], seed);
            }

            Near(ledger.Chains.Sum(static c => c.Summary.Net.Value!.Value), ledger.Whole.Net.Value!.Value, seed);
        }
    }

    [Fact]
    public void A_leg_turned_unknown_never_improves_a_figure()
    {
        var touched = 0;
        for (var seed = 0; seed < Ledgers; seed++)
        {
            var random = new Random(seed);
            var chains = RandomChains(random);
            var before = Figures(Build(chains));
            var (blinded, gone) = Blind(chains, random);
            var ledger = Build(blinded);
            var after = Figures(ledger);
            foreach (var (name, figure) in before)
            {
                if (!after.TryGetValue(name, out var now))
                {
                    // A line that is no longer there is no zero: what could not be read stands in its place.
                    var list = string.Join('|', name.Split('|')[..2]);
                    after.Keys.Any(k => k.StartsWith($"{list}|{LedgerSums.Any}|", StringComparison.Ordinal) || (k.StartsWith(list, StringComparison.Ordinal) && k.Contains("/*|", StringComparison.Ordinal)))
                        .ShouldBeTrue($"{name} is gone, seed {seed}");
                    continue;
                }

                if (now != figure)
                {
                    now.State.ShouldBe(FigureState.Unknown, $"{name} was {figure} and is {now}, seed {seed}");
                    touched++;
                }
            }

            // What was taken away was worth something, so the whole can't stand as it was.
            (after["whole|assets"].State == FigureState.Unknown || after["whole|debts"].State == FigureState.Unknown).ShouldBeTrue($"{gone}, seed {seed}");
            after["whole|net"].State.ShouldBe(FigureState.Unknown);
        }

        touched.ShouldBeGreaterThan(Ledgers * 5);
    }

    private static void Check(LedgerSummary summary, IReadOnlyList<LedgerLeg> legs, int seed)
    {
        var net = 0.0;
        foreach (var factor in summary.ByFactor)
        {
            var sum = legs.Sum(l => Hanging(l, factor.Key));
            Near(factor.Net.Value!.Value, sum, seed);
            net += sum;
        }

        Near(summary.Net.Value!.Value, net, seed);
        Near(summary.ByRoot.Sum(r => r.Quantity!.Value.Value!.Value * Market.Of(r.Key)!.ToDouble()), net, seed);
        foreach (var lines in (IReadOnlyList<Exposure>[])[summary.ByAsset, summary.ByChain, summary.ByVenue])
        {
            Near(lines.Sum(static l => l.Net.Value!.Value), net, seed);
        }
    }

    /// <summary>A loan hangs on its factor whole; of an option or a perpetual its delta does, and the rest on what it is paid in.</summary>
    private static double Hanging(LedgerLeg leg, string factor)
    {
        var value = leg.Side == LedgerSide.Debt ? -leg.Value!.Value : leg.Value!.Value;
        if ((leg.Option?.Delta ?? leg.Perpetual?.Delta) is not { } delta)
        {
            return leg.Factor == factor ? value : 0;
        }

        var moving = delta * Market.Of(leg.Root!)!.ToDouble();
        return (leg.Factor == factor ? moving : 0) + ((leg.Option?.QuoteFactor ?? leg.Perpetual!.QuoteFactor) == factor ? value - moving : 0);
    }

    private static void Near(double value, double other, int seed) => Math.Abs(value - other).ShouldBeLessThanOrEqualTo(Close * (1 + Math.Abs(value) + 1e7), $"seed {seed}");

    private static ChainHoldings[] RandomChains(Random random) => [RandomChain(random), Elsewhere(RandomChain(random, plain: true), (ulong)random.Next(30))];

    /// <param name="plain">Without wrappers: on the other chain nobody is named to ask.</param>
    private static ChainHoldings RandomChain(Random random, bool plain = false)
    {
        string[] all = plain ? ["WETH", "USDC", "DAI"] : ["WETH", "wstETH", "WBTC", "USDC", "DAI"];
        var reports = new List<MarginReport>();
        foreach (var market in plain ? (string[])["core"] : ["core", "prime", "etherfi"])
        {
            var legs = new List<Leg> { Leg.Collateral(all[random.Next(all.Length)], $"{1 + random.Next(900)}", "3", 8000) };
            foreach (var symbol in all)
            {
                if (random.Next(2) == 0)
                {
                    legs.Add(random.Next(3) == 0 ? Leg.Debt(symbol, $"{1 + random.Next(900)}", "3") : Leg.Collateral(symbol, $"{1 + random.Next(900)}", "3", 8000));
                }
            }

            reports.Add(In(Samples.Report(100, [.. legs]), market));
        }

        if (!plain)
        {
            reports.Add(Perpetual(random.Next(2) == 0 ? "WETH" : "wstETH", random.Next(2) == 0 ? 7 : -9, random.Next(-900, 900)));
            var kind = random.Next(2) == 0 ? OptionKind.Call : OptionKind.Put;
            reports.Add(Options(
                (kind, PositionSide.Debt, 1_500 + (ulong)random.Next(1_000), 1 + (ulong)random.Next(9), 10 + (ulong)random.Next(400)),
                (OptionKind.Put, PositionSide.Collateral, 1_500 + (ulong)random.Next(1_000), 1 + (ulong)random.Next(9), 10 + (ulong)random.Next(400))));
        }

        return Chain(reports) with { Wallet = [Held("ETH", 1 + (ulong)random.Next(9)), Held("USDC", 1 + (ulong)random.Next(900)), .. plain ? [] : (WalletBalance[])[Held("vault", 1 + (ulong)random.Next(9))]] };
    }

    private static (ChainHoldings[] Chains, string Gone) Blind(ChainHoldings[] chains, Random random)
    {
        var which = random.Next(chains.Length);
        var chain = chains[which];
        var how = random.Next(7);
        var blind = how switch
        {
            0 => chain with { Reports = [.. chain.Reports.Skip(1), chain.Reports[0] with { Report = Unread(chain.Reports[0].Report) }] },
            1 => chain with { Wallet = [.. chain.Wallet.Select((w, i) => i == 0 ? w with { Amount = null, Why = "no answer." } : w)] },
            2 => chain with { Unreadable = "the chain does not answer." },
            3 => chain with { Stale = "its newest block is old." },
            6 when which == 0 => chain with { Reports = [.. chain.Reports.SkipLast(1), chain.Reports[^1] with { Report = Unmarked(chain.Reports[^1].Report) }] },
            6 => chain with { Unreadable = "the chain does not answer." },
            4 => chain with { Failures = [new FailedVenue(new DeploymentId("aave-v3", chain.Chain, "lost"), "no contract.")] },
            _ => chain with { Rates = new Dictionary<Address, RateReading>(), Wallet = [.. chain.Wallet, Held("vault", 1)] },
        };
        if (how == 5 && which == 1)
        {
            blind = chain with { Unreadable = "the chain does not answer." };
        }

        return ([.. chains.Select((c, i) => i == which ? blind : c)], $"{chain.Name}, way {how}");
    }

    private static Dictionary<string, Figure> Figures(OwnerLedger ledger)
    {
        var figures = new Dictionary<string, Figure>(StringComparer.Ordinal);
        Add(figures, "whole", ledger.Whole);
        foreach (var greeks in ledger.Greeks)
        {
            (string, Figure)[] all = [("delta", greeks.Delta), ("option delta", greeks.OptionDelta), ("gamma", greeks.Gamma), ("vega", greeks.VegaPoint), ("theta", greeks.ThetaDay)];
            foreach (var (name, figure) in all.Concat(greeks.Expiries.Select(static e => ($"{e.Expiry} delta", e.Delta))))
            {
                figures[$"whole|root|{greeks.Root}|{name}"] = figure;
            }
        }

        foreach (var chain in ledger.Chains)
        {
            Add(figures, chain.Name, chain.Summary);
        }

        return figures;
    }

    private static void Add(Dictionary<string, Figure> figures, string where, LedgerSummary summary)
    {
        figures[$"{where}|assets"] = summary.Assets;
        figures[$"{where}|debts"] = summary.Debts;
        figures[$"{where}|net"] = summary.Net;
        figures[$"{where}|gross exposure"] = summary.GrossExposure;
        figures[$"{where}|net exposure"] = summary.NetExposure;
        figures[$"{where}|gross leverage"] = summary.GrossLeverage with { Why = null };
        figures[$"{where}|net leverage"] = summary.NetLeverage with { Why = null };
        (string, IReadOnlyList<Exposure>)[] lists =
        [
            ("asset", summary.ByAsset), ("root", summary.ByRoot), ("factor", summary.ByFactor), ("chain", summary.ByChain),
            ("venue", summary.ByVenue), ("oracle", summary.ByOracle), ("issuer", summary.ByIssuer),
        ];
        foreach (var (list, lines) in lists)
        {
            foreach (var line in lines)
            {
                figures[$"{where}|{list}|{line.Key}|long"] = line.Long;
                figures[$"{where}|{list}|{line.Key}|short"] = line.Short;
                figures[$"{where}|{list}|{line.Key}|net"] = line.Net;
                if (line.Quantity is { } quantity)
                {
                    figures[$"{where}|{list}|{line.Key}|quantity"] = quantity;
                }
            }
        }
    }
}
