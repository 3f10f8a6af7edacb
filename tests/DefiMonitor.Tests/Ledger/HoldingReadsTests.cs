using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Ledgers;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Tests.Alerts;
using static DefiMonitor.Tests.Ledger.LedgerSamples;

namespace DefiMonitor.Tests.Ledger;

/// <summary>What is asked of the chain for the ledger, and what is made of the answers.</summary>
public sealed class HoldingReadsTests
{
    private static readonly Address Receipt = Address.Parse("0x00000000000000000000000000000000000000a7");
    private static readonly Address Pool = Address.Parse("0x00000000000000000000000000000000000000a8");
    private static readonly Address Feed = Address.Parse("0x00000000000000000000000000000000000000fe");
    private static readonly Address Oracle = Address.Parse("0x00000000000000000000000000000000000000fd");
    private static readonly Address Spot = Address.Parse("0x00000000000000000000000000000000000000f5");
    private static readonly ChainSettings Ethereum = new() { Name = "ethereum", Chain = Samples.Ethereum, NextBlockSeconds = 12, WrappedNative = Samples.Token("WETH") };

    private static readonly VenueReading Aave = new(
        Samples.Core,
        static _ => [Pool],
        [new VenueToken(Samples.Token("WETH"), "WETH", 18, Receipt)],
        [(Owner, Samples.Report(100, Leg.Collateral("WETH", "10", "2000", 8000), Leg.Debt("USDC", "10000", "1")))]);

    [Fact]
    public void Rates_are_asked_of_the_contracts_that_the_file_names()
    {
        var calls = new HoldingReads(Book, Ethereum, [Owner], []).Calls;
        calls.ShouldContain(new Call(Samples.Token("wstETH"), AbiSelector.Of("stEthPerToken()")));
        byte[] share = [.. AbiSelector.Of("convertToAssets(uint256)").Span, .. Hash32.FromUInt256(UInt256.Pow10(18)).ToArray()];
        calls.ShouldContain(new Call(Vault, share));
        calls.Count.ShouldBe(calls.Distinct().Count());
    }

    [Fact]
    public void What_a_venue_gives_out_is_no_wallet_balance_and_its_pool_needs_an_allowance()
    {
        var reads = new HoldingReads(Book, Ethereum, [Owner], [Aave]);
        reads.Calls.ShouldNotContain(c => c.To == Receipt);
        var answers = new CallResults();
        foreach (var call in reads.Calls)
        {
            answers.Set(call, Word(call.To == Samples.Token("USDC") && call.Data.Length == 68 ? 7u : 0u));
        }

        var holdings = reads.Holdings(Samples.Block(100), answers, new Dictionary<Address, UInt256>(), null);
        holdings.Allowances.Select(static a => (a.Symbol, a.Spender, a.Amount)).ShouldBe([("WETH", Pool, UInt256.Zero), ("USDC", Pool, (UInt256)7u)]);
        holdings.Receipts[Receipt].ShouldBe(Samples.Token("WETH"));
        Build(holdings).Legs.ShouldAllBe(static l => l.Venue != "wallet");
    }

    [Fact]
    public void What_is_pledged_where_it_lies_is_no_second_leg_in_the_wallet()
    {
        var (owner, report) = Aave.Accounts[0];
        LedgerCallsOf(report).ShouldContain(Samples.Token("WETH"));
        LedgerCallsOf(report with { Positions = [report.Positions[0] with { Holding = Samples.Token("WETH") }, report.Positions[1]] }).ShouldNotContain(Samples.Token("WETH"));

        IEnumerable<Address> LedgerCallsOf(MarginReport read) =>
            new HoldingReads(Book, Ethereum, [owner], [Aave with { Accounts = [(owner, read)] }]).Calls.Where(static c => c.Data.Span.StartsWith(AbiSelector.Of("balanceOf(address)").Span)).Select(static c => c.To);
    }

    [Fact]
    public void What_is_written_on_a_feed_has_its_price_asked_for_and_no_balance()
    {
        var perpetual = Perpetual("WETH", 4, 300);
        var option = Options((OptionKind.Call, PositionSide.Collateral, 2_000, 1, 50));
        MarginReport[] reports =
        [
            perpetual with { Positions = [perpetual.Positions[0] with { Perpetual = perpetual.Positions[0].Perpetual! with { Asset = Spot, Underlying = "market 1" } }] },
            option with { Positions = [option.Positions[0] with { Asset = Spot, Option = option.Positions[0].Option! with { Mark = new OptionMark("market 1", Samples.Token("USDC"), "USDC") } }] },
        ];
        foreach (var report in reports)
        {
            var calls = new HoldingReads(WithPrices(maxAge: 3600), Ethereum, [Owner], [Aave with { Tokens = [], Accounts = [(Owner, report)] }]).Calls;
            calls.ShouldNotContain(static c => c.To == Spot);
            calls.Where(static c => c.To == Oracle && c.Data.Span.EndsWith(Spot.ToWord().ToArray())).ShouldNotBeEmpty();
            calls.Where(static c => c.To == Samples.Token("USDC") && c.Data.Span.StartsWith(AbiSelector.Of("balanceOf(address)").Span)).ShouldNotBeEmpty("what it is paid in is a token");
        }
    }

