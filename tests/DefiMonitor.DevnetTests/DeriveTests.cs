using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Protocols.DeriveV2;
using Xunit.Abstractions;

namespace DefiMonitor.DevnetTests;

/// <summary>
/// The adapter in the real loop against our own stand-in for Derive v2, whose contracts are on no registry: the formulas once more, in fixed point, by their description alone.
/// </summary>
public sealed class DeriveTests(ITestOutputHelper output)
{
    private const int People = 10;
    private const int SubAccounts = 5 * People;
    private const int Steps = 60;

    // The model counts in double: a hundred-millionth of a dollar beside its edge is about what it can be held to.
    private static readonly UInt256 Unit = 10_000_000_000u;

    private static readonly UInt256 Thousandth = 1_000_000_000_000_000u;

    [Fact]
    public async Task Every_word_equals_the_contract_at_every_block_of_a_random_walk_and_who_is_called_liquidatable_can_be_auctioned()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Derive, People, seed: 3);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var subAccounts = SubAccountsOf(devnet);
        subAccounts.Count.ShouldBe(SubAccounts);
        var accounts = subAccounts.Values.Concat(devnet.Accounts.Select(protocol.AccountOf)).ToList();
        accounts.ShouldAllBe(account => protocol.HasEntered(account));
        protocol.Forget();

        var watch = Stopwatch.StartNew();
        var random = new Random(4);
        var deeds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < Steps; step++)
        {
            var dt = random.Next(8) switch { 0 => 3_600 + random.Next(40_000), < 4 => 300 + random.Next(600), _ => 12 };
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 14, volatility = 0.05, dt, stale = step % 15 == 7 });
            foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
            {
                Count(deeds, deed.GetProperty("deed").GetString()!);
            }

            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
            var answers = step % 4 == 0 ? await chain.Client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None) : null;
            foreach (var said in done.GetProperty("said").EnumerateArray())
            {
                Hold(subAccounts[said.GetProperty("id").GetUInt64()], said, KindOf(devnet, said), answers?.Results, $"step {step}");
            }

            foreach (var owner in devnet.Accounts)
            {
                var has = done.GetProperty("said").EnumerateArray().Count(said => Address.Parse(said.GetProperty("owner").GetString()!) == owner);
                var report = Report(owner);
                report.NativeWords.ShouldHaveSingleItem().Value.ShouldBe((UInt256)(ulong)has);
                report.Status.ShouldBe(MarginStatus.Healthy);
            }
        }

        output.WriteLine($"{Steps * SubAccounts:N0} sub-accounts compared in {watch.Elapsed.TotalSeconds:0.0} s ({Text(tally)}): {Text(deeds)}");
        string[] needed =
        [
            "bid", "changeManager", "deposit", "setAccountLib", "setBaseReq", "setContingency", "setDepeg", "setFundingRate", "setOracles", "setParams", "setPerpReq", "setScenario",
            "settleInterest", "settleOptions", "settlePerps", "startAuction", "terminateAuction", "trade", "transferFrom", "whitelist", "withdraw",
        ];
        needed.Except(deeds.Keys).ShouldBeEmpty();
        (string, int)[] enough =
        [
            ("Standard Liquidatable", 20), ("Portfolio2 Liquidatable", 5), ("Standard Insolvent", 2), ("Portfolio Healthy", 100), ("bid on", 10), ("below the cutoff", 2), ("stale", 5), ("of a stranger", 100),
        ];
        foreach (var (what, least) in enough)
        {
            tally.GetValueOrDefault(what).ShouldBeGreaterThan(least, what);
        }

        tally.GetValueOrDefault("not modelled yet").ShouldBeLessThan(6);
        protocol.Snapshots.ShouldBe(0, "accounts were read, not folded");
        chain.Tally.Unreadable.ShouldBe(0);

        // A balance whose log is lost is told in the very block.
        var adjusted = Keccak256.HashUtf8("BalanceAdjusted(uint256,address,bytes32,int256,int256,int256,uint256)");
        var lost = 0;
        protocol.Withheld = log => log.Topics[0] == adjusted && subAccounts.ContainsKey((ulong)log.Topics[1].ToUInt256()) && ++lost > 0;
        for (var step = Steps; lost == 0; step++)
        {
            step.ShouldBeLessThan(2 * Steps, "nobody's balance moved");
            await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "randomStep", seed = 100 + step, actions = 6, dt = 12 })).GetProperty("block")));
            var answers = await chain.Client.CallAsync([.. accounts.SelectMany(protocol.Confirm)], chain.Head, CancellationToken.None);
            var told = accounts.Select(account => protocol.Compare(protocol.Capture(account, chain.Head), answers.Results)).Where(static one => one.Kind == AgreementKind.Different).ToList();
            told.Exists(static one => one.Text.Contains("balance of", StringComparison.Ordinal)).ShouldBe(lost > 0);
        }

        // One that nobody watches makes its owner unknown.
        var opened = await devnet.DoAsync(new { cmd = "createAccount", owner = devnet.Accounts[0].ToString() });
        await chain.FollowToAsync(DevnetBlock.Read(opened.GetProperty("block")));
        Report(devnet.Accounts[0]).Status.ShouldBe(MarginStatus.Unknown);

        // Asking for everybody's interest accrues it within the call, which is no sign of life: where nobody does anything the deployment is left behind.
        var before = await LastAccruedAsync();
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine", dt = 60 })).GetProperty("block")));
        (await LastAccruedAsync()).ShouldBe(before);
        before.ShouldBeLessThan(chain.Head.Timestamp);
        accounts.ShouldAllBe(account => ((DeriveV2State)protocol.Capture(account, chain.Head)).AccruedAt == before);
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine", dt = (2 * 86_400) + 1 })).GetProperty("block")));
        var left = accounts.Select(account => protocol.Evaluate(protocol.Capture(account, chain.Head), new Instant(chain.Head.Timestamp), Shock.None)).ToList();
        left.ShouldAllBe(static report => report.Status != MarginStatus.Healthy);
        left.Count(static report => report.UnknownReason?.StartsWith("No interest has been accrued", StringComparison.Ordinal) == true).ShouldBeGreaterThan(10);

        async Task<ulong> LastAccruedAsync()
        {
            var cash = devnet.Settings.DeploymentsOn(devnet.Settings.Followed.Single().Chain).Single().Addresses["cash"];
            var call = new Call(cash, Keccak256.HashUtf8("lastTimestamp()").ToArray()[..4]);
            var answered = await chain.Client.CallAsync([call], chain.Head, CancellationToken.None);
            answered.Results.TryGet(call, out var result).ShouldBeTrue();
            return (ulong)UInt256.FromBigEndian(result.Data.Span);
        }

        MarginReport Report(Address owner) => protocol.Evaluate(protocol.Capture(protocol.AccountOf(owner), chain.Head), new Instant(chain.Head.Timestamp), Shock.None);

        void Hold(MarginAccountId account, JsonElement said, ManagerKind? kind, CallResults? answers, string when)
        {
            var where = $"{account} at {chain.Head.Ref}, {when}: {said}";
            var state = (DeriveV2State)protocol.Capture(account, chain.Head);
            var report = protocol.Evaluate(state, new Instant(chain.Head.Timestamp), Shock.None);
            if (kind is null || said.GetProperty("maintenance").ValueKind == JsonValueKind.Null)
            {
                report.Status.ShouldBe(MarginStatus.Unknown, where);
                report.UnknownReason!.ShouldContain(kind is null ? "is none that the configuration names" : "has no answer", Case.Sensitive, where);
                Count(tally, kind is null ? "of a stranger" : "stale");
                return;
            }

            Count(tally, $"{kind} {report.Status}");
            report.NativeWords.ShouldBe(WordsIn(said), where);
            report.Status.ShouldBe(StatusIn(said), where);
            if (kind == ManagerKind.Portfolio)
            {
                state.Book.ShouldBeNull(where);
            }
            else if (state.Book is null)
            {
                // Another library, or a collateral that is new to him: its terms are known from the next block on.
                state.NoModel!.ShouldEndWith("has not been read.", Case.Sensitive, where);
                Count(tally, "not modelled yet");
            }

            if (said.TryGetProperty("firstBid", out var bid) && report.Status == MarginStatus.Liquidatable)
            {
                var quote = report.Liquidations.ShouldHaveSingleItem(where);
                var value = (double)(Figure(said, "markToMarket") + Figure(said, "interest"));
                quote.DebtToCover.ToDouble().ShouldBe((double)Figure(bid, "paid"), 1e-9 * value, where);
                quote.Loss.ToDouble().ShouldBe(value - (double)Figure(bid, "left"), 1e-9 * value, where);
                Count(tally, "bid on");
                if (quote.CollateralSymbol.StartsWith("100 %", StringComparison.Ordinal))
                {
                    Count(tally, "below the cutoff");
                }
            }

            if (answers is not null)
            {
                // The balances that were folded, and the model's three figures.
                var agreement = protocol.Compare(state, answers);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{where}: {agreement.Text}");
                agreement.ChainSaysLiquidatable.ShouldBe(report.IsBelowEdge, where);
            }
        }
    }

    [Fact]
    public async Task Where_the_model_says_that_an_auction_starts_it_starts_once_the_feeds_are_told_so_and_one_unit_before_it_does_not()
    {
        await using var devnet = await VenueDevnet.StartAsync(VenueDevnet.Derive, People, seed: 8);
        await using var chain = await StartAsync(devnet);
        var protocol = chain.Protocols.ShouldHaveSingleItem();
        var subAccounts = SubAccountsOf(devnet);

        // Into the last half hour of the first expiry, when a part of its forward is fixed.
        for (var step = 0; step < 3; step++)
        {
            var done = await devnet.DoAsync(new { cmd = "randomStep", seed = 200 + step, actions = 20, volatility = 0.01, dt = 2_000 });
            await chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
        }

        var at = new Instant(chain.Head.Timestamp);
        var (points, checks) = (new List<(object Ask, MarginReport Shocked)>(), new List<(object Ask, bool Starts, string What)>());
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, account) in subAccounts)
        {
            var state = (DeriveV2State)protocol.Capture(account, chain.Head);
            if (state.Book is not { } book || book.Spots.Count == 0)
            {
                continue;
            }

            foreach (var ppms in (uint[][])[[700_000, 1_000_000], [930_000, 930_000], [1_080_000, 1_000_000], [1_000_000, 1_450_000], [1_200_000, 900_000]])
            {
                var shock = new Shock(state.Underlyings.Select((one, i) => (one.Asset, Ppm: ppms[i])).ToDictionary(static one => one.Asset, static one => one.Ppm), 0);
                var spots = state.Underlyings.ToDictionary(static one => one.Symbol, one => shock.Apply(one.Asset, one.Spot).ToString());
                points.Add((new { id, spots }, protocol.Evaluate(state, at, shock)));
            }

            if (protocol.Evaluate(state, at, Shock.None).Triggers is not [{ Active: false } trigger])
            {
                continue;
            }

            foreach (var edge in trigger.Edges)
            {
                var (below, above) = (new { id, spots = Spot(edge.Symbol, edge.Price - Unit) }, new { id, spots = Spot(edge.Symbol, edge.Price + Unit) });
                var (beyond, before) = edge.Side == EdgeSide.Falls ? (below, above) : (above, below);
                Expect($"{(book is PortfolioBook ? ManagerKind.Portfolio2 : ManagerKind.Standard)} {edge.Side} {edge.Symbol}", beyond, before);

                // What-ifs end at the same edge, to a thousandth of a dollar: interest is far more than that.
                IsBelow(edge, edge.Price - Thousandth).ShouldBe(edge.Side == EdgeSide.Falls, $"{account} below {edge}");
                IsBelow(edge, edge.Price + Thousandth).ShouldBe(edge.Side == EdgeSide.Rises, $"{account} above {edge}");
            }

            Count(tally, Int128.Abs(state.Interest) > (Int128)(UInt128)Thousandth ? "with interest" : "without");
            Count(tally, book.Expiries.Any(static lines => lines.FixedForward > 0) ? "with a fixed part" : "all variable");
            if (trigger.Edges.GroupBy(static edge => edge.Asset).Any(static edges => edges.Select(static edge => edge.Side).Distinct().Count() == 2))
            {
                Count(tally, "strangles");
            }

            if (trigger.VolatilityRisePpm is { } rise)
            {
                Expect("volatility", new { id, vols = 1_000_000 + rise }, new { id, vols = 1_000_000 + rise - 1 });
            }

            if (trigger.UniformFallPpm is { } fall)
            {
                Expect("all fall", new { id, spots = All(state, Shock.Unit - fall) }, new { id, spots = All(state, Shock.Unit - fall + 1) });
            }

            bool IsBelow(PriceEdge edge, UInt256 price)
            {
                var factors = new Dictionary<Address, PriceFactor> { [edge.Asset] = new(price, edge.CurrentPrice) };
                return protocol.Evaluate(state, at, Shock.None with { Factors = factors }).IsBelowEdge;
            }
        }

        var asks = points.Select(static one => one.Ask).Concat(checks.Select(static one => one.Ask));
        var answers = (await devnet.DoAsync(new { cmd = "ask", asks })).GetProperty("answers").EnumerateArray().ToList();
        var worst = 0.0;
        foreach (var ((ask, shocked), said) in points.Zip(answers))
        {
            var where = $"{JsonSerializer.Serialize(ask)}: {string.Join(", ", shocked.NativeWords)}, {said}";
            var theirs = new[] { "maintenance", "initial", "markToMarket" }.Select(name => (double)Figure(said, name) / 1e18).ToList();
            var scale = theirs.Max(static figure => Math.Max(1, Math.Abs(figure)));
            var off = shocked.NativeWords.Take(3).Select(Figure).Zip(theirs, static (a, b) => Math.Abs(a - b)).Max() / scale;
            off.ShouldBeLessThan(1e-9, where);
            worst = Math.Max(worst, off);
            shocked.IsBelowEdge.ShouldBe(said.GetProperty("starts").GetBoolean() || said.GetProperty("refusal").GetString() == "AuctionAlreadyStarted", where);
            Count(tally, shocked.IsBelowEdge ? "shocked below" : "shocked above");
        }

        foreach (var ((ask, starts, what), said) in checks.Zip(answers.Skip(points.Count)))
        {
            said.GetProperty("starts").GetBoolean().ShouldBe(starts, $"{what}: {JsonSerializer.Serialize(ask)}: {said}");
        }

        output.WriteLine($"{Text(tally)}; shocked margins within {worst:E1} of the contract's");
        tally["strangles"].ShouldBeGreaterThan(5);
        string[] needed =
        [
            "Standard Falls WETH", "Standard Rises WETH", "Standard Falls WBTC", "Standard Rises WBTC", "Portfolio2 Falls WETH", "Portfolio2 Rises WETH", "volatility", "all fall",
            "with interest", "with a fixed part",
        ];
        foreach (var what in needed)
        {
            tally.GetValueOrDefault(what).ShouldBeGreaterThan(4, what);
        }

        tally["shocked below"].ShouldBeGreaterThan(10);

        void Expect(string what, object beyond, object before)
        {
            checks.Add((beyond, true, $"{what}, beyond"));
            checks.Add((before, false, $"{what}, before"));
            Count(tally, what);
        }
    }

    private static Dictionary<string, string> Spot(string symbol, UInt256 price) => new() { [symbol] = price.ToString() };

    private static Dictionary<string, string> All(DeriveV2State state, uint ppm) => state.Underlyings.ToDictionary(static one => one.Symbol, one => (one.Spot * ppm / Shock.Unit).ToString());

    private static double Figure(NativeWord word) => word.Value.ToDouble() / 1e18 * (word.Name.EndsWith("below 0 by", StringComparison.Ordinal) ? -1 : 1);

    private static async Task<FollowedChain> StartAsync(VenueDevnet devnet)
    {
        var watched = devnet.Settings.Owners.SelectMany(owner => owner.AddressesOn(devnet.Settings.Followed.Single().Chain).Select(address => new WatchedOwner(address, owner.Name)));
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, watched);
        await chain.FollowToAsync(DevnetBlock.Read((await devnet.DoAsync(new { cmd = "mine" })).GetProperty("block")));
        return chain;
    }

    private static SortedDictionary<ulong, MarginAccountId> SubAccountsOf(VenueDevnet devnet)
    {
        var deployment = devnet.Settings.DeploymentsOn(devnet.Settings.Followed.Single().Chain).Single().Id;
        var ids = devnet.Settings.Owners.SelectMany(static owner => owner.SmartAccounts).Select(static account => (ulong)account.Address.ToWord().ToUInt256());
        return new(ids.ToDictionary(static id => id, id => new MarginAccountId(deployment, id.ToString(CultureInfo.InvariantCulture))));
    }

    // Null of a manager that the configuration does not name.
    private static ManagerKind? KindOf(VenueDevnet devnet, JsonElement said)
    {
        var deployment = devnet.Settings.DeploymentsOn(devnet.Settings.Followed.Single().Chain).Single();
        var manager = Address.Parse(said.GetProperty("manager").GetString()!);
        return manager == deployment.Addresses["standardManager"] ? ManagerKind.Standard
            : deployment.AddressLists["pmrm2"].Contains(manager) ? ManagerKind.Portfolio2
            : deployment.AddressLists["pmrm"].Contains(manager) ? ManagerKind.Portfolio
            : null;
    }

    // Whether an auction really starts, or has.
    private static MarginStatus StatusIn(JsonElement said)
    {
        var isOngoing = said.GetProperty("ongoing").GetBoolean();
        if (!isOngoing && !said.GetProperty("starts").GetBoolean())
        {
            said.GetProperty("refusal").GetString().ShouldBe("AccountIsAboveMaintenanceMargin");
            return MarginStatus.Healthy;
        }

        var isBelow = Figure(said, "maintenance") + Figure(said, "interest") < 0;
        var isInsolvent = (isOngoing && said.GetProperty("insolvent").GetBoolean()) || (isBelow && Figure(said, "markToMarket") + Figure(said, "interest") <= 0);
        return isInsolvent ? MarginStatus.Insolvent : MarginStatus.Liquidatable;
    }

    private static NativeWord[] WordsIn(JsonElement said) =>
    [
        Word("maintenanceMargin", Figure(said, "maintenance")), Word("initialMargin", Figure(said, "initial")), Word("markToMarket", Figure(said, "markToMarket")),
        Word("interest", Figure(said, "interest")), new NativeWord("auctionSince", said.GetProperty("since").GetUInt64()),
    ];

    private static NativeWord Word(string name, Int128 value) =>
        value < 0 ? new NativeWord($"{name} below 0 by", (UInt256)(UInt128)(-value)) : new NativeWord(name, (UInt256)(UInt128)value);

    private static Int128 Figure(JsonElement said, string name) => Int128.Parse(said.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static void Count(SortedDictionary<string, int> tally, string what) => tally[what] = tally.GetValueOrDefault(what) + 1;

    private static string Text(SortedDictionary<string, int> tally) => string.Join(", ", tally.Select(static pair => $"{pair.Key} {pair.Value}"));
}
