using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Alerts;

public sealed class AssetReaderTests
{
    private const string Eth = """ "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] """;

    [Fact]
    public void The_shipped_files_know_the_large_tokens_of_mainnet()
    {
        Samples.Shipped.Count.ShouldBeGreaterThan(300);
        foreach (var symbol in (string[])["WETH", "wstETH", "WBTC", "USDC", "DAI"])
        {
            Samples.Shipped.Of(Samples.Ethereum, Samples.Token(symbol), "a name of its own choice").Assumed.ShouldBeFalse(symbol);
        }

        Samples.Shipped.Of(Samples.Ethereum, Samples.Token("wstETH"), "").Factor.ShouldBe("ETH");
        Samples.Shipped.Correlation("BTC", "ETH").ShouldBe(0.84);
    }

    [Fact]
    public void The_address_goes_before_the_symbol_and_the_symbol_serves_other_chains()
    {
        var local = new ChainId(31337);
        var token = Address.Parse("0x00000000000000000000000000000000000000ff");
        Samples.Shipped.Of(local, token, "wsteth").ShouldBe(Samples.Shipped.Of(Samples.Ethereum, Samples.Token("wstETH"), ""));
        Samples.Shipped.Of(Samples.Ethereum, Samples.Token("WBTC"), "USDC").Factor.ShouldBe("BTC");
        Samples.Shipped.Of(local, token, "NEVER-HEARD-OF").ShouldBe(new AssetProfile("?0x00000000000000000000000000000000000000ff", 0.08, 0, true));
    }

    [Fact]
    public void In_the_ledger_nobody_is_the_chains_own_token_by_its_symbol()
    {
        var local = new ChainId(31337);
        var token = Address.Parse("0x00000000000000000000000000000000000000ff");
        Samples.Shipped.IdentityOf(Samples.Ethereum, Samples.Token("USDC"), "").Name.ShouldBe("USDC");
        Samples.Shipped.IdentityOf(Samples.Ethereum, token, "USDC").Name.ShouldBe(token.ToHex());
        Samples.Shipped.IdentityOf(local, token, "USDC").Name.ShouldBe("USDC");
    }

    [Fact]
    public void A_later_file_goes_before_an_earlier_one()
    {
        var problems = new List<SettingsProblem>();
        var catalog = AssetReader.Read(
        [
            Samples.Root("shipped.json", $$"""{ {{Eth}}, "tokens": [ { "symbols": ["WETH", "aETH"], "factor": "ETH", "basisDailyVolatility": 0 } ] }""", problems),
            Samples.Root("mine.json", """{ "factors": [ { "name": "ETH", "dailyVolatility": 0.09 } ], "tokens": [ { "symbols": ["aETH"], "factor": "ETH", "basisDailyVolatility": 0.01 } ], "unknownDailyVolatility": 0.2 }""", problems),
        ]);
        problems.ShouldBeEmpty();
        catalog.Of(Samples.Ethereum, default, "WETH").ShouldBe(new AssetProfile("ETH", 0.09, 0, false));
        catalog.Of(Samples.Ethereum, default, "aETH").BasisDailyVolatility.ShouldBe(0.01);
        catalog.Of(Samples.Ethereum, default, "X").FactorDailyVolatility.ShouldBe(0.2);
    }

    [Theory]
    [InlineData("""{ "token": [] }""", "token", "did you mean tokens?")]
    [InlineData("""{ "factors": [ { "name": "ETH", "dailyVolatility": 5 } ] }""", "factors[0].dailyVolatility", "from 0 to 2")]
    [InlineData("""{ "factors": [ { "name": "ETH" } ] }""", "factors[0].dailyVolatility", "this key is missing")]
    [InlineData("""{ "tokens": [ { "symbols": ["X"], "factor": "EHT", "basisDailyVolatility": 0 } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].factor", "did you mean ETH?")]
    [InlineData("""{ "tokens": [ { "factor": "ETH", "basisDailyVolatility": 0 } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].symbols", "nothing says which token")]
    [InlineData("""{ "tokens": [ { "addresses": ["0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"], "factor": "ETH", "basisDailyVolatility": 0 } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].addresses", "write chain and address")]
    [InlineData("""{ "tokens": [ { "addresses": ["eip155:1:0x7F39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"], "factor": "ETH", "basisDailyVolatility": 0 } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].addresses", "wrong checksum")]
    [InlineData("""{ "tokens": [ { "symbols": ["X", "x"], "factor": "ETH", "basisDailyVolatility": 0 } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].symbols", "written twice")]
    [InlineData("""{ "correlations": [ { "factors": ["ETH"], "value": 0.5 } ] }""", "correlations[0].factors", "two different factors")]
    [InlineData("""{ "tokens": [ { "symbols": ["X"], "factor": "ETH", "basisDailyVolatility": 0, "wrapper": { "kind": "rate", "of": "ETH", "call": "rate()" } } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].wrapper.contracts", "nothing says whom to ask")]
    [InlineData("""{ "tokens": [ { "symbols": ["X"], "factor": "ETH", "basisDailyVolatility": 0, "wrapper": { "kind": "rate", "of": "ETH", "contracts": ["eip155:1:0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"] } } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].wrapper.call", "a view without arguments")]
    [InlineData("""{ "tokens": [ { "symbols": ["X"], "factor": "ETH", "basisDailyVolatility": 0, "wrapper": { "of": "ETH" } } ], "factors": [ { "name": "ETH", "dailyVolatility": 0.05 } ] }""", "tokens[0].wrapper.kind", "this key is missing")]
    [InlineData("""{ "prices": [ { "chain": "eip155:1" } ] }""", "prices[0].feed", "one of two")]
    [InlineData("""{ "prices": [ { "chain": "eip155:1", "feed": "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0" } ] }""", "prices[0].asset", "write which")]
    [InlineData("""{ "otherCorrelation": 1.5 }""", "otherCorrelation", "from -1 to 1")]
    public void What_is_wrong_is_named_with_its_key_and_what_to_write(string json, string path, string says)
    {
        var problems = new List<SettingsProblem>();
        Samples.Catalog(json, problems);
        var problem = problems.ShouldHaveSingleItem();
        (problem.File, problem.Path).ShouldBe(("assets.json", path));
        problem.Text.ShouldContain(says);
    }
}
