using System.Globalization;
using System.Numerics;
using System.Text.Json;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Tests.Vectors;

/// <summary>The figures of Derive's own unit tests (derivexyz/v2-core at 7736900d) against our model of its managers.</summary>
internal static class DeriveVectors
{
    private const ulong Now = 1_700_000_000;

    private static readonly Int128 One = Int128.Parse("1000000000000000000");

    /// <summary>Black76.t.sol and SVI.t.sol of lyra-utils at 8f6962cb; the feed's own clamp at the far wings is read from the chain, not modelled.</summary>
    public static void Pricing(JsonElement file, VectorCase vector)
    {
        var black = file.GetProperty("black76");
        foreach (var row in black.GetProperty("rows").EnumerateArray())
        {
            var (years, vol, forward, strike, discount) = (row[0].GetDouble() / 31_536_000, row[1].GetDouble(), row[2].GetDouble(), row[3].GetDouble(), row[4].GetDouble());
            vector.Within("call", Black76.Price(OptionSide.Call, forward, strike, vol, years, discount).Value?.Value, row[5].GetDouble(), 1e-12 * Math.Max(forward, strike));
            vector.Within("put", Black76.Price(OptionSide.Put, forward, strike, vol, years, discount).Value?.Value, row[6].GetDouble(), 1e-12 * Math.Max(forward, strike));
        }

        foreach (var json in file.GetProperty("svi").EnumerateArray())
        {
            double Of(string field) => json.GetProperty(field).GetDouble();
            var slice = new SviSlice(Of("a"), Of("b"), Of("rho"), Of("m"), Of("sigma"), Of("tau"));
            for (var i = 0; i < json.GetProperty("strikes").GetArrayLength(); i++)
            {
                var k = Math.Log(json.GetProperty("strikes")[i].GetDouble() / Of("fwd"));
                vector.Near($"vol {i}", slice.Volatility(k).Value, json.GetProperty("vol")[i].GetDouble(), 1e-12);
            }
        }
    }

    /// <summary>test-cases.json of the Standard Manager: whole books in fixed point, with the file's parameters for both markets.</summary>
    public static void StandardCases(JsonElement file, VectorCase vector)
    {
        var terms = Terms(file.GetProperty("params"));
        var depeg = file.GetProperty("params").GetProperty("depeg");
        foreach (var named in file.GetProperty("cases").EnumerateObject())
        {
            var scenario = named.Value.GetProperty("Scenario");
            var book = new StandardBook
            {
                At = Now,
                Cash = Raw(scenario, "Cash"),
                StablePrice = Raw(scenario, "USDCValue"),
                DepegThreshold = Wad(depeg, "threshold"),
                DepegFactor = Wad(depeg, "factor"),
                Markets = [Market(scenario, "ETH", 0, terms), Market(scenario, "BTC", 1, terms)],
            };
            var margin = book.Margin(BookMove.None).Value;
            var result = named.Value.GetProperty("Result");
            vector.Near($"{named.Name} MM", margin?.Maintenance, (double)Raw(result, "realMM") / 1e18, 1e-12);
            vector.Near($"{named.Name} IM", margin?.Initial, (double)Raw(result, "realIM") / 1e18, 1e-12);
            vector.Near($"{named.Name} MtM", margin?.MarkToMarket, (double)Raw(result, "PortfolioMtM") / 1e18, 1e-12);
        }
    }

    /// <summary>test-cases-portfolio.json: whole dollars, cut toward zero.</summary>
    public static void StandardPortfolio(JsonElement json, VectorCase vector)
    {
        var depeg = json.GetProperty("depeg");
        var book = new StandardBook
        {
            At = Now,
            Cash = Wad(json, "cash"),
            StablePrice = Wad(json, "stable"),
            DepegThreshold = Wad(depeg, "threshold"),
            DepegFactor = Wad(depeg, "factor"),
            Markets = [.. json.GetProperty("markets").EnumerateArray().Select(PortfolioMarket)],
        };
        var margin = book.Margin(BookMove.None).Value;
        var expected = json.GetProperty("expected");
        Truncated(vector, $"{json.Text("name")} MM", margin?.Maintenance, expected.GetProperty("mmTruncated").GetInt64());
        Truncated(vector, $"{json.Text("name")} IM", margin?.Initial, expected.GetProperty("imTruncated").GetInt64());
    }

