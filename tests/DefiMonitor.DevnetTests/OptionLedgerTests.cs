using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.DevnetTests;

/// <summary>One owner with a loan on the real Aave and options on the real Lyra v1, under one price feed.</summary>
public sealed class OptionLedgerTests
{
    private const double Close = 1e-9;
    private const string Aave = $"aave-v3/eip155:31337/{Devnet.Core36}";
    private const string Lyra = "lyra-v1/eip155:31337/seth";

    // The contract's own fixed point is good to some 1e-9 of the spot.
    private const double ContractsOwn = 1e-6;

    private static readonly Address Owner = Address.Parse("0x00000000000000000000000000000000000a11ce");
    private static readonly UInt256 One = UInt256.Pow10(18);

    [Fact]
    public async Task Show_has_the_loan_and_the_short_option_their_Greeks_both_verdicts_and_both_tags()
    {
        await using var devnet = await StartAsync();
        var (code, calm, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        Verdict(calm, Aave).ShouldBe(("healthy", "exact", "equal"));
        Verdict(calm, Lyra).ShouldBe(("healthy", "exact", "equal"));

        // Each option at the contract's own price and delta, at the block's time.
        var legs = Legs(calm).Where(static l => l.GetProperty("option").ValueKind == JsonValueKind.Object).ToList();
        legs.Select(static l => l.GetProperty("side").GetString()).ShouldBe(["debt", "collateral"]);
        var delta = 0.0;
        foreach (var leg in legs)
        {
            var option = leg.GetProperty("option");
            var sign = leg.GetProperty("side").GetString() == "debt" ? -1 : 1;
            var (price, putDelta) = await AskAsync(devnet, calm, option);
            leg.GetProperty("status").GetString().ShouldBe("known");
            leg.GetProperty("venuePrice").GetString().ShouldBe(price.ToString());
            leg.GetProperty("value").GetDouble().ShouldBe(Whole(leg, "amount") * price.ToDouble() / 1e18, Close * 1e4);
            option.GetProperty("tag").GetString().ShouldBe("model");
            option.GetProperty("delta").GetDouble().ShouldBe(sign * Whole(leg, "amount") * putDelta, ContractsOwn);
            option.GetProperty("atMost").GetString().ShouldBe(sign < 0 ? null : "no liquidation, at most the premium");
            delta += option.GetProperty("delta").GetDouble();
        }

        // A WETH collateral is delta too: four of Aave, and what the options act like; a short put is long, a long put short.
        var greeks = calm.GetProperty("ledger").GetProperty("greeks").EnumerateArray().Single(static g => g.GetProperty("root").GetString() == "ETH");
        greeks.GetProperty("tag").GetString().ShouldBe("model");
        Figure(greeks, "optionDelta").ShouldBe(delta, Close);
        var collateral = Legs(calm).Where(static l => l.GetProperty("root").GetString() == "ETH" && l.GetProperty("option").ValueKind == JsonValueKind.Null).Sum(static l => l.GetProperty("rootQuantity").GetDouble());
        collateral.ShouldBeGreaterThan(4);
        Figure(greeks, "delta").ShouldBe(collateral + delta, Close * 1e6);
        var bucket = greeks.GetProperty("expiries").EnumerateArray().ShouldHaveSingleItem();
        Figure(bucket, "gamma").ShouldBeLessThan(0, "more is written than held");
        Figure(bucket, "vegaPoint").ShouldBeLessThan(0);
        Figure(bucket, "thetaDay").ShouldBeGreaterThan(0);
        AccountOf(calm, Lyra).GetProperty("greeks").EnumerateArray().ShouldHaveSingleItem().GetProperty("tag").GetString().ShouldBe("model");
        AccountOf(calm, Aave).GetProperty("greeks").GetArrayLength().ShouldBe(0);
        var sum = Legs(calm).Sum(static l => l.GetProperty("value").GetDouble() * (l.GetProperty("side").GetString() == "debt" ? -1 : 1));
        Figure(calm.GetProperty("ledger").GetProperty("whole"), "net").ShouldBe(sum, 1e-6);
        calm.GetProperty("ledger").GetProperty("whole").GetProperty("byFactor").EnumerateArray().Sum(static f => Figure(f, "net")).ShouldBe(sum, 1e-6);
    }

    [Fact]
    public async Task One_update_of_the_one_feed_makes_both_liquidatable_and_the_real_contracts_agree()
    {
        await using var devnet = await StartAsync();
        var (_, calm, _) = await ShowAsync(devnet);
        (await devnet.TryAsync(new { cmd = "liquidateOption", position = "1", dt = 1 })).GetProperty("ok").GetBoolean().ShouldBeFalse();
        await devnet.PriceAsync(new Dictionary<string, UInt256> { ["WETH"] = 1_600u * UInt256.Pow10(8) });
        var (code, fallen, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        Verdict(fallen, Aave).ShouldBe(("liquidatable", "exact", "equal"));
        Verdict(fallen, Lyra).ShouldBe(("liquidatable", "exact", "equal"));
        var triggers = fallen.GetProperty("ledger").GetProperty("triggers").EnumerateArray().Where(static t => t.GetProperty("active").GetBoolean()).Select(static t => t.GetProperty("venue").GetString()).ToList();
        triggers.ShouldBe([Aave, Lyra], ignoreOrder: true);

        // A short put owes more the deeper the fall, and acts like more of what falls.
        Figure(GreeksOf(fallen), "optionDelta").ShouldBeGreaterThan(Figure(GreeksOf(calm), "optionDelta"));
        var user = Owner.ToString();
        await devnet.DoAsync(new { cmd = "liquidateOption", position = "1", dt = 1 });
        await devnet.DoAsync(new { cmd = "liquidate", market = Devnet.Core36, collateral = "WETH", debt = "USDC", user, dt = 1 });
        (_, var after, _) = await ShowAsync(devnet);
        Legs(after).Where(static l => l.GetProperty("option").ValueKind == JsonValueKind.Object).ShouldHaveSingleItem().GetProperty("side").GetString().ShouldBe("collateral");
        AccountOf(after, Lyra).GetProperty("agreement").GetString().ShouldBe("equal");
    }

    /// <summary>At 2,500 dollars an ether: four WETH against 6,000 USDC in Aave; two puts of strike 2,500 written on 2,000 sUSD and one of 2,000 bought.</summary>
    private static async Task<Devnet> StartAsync()
    {
        var devnet = await Devnet.StartAsync(accounts: 2, seed: 51, timestamp: TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 300, lyra: true);
        var user = Owner.ToString();
        await devnet.PriceAsync(new Dictionary<string, UInt256> { ["WETH"] = 2_500u * UInt256.Pow10(8) });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user, action = "supply", asset = "WETH", amount = (4u * One).ToString() });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user, action = "useAsCollateral", asset = "WETH", yes = true });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user, action = "borrow", asset = "USDC", amount = (6_000u * UInt256.Pow10(6)).ToString() });
        var strikes = (await devnet.DoAsync(new { cmd = "listOptions", seconds = 14 * 86_400, strikes = new[] { 2_000, 2_500 } })).GetProperty("strikes");
        await devnet.MineAsync(new { cmd = "openOption", user, strike = strikes[1].GetString(), type = "shortPutQuote", amount = (2u * One).ToString(), collateral = (2_000u * One).ToString() });
        await devnet.MineAsync(new { cmd = "openOption", user, strike = strikes[0].GetString(), type = "longPut", amount = One.ToString() });
        return devnet;
    }

    /// <summary>What the contract's BlackScholes library answers for a put at the ledger's block.</summary>
    private static async Task<(UInt256 Price, double Delta)> AskAsync(Devnet devnet, JsonElement json, JsonElement option)
    {
        var block = json.GetProperty("chains")[0].GetProperty("block");
        var head = (await devnet.Client.GetHeaderAsync(Hash32.Parse(block.GetProperty("hash").GetString()!), CancellationToken.None)).ShouldNotBeNull();
        var terms = AccountOf(json, Lyra).GetProperty("report").GetProperty("positions").EnumerateArray()
            .Select(static p => p.GetProperty("option")).First(o => o.ValueKind == JsonValueKind.Object && o.GetProperty("strike").GetString() == option.GetProperty("strike").GetString());
        UInt256[] input =
        [
            terms.GetProperty("expiry").GetUInt64() - head.Timestamp, UInt256.Parse(terms.GetProperty("volatility").GetString()!), UInt256.Parse(terms.GetProperty("spot").GetString()!),
            UInt256.Parse(terms.GetProperty("strike").GetString()!), 5u * UInt256.Pow10(16),
        ];
        var blackScholes = Address.Parse(devnet.Ready.GetProperty("lyra").GetProperty("blackScholes").GetString()!);

        // A library's selectors have the names of structs.
        const string Struct = "(BlackScholes.BlackScholesInputs)";
        var price = await WordAsync(devnet, head, blackScholes, "optionPrices" + Struct, input);
        var delta = await WordAsync(devnet, head, blackScholes, "delta" + Struct, input);

        // A put's delta is negative: two's complement.
        return (price, -(UInt256.MaxValue - delta + UInt256.One).ToDouble() / 1e18);
    }

    /// <summary>The second word of the answer, which is the put's.</summary>
    private static async Task<UInt256> WordAsync(Devnet devnet, BlockHeader head, Address to, string signature, UInt256[] input)
    {
        var data = new byte[4 + (32 * input.Length)];
        AbiSelector.Of(signature).Span.CopyTo(data);
        for (var i = 0; i < input.Length; i++)
        {
            input[i].WriteBigEndian(data.AsSpan(4 + (32 * i), 32));
        }

        var call = new Call(to, data);
        (await devnet.Client.CallAsync([call], head, CancellationToken.None)).Results.TryGet(call, out var result).ShouldBeTrue(signature);
        result.Success.ShouldBeTrue(signature);
        return UInt256.FromBigEndian(result.Data.Span.Slice(32, 32));
    }

    private static async Task<(int Code, JsonElement Json, string Text)> ShowAsync(Devnet devnet)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await CommandLineProgram.RunAsync(
            ["show", Owner.ToString(), "--config", devnet.ConfigDir, "--data", Path.Combine(devnet.ConfigDir, "none"), "--json"],
            new Terminal { Out = output, Error = error, Environment = static _ => null },
            [ShowVerb.Create],
            CancellationToken.None);
        return (code, JsonDocument.Parse(output.ToString()).RootElement, error.ToString());
    }

    private static (string? Status, string? Tag, string? Agreement) Verdict(JsonElement json, string deployment)
    {
        var account = AccountOf(json, deployment);
        return (account.GetProperty("status").GetString(), account.GetProperty("tag").GetString(), account.GetProperty("agreement").GetString());
    }

    private static JsonElement GreeksOf(JsonElement json) => json.GetProperty("ledger").GetProperty("greeks").EnumerateArray().Single(static g => g.GetProperty("root").GetString() == "ETH");

    private static JsonElement AccountOf(JsonElement json, string deployment) =>
        json.GetProperty("chains")[0].GetProperty("accounts").EnumerateArray().Single(a => a.GetProperty("deployment").GetString() == deployment);

    private static IEnumerable<JsonElement> Legs(JsonElement json) => json.GetProperty("ledger").GetProperty("legs").EnumerateArray();

    private static double Whole(JsonElement leg, string amount) => UInt256.Parse(leg.GetProperty(amount).GetString()!).ToDouble() / 1e18;

    private static double Figure(JsonElement json, string name) => json.GetProperty(name).GetProperty("value").GetDouble();
}
