using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>The model's book of an account, out of the answers of one block.</summary>
internal sealed class BookReader(DeriveMarket market, AccountCalls accounts)
{
    public (DeriveBook? Book, IReadOnlyList<UnderlyingState> Underlyings, string? Why) Of(Address account, AccountRow row, BlockHeader block)
    {
        var sheet = new Sheet(market.Answers, block);
        try
        {
            return market.KindOf(row) switch
            {
                ManagerKind.Standard => Standard(account, row, sheet, block),
                ManagerKind.Portfolio2 => Portfolio(account, row, sheet, block),
                _ => (null, [], "No model of this manager is carried: edges and times are not told."),
            };
        }
        catch (MissingAnswerException missing)
        {
            return (null, [], missing.Message);
        }
    }

    private (DeriveBook, IReadOnlyList<UnderlyingState>, string?) Standard(Address account, AccountRow row, Sheet sheet, BlockHeader block)
    {
        var id = DeriveMarket.Id(account);
        var (markets, underlyings) = (new List<StandardMarket>(), new List<UnderlyingState>());
        foreach (var group in Held(account).GroupBy(MarketOf).OrderBy(static group => group.Key))
        {
            if (group.Key is not { } marketId || market.FeedsOf(marketId) is not { } feeds)
            {
                throw new MissingAnswerException($"The asset {group.First().Asset} is in no market of the Standard Manager that was read.");
            }

            var spot = sheet.Figure(DeriveCalls.Spot(feeds.Spot), 0, $"The spot of market {marketId}");
            var perp = group.FirstOrDefault(key => KindOf(key, row) == HoldingKind.Perpetual);
            markets.Add(new StandardMarket(
                spot,
                sheet.Figure(DeriveCalls.Spot(feeds.Spot), 1, $"The spot of market {marketId}"),
                perp == default ? default : Perp(perp, id, sheet),
                group.Where(key => KindOf(key, row) == HoldingKind.Base).Select(Balance).FirstOrDefault(),
                Expiries([.. group.Where(key => KindOf(key, row) == HoldingKind.Option)], feeds.Forward, feeds.Volatility, null, sheet),
                Terms.Standard(market.Deployment.StandardManager, marketId, sheet)));
            underlyings.Add(Underlying(feeds.Spot, spot));
        }

        var stable = sheet.Contract(DeriveAbi.StableFeed.Call(row.Manager), "The feed of the stable price");
        var book = new StandardBook
        {
            At = block.Timestamp,
            Cash = market.CashOf(account),
            StablePrice = sheet.Figure(DeriveCalls.Spot(stable), 0, "The stable price"),
            DepegThreshold = sheet.Figure(market.Calls.DepegParams, 0, "The parameters for a depeg"),
            DepegFactor = sheet.Figure(market.Calls.DepegParams, 1, "The parameters for a depeg"),
            Markets = markets,
        };
        return (book, underlyings, null);
    }

    private (DeriveBook, IReadOnlyList<UnderlyingState>, string?) Portfolio(Address account, AccountRow row, Sheet sheet, BlockHeader block)
    {
        var held = Held(account).ToList();
        var spotFeed = sheet.Contract(DeriveAbi.SpotFeed.Call(row.Manager), "The manager's spot feed");
        var stableFeed = sheet.Contract(DeriveAbi.StableFeed.Call(row.Manager), "The feed of the stable price");
        var library = market.LibraryOf(account, row.Manager) ?? throw new MissingAnswerException("The manager's library has not been read.");
        if (held.FirstOrDefault(key => KindOf(key, row) == HoldingKind.Unknown) is var stranger && stranger != default)
        {
            throw new MissingAnswerException($"The manager {row.Manager} does not deal in the asset {stranger.Asset}.");
        }

        var spot = sheet.Figure(DeriveCalls.Spot(spotFeed), 0, "The spot price");
        var perp = held.FirstOrDefault(key => KindOf(key, row) == HoldingKind.Perpetual);
        var book = new PortfolioBook
        {
            At = block.Timestamp,
            Cash = market.CashOf(account),
            StablePrice = sheet.Figure(DeriveCalls.Spot(stableFeed), 0, "The stable price"),
            Spot = spot,
            SpotConfidence = sheet.Figure(DeriveCalls.Spot(spotFeed), 1, "The spot price"),
            Perp = perp == default ? default : Perp(perp, DeriveMarket.Id(account), sheet),
            Collaterals = [.. held.Where(key => KindOf(key, row) == HoldingKind.Base).Select(key => Collateral(key, row, library, sheet))],
            Lines = Expiries(
                [.. held.Where(key => KindOf(key, row) == HoldingKind.Option)],
                sheet.Contract(DeriveAbi.ForwardFeed.Call(row.Manager), "The manager's forward feed"),
                sheet.Contract(DeriveAbi.VolFeed.Call(row.Manager), "The manager's volatility feed"),
                sheet.Contract(DeriveAbi.InterestRateFeed.Call(row.Manager), "The manager's rate feed"),
                sheet),
            Terms = Terms.Portfolio(library, sheet),
            Scenarios = Scenarios(row.Manager),
        };
        return (book, [Underlying(spotFeed, spot)], null);
    }

