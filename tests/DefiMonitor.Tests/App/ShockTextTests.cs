using DefiMonitor.App.Cli;
using DefiMonitor.App.Reading;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.App;

public sealed class ShockTextTests
{
    private static readonly Address Weth = FakeAddress.Of(1, 1);
    private static readonly Address Wsteth = FakeAddress.Of(1, 2);
    private static readonly Address Usdc = FakeAddress.Of(1, 3);
    private static readonly ChainId Chain = new(1);
    private static readonly Dictionary<Address, string> Tokens = new() { [Weth] = "WETH", [Wsteth] = "wstETH", [Usdc] = "USDC" };

    [Theory]
    [InlineData("ETH=-20%", 800_000, 800_000, 0)]
    [InlineData("eth = -0.0001 %", 999_999, 999_999, 0)]
    [InlineData("ETH=+20%,USDC=-100%", 1_200_000, 1_200_000, 1)]
    [InlineData("ETH=-20%,wstETH=-30%", 800_000, 700_000, 0)]
    [InlineData("wstETH=5%", 0, 1_050_000, 0)]
    public void A_factor_moves_all_that_hang_on_it_and_a_symbol_one_token(string text, uint weth, uint wsteth, uint usdc)
    {
        var shock = ShockText.Parse(text).On(Chain, Tokens, new Profiles());
        Of(shock, Weth).ShouldBe(weth == 0 ? Shock.Unit : weth);
        Of(shock, Wsteth).ShouldBe(wsteth == 0 ? Shock.Unit : wsteth);
        Of(shock, Usdc).ShouldBe(usdc == 0 ? Shock.Unit : 0);
    }

    [Theory]
    [InlineData("ETH")]
    [InlineData("ETH=-20")]
    [InlineData("=-20%")]
    [InlineData("ETH=-101%")]
    [InlineData("ETH=-20,5%")]
    [InlineData("ETH=-0.00001%")]
    [InlineData("")]
    public void What_is_no_move_is_refused_with_an_example(string text) =>
        Should.Throw<CliException>(() => ShockText.Parse(text)).Message.ShouldStartWith("--shock: ");

    [Fact]
    public void A_name_that_nobody_has_is_refused_and_those_there_are_named() =>
        Should.Throw<CliException>(() => ShockText.Parse("BTC=-20%").On(Chain, Tokens, new Profiles())).Message.ShouldContain("ETH, USD, USDC, WETH, wstETH");

    private static uint Of(Shock shock, Address token) => shock.PricePpm.GetValueOrDefault(token, Shock.Unit);

    private sealed class Profiles : IAssetProfiles
    {
        public string Text => "";

        public AssetProfile Of(ChainId chain, Address token, string symbol) => new(symbol == "USDC" ? "USD" : "ETH", 0.05, 0, false);

        public double Correlation(string factor, string other) => 0;
    }
}
