using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.DevnetTests;

/// <summary>One owner on the real Aave and the real Morpho under one price feed.</summary>
public sealed class LedgerTests
{
    private const double Close = 1e-6;

    /// <summary>Has nothing but what the tests open for it.</summary>
    private static readonly Address Owner = Address.Parse("0x00000000000000000000000000000000000a11ce");

    private static readonly UInt256 OneEther = UInt256.Pow10(18);
    private static readonly UInt256 OneUsdc = UInt256.Pow10(6);

    [Fact]
    public async Task One_owner_on_Aave_and_Morpho_is_one_portfolio_through_a_reorg_and_an_outage()
    {
        await using var devnet = await StartAsync();
        await OpenAsync(devnet);
        await devnet.PriceAsync(Prices(2_500));

        var (code, before, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        Venues(before).ShouldBe([$"aave-v3/eip155:31337/{Devnet.Core36}", "morpho-blue/eip155:31337/beside-86", "wallet"]);
        await EqualsContractsAsync(devnet, before);
        PriceOf(before, "ETH").ShouldBe(2_500, Close);
        SumsUp(before);

        // One update moves both venues, and the ledger's one price with them.
        await devnet.PriceAsync(Prices(1_900));
        (code, var fallen, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        await EqualsContractsAsync(devnet, fallen);
        PriceOf(fallen, "ETH").ShouldBe(1_900, Close);
        foreach (var venue in (string[])["aave-v3", "morpho-blue"])
        {
            HealthOf(fallen, venue).ShouldBeLessThan(HealthOf(before, venue), venue);
        }

        SumsUp(fallen);

        // The block of the fall is undone: the ledger is of the branch that stays, at one block.
        var orphan = BlockOf(fallen);
        await devnet.MineAsync(new { cmd = "reorg", depth = 1, blocks = 2, dt = 13 });
        (code, var back, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        BlockOf(back).ShouldNotBe(orphan);
        Legs(back).Select(static l => l.GetProperty("block").GetProperty("hash").GetString()).Distinct().ShouldBe([BlockOf(back)]);
        PriceOf(back, "ETH").ShouldBe(2_500, Close);
        await EqualsContractsAsync(devnet, back);

        // Nobody answers: all of it is unknown, nothing is zero.
        await devnet.DoAsync(new { cmd = "down" });
        (code, var dark, _) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Node);
        var whole = Ledger(dark).GetProperty("whole");
        foreach (var figure in (string[])["assets", "debts", "net", "grossLeverage", "netLeverage"])
        {
            whole.GetProperty(figure).GetProperty("state").GetString().ShouldBe("unknown", figure);
            whole.GetProperty(figure).GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null, figure);
        }

        Ledger(dark).GetProperty("nearest").GetProperty("status").GetString().ShouldBe("unknown");
        await devnet.DoAsync(new { cmd = "up" });
        (code, var again, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        Amounts(again).ShouldBe(Amounts(back));
        Ledger(again).GetProperty("whole").GetRawText().ShouldBe(Ledger(back).GetProperty("whole").GetRawText());
    }

    [Fact]
    public async Task One_price_update_makes_the_owner_liquidatable_on_both_and_the_ledger_names_both_triggers()
    {
        await using var devnet = await StartAsync();
        await OpenAsync(devnet);
        await devnet.PriceAsync(Prices(900));
        var (code, json, text) = await ShowAsync(devnet);
        code.ShouldBe(ExitCode.Ok, text);
        var active = Ledger(json).GetProperty("triggers").EnumerateArray().Where(static t => t.GetProperty("active").GetBoolean()).Select(static t => t.GetProperty("venue").GetString()).ToList();
        active.ShouldContain("morpho-blue/eip155:31337/beside-86");
        active.ShouldContain($"aave-v3/eip155:31337/{Devnet.Core36}");
        Ledger(json).GetProperty("nearest").GetProperty("active").GetBoolean().ShouldBeTrue();
    }

    /// <summary>On a chain that keeps to the wall clock, so that its blocks are fresh.</summary>
    private static Task<Devnet> StartAsync() => Devnet.StartAsync(accounts: 2, seed: 41, timestamp: TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 300, morpho: true);

    /// <summary>Ten WETH against 18,000 USDC in Morpho; four WETH against 6,000 USDC in Aave.</summary>
    private static async Task OpenAsync(Devnet devnet)
    {
        var user = Owner.ToString();
        await devnet.MineAsync(new { cmd = "openMorpho", user, collateral = (10u * OneEther).ToString(), debt = (18_000u * OneUsdc).ToString() });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user, action = "supply", asset = "WETH", amount = (4u * OneEther).ToString() });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user, action = "useAsCollateral", asset = "WETH", yes = true });
        await devnet.MineAsync(new { cmd = "act", market = Devnet.Core36, user, action = "borrow", asset = "USDC", amount = (6_000u * OneUsdc).ToString() });
    }

    private static Dictionary<string, UInt256> Prices(ulong ether) => new() { ["WETH"] = ether * UInt256.Pow10(8), ["wstETH"] = ether * 105u * UInt256.Pow10(6) };

    /// <summary>Each leg as the token or the market itself answers at the ledger's block.</summary>
    private static async Task EqualsContractsAsync(Devnet devnet, JsonElement json)
    {
        var head = (await devnet.Client.GetHeaderAsync(Hash32.Parse(BlockOf(json)), CancellationToken.None)).ShouldNotBeNull();
        foreach (var leg in Legs(json))
        {
            var venue = leg.GetProperty("venue").GetString()!;
            var asset = leg.GetProperty("asset").GetString();
            var isDebt = leg.GetProperty("side").GetString() == "debt";
            var amount = UInt256.Parse(leg.GetProperty("amount").GetString()!);
            if (venue == "wallet")
            {
                amount.ShouldBe(asset is null
                    ? (await devnet.Client.GetBalancesAsync([Owner], head, CancellationToken.None))[Owner]
                    : await AskAsync(devnet, head, Address.Parse(asset), "balanceOf(address)", 0, Owner.ToWord()));
            }
            else if (venue.StartsWith("aave-v3", StringComparison.Ordinal))
            {
                var market = devnet.Ready.GetProperty("markets").GetProperty(venue[(venue.LastIndexOf('/') + 1)..]);
                var symbol = leg.GetProperty("symbol").GetString()!;
                var token = Address.Parse(market.GetProperty(isDebt ? "variableDebtTokens" : "aTokens").GetProperty(symbol).GetString()!);
                amount.ShouldBe(await AskAsync(devnet, head, token, "balanceOf(address)", 0, Owner.ToWord()), $"{symbol} in {venue}");
                leg.GetProperty("oracle").GetString().ShouldBe(market.GetProperty("oracle").GetString());
            }
            else
            {
                var morpho = devnet.Ready.GetProperty("morpho");
                var position = await AskAsync(devnet, head, Address.Parse(morpho.GetProperty("morpho").GetString()!), "position(bytes32,address)", isDebt ? 1 : 2, Hash32.Parse(morpho.GetProperty("marketId").GetString()!), Owner.ToWord());
                UInt256.Parse(leg.GetProperty("shares").GetString()!).ShouldBe(position);
                if (isDebt)
                {
                    // Interest up to the block is the market's own arithmetic, which the account's words are compared with.
                    amount.ShouldBe(UInt256.Parse(AccountOf(json, venue).GetProperty("chainsOwn").GetProperty("borrowed").GetString()!));
                }
                else
                {
                    amount.ShouldBe(position);
                }

                AccountOf(json, venue).GetProperty("agreement").GetString().ShouldBe("equal");

                // The loan token is the market's unit and has no price.
                leg.GetProperty("oracle").GetString().ShouldBe(isDebt ? null : morpho.GetProperty("oracle").GetString());
            }
        }
    }

    private static async Task<UInt256> AskAsync(Devnet devnet, BlockHeader head, Address to, string signature, int word, params Hash32[] arguments)
    {
        var call = new Call(to, (byte[])[.. AbiSelector.Of(signature).Span, .. arguments.SelectMany(static a => a.ToArray())]);
        var answers = await devnet.Client.CallAsync([call], head, CancellationToken.None);
        answers.Results.TryGet(call, out var result).ShouldBeTrue(signature);
        result.Success.ShouldBeTrue(signature);
        return UInt256.FromBigEndian(result.Data.Span.Slice(word * 32, 32));
    }

    private static void SumsUp(JsonElement json)
    {
        var sum = Legs(json).Sum(static l => l.GetProperty("value").GetDouble() * (l.GetProperty("side").GetString() == "debt" ? -1 : 1));
        var whole = Ledger(json).GetProperty("whole");
        whole.GetProperty("net").GetProperty("value").GetDouble().ShouldBe(sum, Close);
        whole.GetProperty("byFactor").EnumerateArray().Sum(static f => f.GetProperty("net").GetProperty("value").GetDouble()).ShouldBe(sum, Close);
        whole.GetProperty("byVenue").EnumerateArray().Sum(static f => f.GetProperty("net").GetProperty("value").GetDouble()).ShouldBe(sum, Close);
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

    private static JsonElement Ledger(JsonElement json) => json.GetProperty("ledger");

    private static IEnumerable<JsonElement> Legs(JsonElement json) => Ledger(json).GetProperty("legs").EnumerateArray();

    private static List<string> Venues(JsonElement json) => [.. Legs(json).Select(static l => l.GetProperty("venue").GetString()!).Distinct().Order(StringComparer.Ordinal)];

    private static List<string?> Amounts(JsonElement json) => [.. Legs(json).Select(static l => l.GetProperty("amount").GetString())];

    private static string BlockOf(JsonElement json) => json.GetProperty("chains")[0].GetProperty("block").GetProperty("hash").GetString()!;

    private static JsonElement AccountOf(JsonElement json, string venue) =>
        json.GetProperty("chains")[0].GetProperty("accounts").EnumerateArray().Single(a => a.GetProperty("deployment").GetString() == venue);

    private static UInt256 HealthOf(JsonElement json, string family) => UInt256.Parse(json.GetProperty("chains")[0].GetProperty("accounts").EnumerateArray()
        .Single(a => a.GetProperty("hasPosition").GetBoolean() && a.GetProperty("deployment").GetString()!.StartsWith(family, StringComparison.Ordinal)).GetProperty("healthFactor").GetString()!);

    private static double PriceOf(JsonElement json, string root)
    {
        var price = Ledger(json).GetProperty("prices").EnumerateArray().Single(p => p.GetProperty("root").GetString() == root);
        return UInt256.Parse(price.GetProperty("price").GetString()!).ToDouble() / Math.Pow(10, price.GetProperty("decimals").GetInt32());
    }
}