    private IEnumerable<BalanceKey> Held(Address account) => market.Held.Of(account).Where(key => key.Asset != market.Deployment.Cash);

    private ulong? MarketOf(BalanceKey key) => market.Tables.Assets.TryGet(key.Asset, out var known) ? known.Market : null;

    private HoldingKind KindOf(BalanceKey key, AccountRow row) => accounts.KindOf(key.Asset, row);

    private Int128 Balance(BalanceKey key) => market.Tables.Balances.TryGet(key, out var balance) ? balance : 0;

    private UnderlyingState Underlying(Address spotFeed, Int128 spot)
    {
        var (asset, symbol) = market.UnderlyingOf(spotFeed);
        return new UnderlyingState(asset, symbol, spot < 0 ? UInt256.Zero : (UInt256)(UInt128)spot);
    }

    private PerpLine Perp(BalanceKey key, ulong id, Sheet sheet)
    {
        var price = sheet.Row(DeriveAbi.GetPerpPrice.Call(key.Asset), "The perpetual's price");
        return new PerpLine(Balance(key), price(0), price(1), sheet.Figure(DeriveCalls.Unsettled(key.Asset, id), 0, "The perpetual's unsettled profit"));
    }

    private CollateralLine Collateral(BalanceKey key, AccountRow row, Address library, Sheet sheet)
    {
        var feed = sheet.Contract(DeriveAbi.CollateralSpotFeeds.Call(row.Manager, key.Asset), $"The price feed of the collateral {key.Asset}");
        var price = sheet.Row(DeriveCalls.Spot(feed), $"The price of the collateral {key.Asset}");
        var terms = sheet.Row(DeriveAbi.GetCollateralParameters.Call(library, key.Asset), $"The parameters of the collateral {key.Asset}");
        return new CollateralLine(Balance(key), price(0), price(1), terms(1) != 0, terms(2), terms(3));
    }

    private List<ExpiryLines> Expiries(List<BalanceKey> options, Address forwardFeed, Address volatilityFeed, Address? rateFeed, Sheet sheet)
    {
        var expiries = new List<ExpiryLines>();
        var read = options.Select(key => (Key: key, Option: OptionSubId.From(key.SubId) ?? throw new MissingAnswerException($"The option {key.SubId} has no sub id that can be.")));
        foreach (var group in read.GroupBy(static one => one.Option.Expiry).OrderBy(static group => group.Key))
        {
            var expiry = group.Key;
            var forward = sheet.Row(DeriveCalls.Forward(forwardFeed, expiry), $"The forward for {Names.Date(expiry)}");
            var rate = rateFeed is { } feed ? sheet.Row(DeriveCalls.Rate(feed, expiry), $"The rate for {Names.Date(expiry)}") : null;
            var confidence = rate is null ? forward(2) : Int128.Min(forward(2), rate(1));
            var lines = new List<OptionLine>();
            foreach (var (key, option) in group)
            {
                var volatility = sheet.Row(DeriveCalls.Volatility(volatilityFeed, option.Strike, expiry), $"The volatility for {Names.Date(expiry)}");
                confidence = Int128.Min(confidence, volatility(1));
                lines.Add(new OptionLine(option.IsCall, (Int128)(UInt128)option.Strike, Balance(key), volatility(0)));
            }

            expiries.Add(new ExpiryLines(expiry, forward(0), forward(1), rate?.Invoke(0) ?? 0, confidence, lines));
        }

        return expiries;
    }

    private List<PortfolioScenario> Scenarios(Address manager)
    {
        var scenarios = new List<PortfolioScenario>();
        for (ushort place = 0; market.Tables.Scenarios.TryGet(new ScenarioKey(manager, place), out var row); place++)
        {
            if (Answers.Signed(row.SpotShock) is not { } shock || DeriveV2.Answers.Signed(row.Dampening) is not { } dampening || row.VolShock > (byte)VolShock.Abs)
            {
                throw new MissingAnswerException($"Scenario {place} of the manager {manager} is of a kind that is not known.");
            }

            scenarios.Add(new PortfolioScenario(shock, (VolShock)row.VolShock, dampening));
        }

        return scenarios.Count > 0 ? scenarios : throw new MissingAnswerException($"The scenarios of the manager {manager} have not been read.");
    }
}