    /// <summary>PMRM_2/portfolio_cases: margins, and the loss of every scenario that is told, to one part in 10^12 of what is added up for it.</summary>
    public static void PortfolioCases(JsonElement json, VectorCase vector)
    {
        var (scenario, result) = (json.GetProperty("Scenario"), json.GetProperty("Result"));
        var name = json.Text("name");
        var book = PortfolioOf(scenario, json.GetProperty("Parameters"));
        var margin = book.Margin(BookMove.None).Value;
        vector.Near($"{name} MM", margin?.Maintenance, result.GetProperty("MM").GetDouble(), 1e-12);
        vector.Near($"{name} IM", margin?.Initial, result.GetProperty("IM").GetDouble(), 1e-12);
        vector.Near($"{name} MtM", margin?.MarkToMarket, result.GetProperty("PortfolioMTM").GetDouble(), 1e-11);
        if (name.StartsWith("test_67_", StringComparison.Ordinal))
        {
            // Derive's own test leaves it out: a tilted smile together with a move of the spot, which setScenarios refuses.
            return;
        }

        // Regular ones first, then tails, then the smile's, as Parameters.Scenarios has them.
        var losses = new[] { "reg_losses", "tail_losses", "skew_losses" }.SelectMany(list => result.GetProperty(list).EnumerateArray()).ToList();
        var profits = book.ScenarioProfits(BookMove.None);
        var gross = book.Lines.Sum(static lines => lines.Options.Sum(static option => Math.Abs((double)option.Quantity))) * (double)book.Spot / 1e36;
        gross += (Math.Abs((double)book.Perp.Quantity) * (double)book.Spot / 1e36) + 1;
        vector.Expect($"{name} scenarios", profits.Count, losses.Count + 1);
        for (var i = 0; i < losses.Count; i++)
        {
            var loss = double.Parse(losses[i][losses[i].GetArrayLength() - 1].ToString(), CultureInfo.InvariantCulture);
            vector.Within($"{name} scenario {i}", profits[i], loss, 1e-12 * (gross + Math.Abs(loss)));
        }

        vector.Within($"{name} basis", profits[^1], result.GetProperty("ForwardContingency").GetDouble(), 1e-12 * gross);
    }

    private static PortfolioBook PortfolioOf(JsonElement scenario, JsonElement parameters)
    {
        var feeds = scenario.GetProperty("OptionFeeds").EnumerateArray().ToDictionary(static feed => feed.GetProperty("FeedExpiry").GetInt64());
        return new PortfolioBook
        {
            At = Now,
            Cash = Wad(scenario, "Cash"),
            StablePrice = Wad(scenario, "StablePrice"),
            Spot = Wad(scenario, "SpotPrice"),
            SpotConfidence = Wad(scenario, "SpotConfidence"),
            Perp = new PerpLine(
                Wad(scenario, "NumPerps"), Wad(scenario, "PerpPrice"), Wad(scenario, "PerpConfidence"), Wad(scenario, "UnrealisedPerpPNL") + Wad(scenario, "UnrealisedFunding")),
            Collaterals = [.. scenario.GetProperty("Collaterals").EnumerateArray().Select(static held => new CollateralLine(
                Wad(held, "Amount"), Wad(held, "Price"), Wad(held, "Confidence"), held.GetProperty("IsRiskCancelling").GetBoolean(), Wad(held, "MMHaircut"), Wad(held, "IMHaircut")))],
            Lines = [.. scenario.GetProperty("Options").EnumerateArray().GroupBy(static option => option.GetProperty("Expiry").GetInt64()).Select(group => new ExpiryLines(
                Now + (ulong)group.Key, 0, Wad(feeds[group.Key], "Forward"), Wad(feeds[group.Key], "Rate"),
                Least(Wad(feeds[group.Key], "ForwardConfidence"), Wad(feeds[group.Key], "RateConfidence"), Wad(feeds[group.Key], "OptionVolConfidences")),
                [.. group.Select(static option => new OptionLine(option.GetProperty("IsCall").GetInt32() == 1, Wad(option, "Strike"), Wad(option, "Amount"), Wad(option, "MarkVol")))]))],
            Terms = PortfolioTermsOf(parameters),
            Scenarios = [.. parameters.GetProperty("Scenarios").EnumerateArray().Select(static one => new PortfolioScenario(
                Wad(one, "SpotShock"), Enum.Parse<VolShock>(one.Text("VolShockDirection"), ignoreCase: true), Wad(one, "DampeningFactor")))],
        };
    }

