using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class InitVerbTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "defimonitor-init-" + Guid.NewGuid().ToString("N"));

    [Fact]
    public async Task From_an_address_and_a_node_to_a_configuration_that_passes()
    {
        await using var node = await TapeNode.StartAsync();
        var settings = node.Config.Load().Need();
        var owner = settings.Owners.First(o => o.Name == "twin-acts").Addresses[0];
        var market = settings.Deployments.First(d => d.Id.Name == "core36").Addresses["poolAddressesProvider"];

        var run = new Run();
        (await run.VerbAsync(InitVerb.Create, "init", owner.ToString(), "--rpc", node.Url, "--provider", market.ToString(), "--config", folder)).ShouldBe(ExitCode.Ok, run.Error);
        run.Out.ShouldContain("no position yet; the address is watched all the same");
        run.Out.TrimEnd().Split('\n')[^1].ShouldBe($"Next:  defimonitor run --config {folder}");

        var check = new Run();
        (await check.VerbAsync(CheckVerb.Create, "check", "--offline", "--config", folder)).ShouldBe(ExitCode.Ok, check.Out);
        var show = new Run();
        (await show.VerbAsync(ShowVerb.Create, "show", "me", "--config", folder)).ShouldBe(ExitCode.Node, "the tape's newest block is years old. " + show.Out + show.Error);

        // The same again keeps what is there; another address is not written over it.
        var again = new Run();
        (await again.VerbAsync(InitVerb.Create, "init", owner.ToString(), "--rpc", node.Url, "--provider", market.ToString(), "--config", folder)).ShouldBe(ExitCode.Ok);
        again.Out.ShouldNotContain("wrote");
        var before = await File.ReadAllTextAsync(Path.Combine(folder, "owners.json"));
        var other = settings.Owners.First(o => o.Name == "twin-ignores").Addresses[0];
        var refused = new Run();
        (await refused.VerbAsync(InitVerb.Create, "init", other.ToString(), "--rpc", node.Url, "--provider", market.ToString(), "--config", folder)).ShouldBe(ExitCode.Usage);
        refused.Error.ShouldContain("owners.json");
        (await File.ReadAllTextAsync(Path.Combine(folder, "owners.json"))).ShouldBe(before);
    }

    [Fact]
    public async Task A_market_that_is_none_is_told_and_nothing_is_written()
    {
        await using var node = await TapeNode.StartAsync();
        var owner = node.Config.Load().Need().Owners[0].Addresses[0].ToString();
        var run = new Run();
        (await run.VerbAsync(InitVerb.Create, "init", owner, "--rpc", node.Url, "--provider", owner, "--config", folder)).ShouldBe(ExitCode.Node);
        run.Error.ShouldContain("--provider");
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Theory]
    [InlineData("aave-v4", "spoke")]
    [InlineData("compound-v3", "comet")]
    [InlineData("euler-v2", "vault")]
    public async Task A_market_of_another_family_is_named_by_its_address_and_read_before_anything_is_written(string family, string key)
    {
        await using var node = await TapeNode.StartAsync();
        var owner = node.Config.Load().Need().Owners[0].Addresses[0];
        var run = new Run();
        (await run.VerbAsync(InitVerb.Create, "init", owner.ToString(), "--rpc", node.Url, "--market", $"{family}={owner}", "--config", folder)).ShouldBe(ExitCode.Node);
        run.Error.ShouldContain($"--market: {family}/");
        Directory.Exists(folder).ShouldBeFalse();

        var plan = new DefiMonitor.App.Initialising.ConfigPlan(folder, force: false);
        var chain = new DefiMonitor.Engine.Settings.ChainSettings { Name = "local", Chain = new Core.Chain.ChainId(31337), NextBlockSeconds = 1 };
        plan.Chain(chain, [DefiMonitor.Ethereum.Rpc.EndpointUrl.Parse("http://127.0.0.1:8545")], shipped: false);
        plan.Owner("me", owner);
        plan.Deployment(chain, DefiMonitor.App.Initialising.NamedMarket.Read(null, $"{family}={owner}")!);
        plan.Write();
        var settings = new DefiMonitor.Engine.Settings.SettingsLoader(DefiMonitor.App.Hosting.ProtocolFamilies.All, _ => null).Load(DefiMonitor.Engine.Settings.SettingsFolder.ShippedRoot, folder).Need();
        settings.DeploymentsOn(chain.Chain).ShouldHaveSingleItem().Addresses[key].ShouldBe(owner);
    }

    [Theory]
    [InlineData("--market", "morpho-blue=0x2f39d218133afab8f2b819b1066c7e434ad94e9e")]
    [InlineData("--market", "aave-v4")]
    [InlineData("--market", "aave-v4=0x2f39")]
    [InlineData("--market", "aave-v4=0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "--provider", "0x2f39d218133afab8f2b819b1066c7e434ad94e9e")]
    public async Task A_market_that_is_named_wrongly_is_a_matter_of_usage(params string[] arguments)
    {
        var run = new Run();
        (await run.VerbAsync(InitVerb.Create, ["init", "0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "--rpc", "http://127.0.0.1:1", .. arguments, "--config", folder])).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("--market");
    }

    [Fact]
    public async Task A_chain_without_a_shipped_market_asks_for_one()
    {
        await using var node = await TapeNode.StartAsync();
        var run = new Run();
        (await run.VerbAsync(InitVerb.Create, "init", "0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "--rpc", node.Url, "--config", folder)).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("--provider");
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_exit_code_3()
    {
        var run = new Run();
        (await run.VerbAsync(InitVerb.Create, "init", "0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "--rpc", "http://127.0.0.1:1", "--config", folder)).ShouldBe(ExitCode.Node);
        run.Error.ShouldContain("127.0.0.1");
    }

    [Fact]
    public void A_URL_that_may_hold_a_key_stays_out_of_the_files()
    {
        var plan = new DefiMonitor.App.Initialising.ConfigPlan(folder, force: false);
        var chain = new DefiMonitor.Engine.Settings.ChainSettings { Name = "ethereum", Chain = new Core.Chain.ChainId(1), NextBlockSeconds = 12 };
        plan.Chain(chain, [DefiMonitor.Ethereum.Rpc.EndpointUrl.Parse("https://eth.example/v2/very-secret-key"), DefiMonitor.Ethereum.Rpc.EndpointUrl.Parse("http://127.0.0.1:8545")], shipped: true);
        plan.Write();
        plan.Variables.ShouldHaveSingleItem().ShouldBe("ETHEREUM_RPC");
        var text = File.ReadAllText(Path.Combine(folder, "chains", "ethereum.json"));
        text.ShouldContain("[\"${ETHEREUM_RPC}\", \"http://127.0.0.1:8545\"]");
        text.ShouldNotContain("very-secret-key");
    }

    public void Dispose()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
