using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Tests.Alerts;

namespace DefiMonitor.Tests.Ledger;

/// <summary>Two chains, a book of assets and prices in round figures.</summary>
internal static class LedgerSamples
{
    public static readonly ChainId Other = new(8453);
    public static readonly Address Owner = Address.Parse(Samples.Alice);
    public static readonly Address Vault = Address.Parse("0x00000000000000000000000000000000000a4626");
    public static readonly UInt256 OnePointTwo = 12u * UInt256.Pow10(17);

    /// <summary>wstETH holds ether, a vault of EIP-4626 holds wstETH; USDC and DAI are dollars with a price of their own.</summary>
    public static readonly AssetCatalog Book = Samples.Catalog($$"""
        {
          "factors": [ { "name": "ETH", "dailyVolatility": 0.05 }, { "name": "BTC", "dailyVolatility": 0.04 }, { "name": "USD", "dailyVolatility": 0 } ],
          "tokens": [
            { "symbols": ["WETH"], "factor": "ETH", "basisDailyVolatility": 0, "addresses": ["eip155:1:{{Samples.Token("WETH")}}"] },
            { "symbols": ["wstETH"], "factor": "ETH", "basisDailyVolatility": 0.002, "issuer": "Lido", "addresses": ["eip155:1:{{Samples.Token("wstETH")}}"],
              "wrapper": { "kind": "rate", "of": "ETH", "call": "stEthPerToken()", "contracts": ["eip155:1:{{Samples.Token("wstETH")}}"] } },
            { "symbols": ["vault"], "factor": "ETH", "basisDailyVolatility": 0.002, "issuer": "Vaults", "addresses": ["eip155:1:{{Vault}}"],
              "wrapper": { "kind": "erc4626", "of": "wstETH", "contracts": ["eip155:1:{{Vault}}"] } },
            { "symbols": ["WBTC"], "factor": "BTC", "basisDailyVolatility": 0.002, "issuer": "BitGo", "addresses": ["eip155:1:{{Samples.Token("WBTC")}}"] },
            { "symbols": ["USDC"], "factor": "USD", "basisDailyVolatility": 0.001, "issuer": "Circle", "addresses": ["eip155:1:{{Samples.Token("USDC")}}"] },
            { "symbols": ["DAI"], "factor": "USD", "basisDailyVolatility": 0.001, "issuer": "Sky", "addresses": ["eip155:1:{{Samples.Token("DAI")}}"] }
          ]
        }
        """);

    public static MarketData Market { get; } = new([Price("ETH", 2000), Price("WBTC", 40_000), Price("USDC", 1), Price("DAI", 1)]);

    public static ChainHoldings Chain(params IEnumerable<MarginReport> reports) => new()
    {
        Chain = Samples.Ethereum,
        Name = "ethereum",
        Block = Samples.Block(100),
        AgeSeconds = 5,
        Reports = [.. reports.Select(static r => new OwnedReport(Owner, r))],
        Rates = new Dictionary<Address, RateReading> { [Samples.Token("wstETH")] = new(OnePointTwo), [Vault] = new(2u * UInt256.Pow10(18)) },
    };

    /// <summary>The same as it would be on another chain, where tokens go by their symbols.</summary>
    public static ChainHoldings Elsewhere(ChainHoldings chain, ulong secondsOlder = 0) => chain with
    {
        Chain = Other,
        Name = "base",
        Block = chain.Block! with { Timestamp = chain.Block.Timestamp - secondsOlder },
        Reports = [.. chain.Reports.Select(static r => r with { Report = r.Report with { Account = new MarginAccountId(new DeploymentId("aave-v3", Other, "core"), Samples.Alice) } })],
    };

    public static MarginReport In(MarginReport report, string market) =>
        report with { Account = new MarginAccountId(new DeploymentId("aave-v3", Samples.Ethereum, market), Samples.Alice) };

