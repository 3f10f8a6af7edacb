using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Verbs;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Protocols;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Protocols.CompoundV3.Fake;
using DefiMonitor.Tests.Protocols.MorphoBlue.Fake;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class MarketVerbTests
{
    private const ulong Aave36 = 10;

    [Fact]
    public async Task The_debts_of_all_borrowers_add_up_to_the_tokens_totals_and_shocks_reach_their_accounts()
    {
        var market = new FakeAave(Aave36, seed: 3);
        await using var node = await MarketNode.StartAsync(market);
        var run = new Run();
        var code = await run.VerbAsync(MarketVerb.Create, "market", "fake", "--accounts", node.List(market.Owners), "--shock", "ETH=-90%", "--shock", "USD=+1%,ETH=-1%", "--rpc", node.Url, "--config", node.Config, "--json");
        code.ShouldBe(ExitCode.Ok, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        var root = json.RootElement;
        root.GetProperty("completeness").GetProperty("holds").GetBoolean().ShouldBeTrue();
        var equations = root.GetProperty("completeness").GetProperty("equations").EnumerateArray().ToList();
        equations.Count.ShouldBe(market.Reserves.Count);
        equations.Select(static e => e.GetProperty("total").GetString()).ShouldBe(market.Reserves.Select(static r => r.DebtToken.Total.ToString()), ignoreOrder: true);

        var cap = root.GetProperty("oracles").EnumerateArray().Select(static o => o.GetProperty("cap")).Single(static c => c.ValueKind == JsonValueKind.Object);
        cap.GetProperty("isCapped").GetBoolean().ShouldBeFalse();
        cap.GetProperty("growthPerYearPpm").GetString().ShouldBe("99999");
        root.GetProperty("oracles").EnumerateArray().Select(static o => o.GetProperty("ageSeconds").GetInt64()).ShouldBe([100, 100, 101, 102], ignoreOrder: true);

        // Falls of everything together only ever put more at risk; the named shock hits those who hold what hangs on it.
        var curve = root.GetProperty("curve").EnumerateArray().ToList();
        var grid = curve.Where(static p => p.GetProperty("shock").GetString()!.StartsWith("all", StringComparison.Ordinal)).Select(static p => p.GetProperty("market").GetProperty("liquidatable").GetInt32()).ToList();
        grid.ShouldBe(grid.Order());
        curve.Count.ShouldBe(grid.Count + 2);
        var now = root.GetProperty("now").GetProperty("liquidatable").GetInt32();
        curve[^2].GetProperty("shock").GetString().ShouldBe("ETH=-90%");
        curve[^2].GetProperty("market").GetProperty("liquidatable").GetInt32().ShouldBeGreaterThan(now);
        curve[^2].GetProperty("pricePpm").EnumerateObject().ShouldAllBe(static p => p.Value.GetUInt32() == 100_000);

        var accounts = root.GetProperty("accounts").EnumerateArray().ToList();
        var losses = accounts.Select(static a => a.GetProperty("expectedLoss").GetDouble()).ToList();
        losses.ShouldBe(losses.OrderDescending());
        root.GetProperty("expectedLoss").GetProperty("total").GetDouble().ShouldBe(losses.Sum(), 1e-9);
        accounts.Select(static a => UInt256.Parse(a.GetProperty("debtValue").GetString()!)).Aggregate(static (a, b) => a + b).ToString().ShouldBe(root.GetProperty("now").GetProperty("debtValue").GetString());
    }

    [Fact]
    public async Task Accounts_that_can_not_be_judged_under_a_shock_are_said_to_be_missing_and_a_list_may_be_written_as_it_pleases()
    {
        var market = new FakeComet(3, 5);
        await using var node = await MarketNode.StartAsync(market);
        var file = node.List(market.Owners);
        await File.AppendAllLinesAsync(file, [$"{market.Owners[0]}, whoever that is", $"compound-v3/eip155:31337/comet/{market.Owners[0].ToHex().ToUpperInvariant().Replace("0X", "0x", StringComparison.Ordinal)}"]);
        var run = new Run();
        await run.VerbAsync(MarketVerb.Create, "market", "compound-v3/eip155:31337/comet", "--accounts", file, "--shock", "C0=-100%", "--rpc", node.Url, "--config", node.Config);
        run.Out.ShouldContain($"  {market.Owners.Count} accounts");
        run.Out.Split('\n').Single(static line => line.StartsWith("  C0=-100%", StringComparison.Ordinal)).ShouldContain("UNKNOWN, in no figure");
        await File.WriteAllTextAsync(file, "compound-v3/eip155:31337/comet/0x123");
        (await run.VerbAsync(MarketVerb.Create, "market", "compound-v3/eip155:31337/comet", "--accounts", file, "--rpc", node.Url, "--config", node.Config)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("accounts.txt:1:");
    }

    [Fact]
    public async Task A_borrower_left_out_stands_outside_the_list_to_the_unit()
    {
        var market = new FakeAave(Aave36, seed: 4);
        await using var node = await MarketNode.StartAsync(market);
        var left = market.Owners.First(owner => market.Reserves.Exists(reserve => !reserve.DebtToken.Scaled(owner).IsZero));
        var run = new Run();
        var file = node.List(market.Owners.Where(owner => owner != left));
        (await run.VerbAsync(MarketVerb.Create, "market", "aave-v3/eip155:31337/fake", "--accounts", file, "--rpc", node.Url, "--config", node.Config, "--json")).ShouldBe(ExitCode.Disagreement, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        foreach (var equation in json.RootElement.GetProperty("completeness").GetProperty("equations").EnumerateArray())
        {
            var reserve = market.Reserves.Single(r => r.Asset.ToString() == equation.GetProperty("asset").GetString());
            equation.GetProperty("outside").GetString().ShouldBe(reserve.DebtToken.Scaled(left).ToString());
            equation.GetProperty("holds").GetBoolean().ShouldBe(reserve.DebtToken.Scaled(left).IsZero);
        }

        var text = new Run();
        await text.VerbAsync(MarketVerb.Create, "market", "fake", "--accounts", file, "--rpc", node.Url, "--config", node.Config);
        text.Out.ShouldContain("UNITS STAND OUTSIDE THE LIST");
    }

    [Fact]
    public async Task The_borrow_shares_of_a_Morpho_market_are_its_total()
    {
        var market = new FakeMorpho(IrmKind.AdaptiveCurve, seed: 5);
        await using var node = await MarketNode.StartAsync(market);
        var run = new Run();
        (await run.VerbAsync(MarketVerb.Create, "market", "blue", "--accounts", node.List(market.Owners), "--shock", "WETH=-50%", "--rpc", node.Url, "--config", node.Config, "--json")).ShouldBe(ExitCode.Ok, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        var equation = json.RootElement.GetProperty("completeness").GetProperty("equations").EnumerateArray().ShouldHaveSingleItem();
        equation.GetProperty("total").GetString().ShouldBe(market.Totals.BorrowShares.ToString(System.Globalization.CultureInfo.InvariantCulture));
        equation.GetProperty("holds").GetBoolean().ShouldBeTrue();
        json.RootElement.GetProperty("unit").GetString().ShouldBe("USDC");
    }

    [Fact]
    public async Task Accounts_of_a_monitors_database_are_taken_from_it_and_only_prices_and_totals_are_read()
    {
        var market = new FakeAave(Aave36, seed: 6);
        await using var node = await MarketNode.StartAsync(market);
        await node.StoreAsync(market);
        node.Fake.OnCall = (call, _) =>
            DefiMonitor.Protocols.AaveV3.AaveAbi.ScaledBalanceOf.Function.IsCall(call) ? throw new InvalidOperationException($"{call} was asked") : market.Answer(call);
        var run = new Run();
        (await run.VerbAsync(MarketVerb.Create, "market", "fake", "--data", node.Data, "--rpc", node.Url, "--config", node.Config, "--json")).ShouldBe(ExitCode.Ok, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("completeness").GetProperty("holds").GetBoolean().ShouldBeTrue();
        json.RootElement.GetProperty("now").GetProperty("accounts").GetInt32().ShouldBe(market.Owners.Count);
        json.RootElement.GetProperty("block").GetProperty("number").GetUInt64().ShouldBe(node.Fake.Canonical[0].Header.Number);
    }

    [Fact]
    public async Task A_total_that_the_node_does_not_answer_is_never_equal()
    {
        var market = new FakeAave(Aave36, seed: 7);
        await using var node = await MarketNode.StartAsync(market);
        node.Fake.OnCall = (call, _) => DefiMonitor.Protocols.AaveV3.AaveAbi.ScaledTotalSupply.Function.IsCall(call) ? new CallResult(false, default) : market.Answer(call);
        var run = new Run();
        (await run.VerbAsync(MarketVerb.Create, "market", "fake", "--accounts", node.List(market.Owners), "--rpc", node.Url, "--config", node.Config, "--json")).ShouldBe(ExitCode.Node, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("completeness").GetProperty("holds").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("nowhere", "--accounts", "x", "there is no deployment \"nowhere\"")]
    [InlineData("aave-v3/eip155:1/core", "--shock", "ETH=20", "--shock: 'ETH=20' is no move")]
    [InlineData("core", "--accounts", "x", "deployments")]
    public async Task Wrong_usage_is_told_before_anything_is_asked(string id, string option, string value, string says)
    {
        var run = new Run();
        (await run.VerbAsync(MarketVerb.Create, "market", id, option, value, "--rpc", "http://127.0.0.1:1")).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(says);
    }

    /// <summary>A fake market behind a node, with a configuration that names it and a place for files.</summary>
    private sealed class MarketNode : IAsyncDisposable
    {
        private readonly ConfigFolder folder = new();
        private readonly HttpNode http;

        private MarketNode(FakeNode fake, HttpNode http)
        {
            Fake = fake;
            this.http = http;
            folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "nextBlockSeconds": 12 }""");
            folder.With("protocols/aave-v3.json", $$"""{ "deployments": [ { "chain": "eip155:31337", "name": "fake", "poolAddressesProvider": "{{FakeAave.ProviderAddress.ToHex()}}", "startBlock": 1, "source": "test" } ] }""");
            folder.With("protocols/compound-v3.json", $$"""{ "deployments": [ { "chain": "eip155:31337", "name": "comet", "comet": "{{FakeComet.Comet.ToHex()}}", "startBlock": 1, "source": "test" } ] }""");
            folder.With("protocols/morpho-blue.json", $$"""{ "deployments": [ { "chain": "eip155:31337", "name": "blue", "morpho": "{{FakeMorpho.Morpho.ToHex()}}", "adaptiveCurveIrm": "{{FakeMorpho.CurveIrm.ToHex()}}", "marketId": "{{FakeMorpho.Id}}", "startBlock": 1, "source": "test" } ] }""");
        }

        public FakeNode Fake { get; }

        public string Url => http.Url;

        public string Config => folder.Root;

        public string Data => Path.Combine(folder.Root, "data");

        public static async Task<MarketNode> StartAsync(IFakeMarket market)
        {
            var fake = new FakeNode(market.Header.Number, market.Header.Timestamp) { ChainId = 31337, OnCall = (call, _) => market.Answer(call) };
            return new MarketNode(fake, await HttpNode.StartAsync(fake));
        }

        public string List(IEnumerable<Address> owners)
        {
            var file = Path.Combine(folder.Root, "accounts.txt");
            File.WriteAllLines(file, ["# the borrowers", .. owners.Select(static owner => owner.ToString()), "aave-v3/eip155:1/core/0x2f39d218133afab8f2b819b1066c7e434ad94e9e"]);
            return file;
        }

        /// <summary>What a monitor would have on disk at the node's first block.</summary>
        public async Task StoreAsync(IFakeMarket market)
        {
            var run = new ProtocolRun(market.NewProtocol(), call => market.Answer(call));
            var block = Fake.Canonical[0].Header;
            run.Take(block, [], market.Owners, isHead: true);
            Directory.CreateDirectory(Data);
            await using var store = await MonitorDatabase.OpenAsync(Data, CancellationToken.None);
            var chain = run.Protocol.Id.Chain;
            var fence = await store.ClaimAsync($"chain/{chain}");
            await store.AddCandidatesAsync(fence, [.. market.Owners.Select(owner => new Candidate(run.Protocol.AccountOf(owner), "discovery", DateTimeOffset.UnixEpoch))]);
            await store.CommitFinalizedAsync(fence, new FinalizedCommit
            {
                Chain = chain,
                Block = block,
                Rows = [.. run.Protocol.Tables.SelectMany(table => table.Dump().Select(row => new RowWrite(run.Protocol.Id, table.Name, row.Key, row.Value)))],
            });
        }

        public async ValueTask DisposeAsync()
        {
            await http.DisposeAsync();
            folder.Dispose();
        }
    }
}