    private static PortfolioTerms PortfolioTermsOf(JsonElement parameters)
    {
        var (margin, vol, skew) = (parameters.GetProperty("Margin"), parameters.GetProperty("VolShock"), parameters.GetProperty("SkewShock"));
        var (basis, other) = (parameters.GetProperty("BasisContingency"), parameters.GetProperty("OtherContingency"));
        return new PortfolioTerms
        {
            ImFactor = Wad(margin, "IM_LOSS_FACTOR"),
            MmFactor = Wad(margin, "MM_LOSS_FACTOR"),
            ShortRateMultScale = Wad(margin, "SHORT_RATE_MULTSCALE"),
            LongRateMultScale = Wad(margin, "LONG_RATE_MULTSCALE"),
            ShortRateAddScale = Wad(margin, "SHORT_RATE_ADDSCALE"),
            LongRateAddScale = Wad(margin, "LONG_RATE_ADDSCALE"),
            ShortBaseStaticDiscount = Wad(margin, "BASE_STATIC_DISCOUNT_NEG"),
            LongBaseStaticDiscount = Wad(margin, "BASE_STATIC_DISCOUNT"),
            VolRangeUp = Wad(vol, "VOLRANGEUP"),
            VolRangeDown = Wad(vol, "VOLRANGEDOWN"),
            ShortTermPower = Wad(vol, "SHORTTERMPOWER"),
            LongTermPower = Wad(vol, "LONGTERMPOWER"),
            DteFloor = (ulong)(vol.GetProperty("DTE_FLOOR").GetDouble() * 86_400),
            MinVolUpShock = Wad(vol, "MIN_VOL_EVAL_SHOCKED"),
            ScenarioSpotUp = Wad(basis, "SCENARIO_SPOT_UP"),
            ScenarioSpotDown = Wad(basis, "SCENARIO_SPOT_DOWN"),
            BasisContAddFactor = Wad(basis, "BASIS_CONT_ADD_FACTOR"),
            BasisContMultFactor = Wad(basis, "BASIS_CONT_MULT_FACTOR"),
            PegLossThreshold = Wad(other, "PEG_LOSS_THRESHOLD"),
            PegLossFactor = Wad(other, "PEG_LOSS_FACTOR"),
            ConfThreshold = Wad(other, "CONF_THRESHOLD"),
            ConfMargin = Wad(other, "CONF_MARGIN"),
            MmPerpPercent = Wad(other, "MM_PERP_PERCENT"),
            ImPerpPercent = Wad(other, "IM_PERP_PERCENT"),
            MmOptionPercent = Wad(other, "MM_OPTION_PERCENT"),
            ImOptionPercent = Wad(other, "IM_OPTION_PERCENT"),
            LinearBaseCap = Wad(skew, "LINEAR_SCALE_CAP"),
            AbsBaseCap = Wad(skew, "ABS_SCALE_CAP"),
            LinearCBase = Wad(skew, "LINEAR_CBASE"),
            AbsCBase = Wad(skew, "ABS_CBASE"),
            MinKStar = Wad(skew, "MIN_K_STAR"),
            WidthScale = Wad(skew, "MIN_WIDTH_SCALE"),
            VolParamStatic = Wad(skew, "VOL_PARAM_STATIC"),
            VolParamScale = Wad(skew, "VOL_PARAM_SCALE"),
        };
    }

    // The file's own way of reading: below an hour the forward is the settlement price, and an expiry's volatility confidence is its last option's.
    private static StandardMarket Market(JsonElement scenario, string name, int index, StandardTerms terms)
    {
        var options = new List<(ulong Expiry, OptionLine Line, Int128 Forward, Int128 Confidence, Int128 VolConfidence)>();
        var underlyings = scenario.GetProperty("OptionUnderlying");
        for (var i = 0; i < underlyings.GetArrayLength(); i++)
        {
            if (underlyings[i].GetString() != name)
            {
                continue;
            }

            var seconds = scenario.GetProperty("OptionExpiries")[i].GetInt64();
            options.Add((
                Now + (ulong)seconds,
                new OptionLine(
                    scenario.GetProperty("OptionIsCall")[i].GetInt32() == 1, Raw(scenario.GetProperty("OptionStrikes")[i]), Raw(scenario.GetProperty("OptionAmounts")[i]),
                    Raw(scenario.GetProperty("OptionVols")[i])),
                seconds < 3_600 ? Raw(scenario, $"SettlementPrice{name}") : Raw(scenario.GetProperty("Forwards")[i]),
                Raw(scenario.GetProperty("ForwardConfidences")[i]),
                Raw(scenario.GetProperty("OptionVolConfidences")[i])));
        }

        var quantity = Raw(scenario, $"Perps_{name}");
        var price = Raw(scenario.GetProperty("PerpPrice")[index]);
        var pnl = quantity == 0 ? BigInteger.Zero : (((BigInteger)price - Raw(scenario, $"LastEntry{name}")) * quantity)
            - ((BigInteger)quantity * (Raw(scenario, $"{name}GlobalFundingIndex") - Raw(scenario, $"Account{name}FundingIndex")));
        var confidences = scenario.GetProperty("SpotPerpConfidences")[index];
        return new StandardMarket(
            Raw(scenario, $"{name}SpotPrice"), Raw(confidences[0]), new PerpLine(quantity, price, Raw(confidences[1]), (Int128)(pnl / (BigInteger)One)), Raw(scenario, $"w{name}"),
            [.. options.GroupBy(static o => o.Expiry).Select(static g => new ExpiryLines(
                g.Key, 0, g.First().Forward, 0, Int128.Min(g.First().Confidence, g.Last().VolConfidence), [.. g.Select(static o => o.Line)]))],
            terms);
    }