    /// <summary>Options on WETH at a volatility of 80 % a year, 30 days from their expiry, marked in USDC.</summary>
    public static MarginReport Options(params (OptionKind Kind, PositionSide Side, ulong Strike, ulong Amount, ulong Mark)[] options)
    {
        var block = Samples.Block(100);
        return new MarginReport
        {
            Account = new MarginAccountId(new DeploymentId("lyra-v1", Samples.Ethereum, "eth"), Samples.Alice),
            Block = block,
            At = new Instant(block.Timestamp),
            Status = MarginStatus.Healthy,
            Unit = "USDC",
            UnitDecimals = 18,
            Positions = [.. options.Select(o => new Position
            {
                Side = o.Side,
                Asset = Samples.Token("WETH"),
                Symbol = $"WETH {o.Strike} {o.Kind}",
                Decimals = 18,
                Amount = o.Amount * UInt256.Pow10(18),
                Shares = o.Amount * UInt256.Pow10(18),
                Price = o.Mark * UInt256.Pow10(18),
                Value = o.Amount * o.Mark * UInt256.Pow10(18),
                Option = new OptionTerms(o.Kind, o.Strike * UInt256.Pow10(18), block.Timestamp + 2_592_000, 8u * UInt256.Pow10(17), 0, 2_000u * UInt256.Pow10(18), 18)
                {
                    IsPaid = o.Side == PositionSide.Collateral,
                    Mark = new OptionMark("WETH", Samples.Token("USDC"), "USDC"),
                },
            })],
        };
    }

    /// <summary>A perpetual whose profit is paid in USDC.</summary>
    /// <param name="size">Whole units, a short below 0.</param>
    /// <param name="profit">Null where the venue tells none.</param>
    public static MarginReport Perpetual(string symbol, long size, long? profit)
    {
        var block = Samples.Block(100);
        var amount = (ulong)Math.Abs(profit ?? 0) * UInt256.Pow10(18);
        return new MarginReport
        {
            Account = new MarginAccountId(new DeploymentId("derive-v2", Samples.Ethereum, "core"), Samples.Alice),
            Block = block,
            At = new Instant(block.Timestamp),
            Status = MarginStatus.Healthy,
            Unit = "USDC",
            UnitDecimals = 18,
            Positions =
            [
                new Position
                {
                    Side = profit < 0 ? PositionSide.Debt : PositionSide.Collateral,
                    Asset = Samples.Token("USDC"),
                    Symbol = $"USDC from {Math.Abs(size)} {symbol} perpetual",
                    Decimals = 18,
                    Amount = amount,
                    Shares = amount,
                    Price = UInt256.Pow10(18),
                    Value = amount,
                    Perpetual = new PerpetualTerms(Samples.Token(symbol), symbol, (ulong)Math.Abs(size) * UInt256.Pow10(18), size > 0, "USDC") { IsMarked = profit is not null },
                },
            ],
        };
    }

    /// <summary>The same without a mark of its first option.</summary>
    public static MarginReport Unmarked(MarginReport report) =>
        report with { Positions = [report.Positions[0] with { Option = report.Positions[0].Option! with { Mark = null } }, .. report.Positions.Skip(1)] };

    public static MarginReport Unread(MarginReport report) =>
        new() { Account = report.Account, Block = report.Block, At = report.At, Status = MarginStatus.Unknown, UnknownReason = "the node did not answer." };

    public static WalletBalance Held(string symbol, ulong whole) => symbol == "ETH"
        ? new WalletBalance(Owner, null, symbol, 18, whole * UInt256.Pow10(18))
        : new WalletBalance(Owner, symbol == "vault" ? Vault : Samples.Token(symbol), symbol, symbol == "USDC" ? 6 : 18, whole * UInt256.Pow10(symbol == "USDC" ? 6 : 18));

    public static OwnerLedger Build(params ChainHoldings[] chains) => LedgerBuilder.Build(chains, Book, Market);

    public static Exposure Line(IReadOnlyList<Exposure> lines, string key) => lines.Single(l => l.Key == key);

    private static RootPrice Price(string root, ulong dollars) => new(root, dollars * UInt256.Pow10(8), 8, "a feed", Samples.Ethereum, Samples.Block(100).Ref);
}