    [Fact]
    public void A_token_that_does_not_answer_is_unknown_and_one_without_a_contract_is_not_there()
    {
        var reads = new HoldingReads(Book, Ethereum, [Owner], []);
        var answers = new CallResults();
        foreach (var call in reads.Calls)
        {
            answers.Set(call, call.To == Samples.Token("DAI") ? new CallResult(false, default) : call.To == Samples.Token("WBTC") ? new CallResult(true, default) : Word(0u));
        }

        var wallet = reads.Holdings(Samples.Block(100), answers, new Dictionary<Address, UInt256>(), null).Wallet;
        wallet.Single(static w => w.Symbol == "DAI").Why.ShouldNotBeNull();
        wallet.ShouldNotContain(static w => w.Symbol == "WBTC");
        wallet.Single(static w => w.Token is null).Symbol.ShouldBe("ETH");
        reads.Holdings(Samples.Block(100), new CallResults(), new Dictionary<Address, UInt256>(), "the node is gone.").Wallet.ShouldAllBe(static w => w.Amount == null && w.Why!.EndsWith("the node is gone."));
    }

    [Fact]
    public void A_feed_goes_before_an_oracle_and_a_venue_comes_last()
    {
        var book = WithPrices(maxAge: 3600);
        var reads = new HoldingReads(book, Ethereum, [Owner], [Aave]);
        var answers = Answers(reads, updated: Samples.Block(100).Timestamp - 10, answer: 2_100);
        var ranked = reads.Prices(Samples.Block(100), answers).Where(static p => p.Price.Root == "ETH").OrderBy(static p => p.Rank).Select(static p => p.Price).ToList();
        ranked.Select(static p => p.ToDouble()).ShouldBe([2_100, 2_050]);
        var market = new MarketData(ranked.Concat(reads.VenuePrices(Samples.Block(100))));
        market.Of("ETH")!.ToDouble().ShouldBe(2_100);
        market.Of("USDC")!.Source.ShouldContain("aave-v3/eip155:1/core");
        market.Of("USD")!.ToDouble().ShouldBe(1);
    }

    [Theory]
    [InlineData(4_000, 2_100L)]
    [InlineData(10, -5L)]
    [InlineData(10, 0L)]
    public void A_feed_that_is_old_or_answers_no_price_is_passed_over(int age, long answer)
    {
        var reads = new HoldingReads(WithPrices(maxAge: 3600), Ethereum, [Owner], [Aave]);
        var answers = Answers(reads, Samples.Block(100).Timestamp - (ulong)age, answer);
        new MarketData(reads.Prices(Samples.Block(100), answers).OrderBy(static p => p.Rank).Select(static p => p.Price)).Of("ETH")!.ToDouble().ShouldBe(2_050);
    }

    private static CallResults Answers(HoldingReads reads, ulong updated, long answer)
    {
        var answers = new CallResults();
        foreach (var call in reads.Calls.Where(static c => c.To == Feed || c.To == Oracle))
        {
            answers.Set(call, call.To == Oracle ? Word(205_000_000_000u) : new CallResult(true, Round(updated, answer)));
        }

        return answers;
    }

    private static byte[] Round(ulong updated, long answer)
    {
        var bytes = new byte[5 * 32];
        var price = (Int128)answer * 100_000_000;
        System.Buffers.Binary.BinaryPrimitives.WriteInt128BigEndian(bytes.AsSpan(48), price);
        bytes.AsSpan(32, 16).Fill(price < 0 ? (byte)0xff : (byte)0);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(120), updated);
        return bytes;
    }

    private static CallResult Word(UInt256 value) => new(true, Hash32.FromUInt256(value).ToArray());

    private static AssetCatalog WithPrices(int maxAge) => Samples.Catalog($$"""
        {
          "factors": [ { "name": "ETH", "dailyVolatility": 0.05 }, { "name": "USD", "dailyVolatility": 0 } ],
          "tokens": [
            { "symbols": ["WETH"], "factor": "ETH", "basisDailyVolatility": 0, "addresses": ["eip155:1:{{Samples.Token("WETH")}}"] },
            { "symbols": ["USDC"], "factor": "USD", "basisDailyVolatility": 0.001 }
          ],
          "prices": [
            { "chain": "eip155:1", "asset": "ETH", "feed": "{{Feed}}", "maxAgeSeconds": {{maxAge}} },
            { "chain": "eip155:1", "aaveOracle": "{{Oracle}}" },
            { "chain": "eip155:10", "aaveOracle": "{{Oracle}}" }
          ]
        }
        """);
}