    private static StandardTerms Terms(JsonElement parameters)
    {
        var (option, oracle) = (parameters.GetProperty("option"), parameters.GetProperty("oracleContingency"));
        return new StandardTerms
        {
            MmPerpReq = Wad(parameters, "perpMM"),
            ImPerpReq = Wad(parameters, "perpIM"),
            MaxSpotReq = Wad(option, "maxSpotReq"),
            MinSpotReq = Wad(option, "minSpotReq"),
            MmCallSpotReq = Wad(option, "mmCallSpotReq"),
            MmPutSpotReq = Wad(option, "mmPutSpotReq"),
            MmPutMtmReq = Wad(option, "MMPutMtMReq"),
            UnpairedImScale = Wad(option, "unpairedIMScale"),
            UnpairedMmScale = Wad(option, "unpairedMMScale"),
            MmOffsetScale = Wad(option, "mmOffsetScale"),
            MarginFactor = Wad(parameters, "baseMarginFactor"),
            ImScale = Wad(parameters, "baseIMScale"),
            PerpThreshold = Wad(oracle, "perpThreshold"),
            OptionThreshold = Wad(oracle, "optionThreshold"),
            BaseThreshold = Wad(oracle, "baseThreshold"),
            OcFactor = Wad(oracle, "OCFactor"),
        };
    }

    private static StandardMarket PortfolioMarket(JsonElement json)
    {
        var (p, oracle) = (json.GetProperty("p"), json.GetProperty("oc"));
        return new StandardMarket(
            Wad(json, "spot"), Wad(json, "spotConf"), new PerpLine(Wad(json, "perp"), Wad(json, "perpPrice"), Wad(json, "perpConf"), Wad(json, "perpPnl")), Wad(json, "base"),
            [.. json.GetProperty("expiries").EnumerateArray().Select(static e => new ExpiryLines(
                Now + (ulong)e.GetProperty("T").GetInt64(), 0, Wad(e, "F"), 0, Wad(e, "conf"),
                [.. e.GetProperty("opts").EnumerateArray().Select(static o => new OptionLine(o[1].GetBoolean(), Wad(o[0]), Wad(o[2]), Wad(o[3])))]))],
            new StandardTerms
            {
                MmPerpReq = Wad(json, "mmPerp"),
                ImPerpReq = Wad(json, "imPerp"),
                MaxSpotReq = Wad(p, "maxSpot"),
                MinSpotReq = Wad(p, "minSpot"),
                MmCallSpotReq = Wad(p, "mmCall"),
                MmPutSpotReq = Wad(p, "mmPut"),
                MmPutMtmReq = Wad(p, "mmPutMtm"),
                UnpairedImScale = Wad(p, "unpIM"),
                UnpairedMmScale = Wad(p, "unpMM"),
                MmOffsetScale = Wad(p, "mmOff"),
                MarginFactor = Wad(json, "baseFactor"),
                ImScale = Wad(json, "IMScale"),
                PerpThreshold = Wad(oracle, "perp"),
                OptionThreshold = Wad(oracle, "opt"),
                BaseThreshold = Wad(oracle, "base"),
                OcFactor = Wad(oracle, "f"),
            });
    }

    // A whole dollar may be hit exactly, which no double does: a thousandth of a millionth to either side counts.
    private static void Truncated(VectorCase vector, string field, double? actual, long expected)
    {
        double[] near = actual is { } value ? [value - 1e-9, value, value + 1e-9] : [];
        vector.Expect(field, near.Any(one => (long)Math.Truncate(one) == expected) ? expected : (BigInteger)(long)(actual ?? double.NaN), expected);
    }

    private static Int128 Least(params Int128[] figures) => figures.Min();

    private static Int128 Raw(JsonElement json, string field) => Raw(json.GetProperty(field));

    private static Int128 Raw(JsonElement json) => json.ValueKind == JsonValueKind.Null ? 0 : Int128.Parse(json.GetRawText(), CultureInfo.InvariantCulture);

    private static Int128 Wad(JsonElement json, string field) => Wad(json.GetProperty(field));

    private static Int128 Wad(JsonElement json) =>
        (Int128)(decimal.Parse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture) * 1_000_000_000_000_000_000m);
}
