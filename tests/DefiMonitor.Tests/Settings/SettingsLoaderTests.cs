using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Settings;

public sealed class SettingsLoaderTests : IDisposable
{
    private readonly ConfigFolder folder = new();

    [Fact]
    public void The_shipped_configuration_has_no_problem_and_follows_no_chain()
    {
        var result = new SettingsLoader(ConfigFolder.Families, _ => null).Load(SettingsFolder.ShippedRoot, null);
        result.Problems.ShouldBeEmpty();
        var settings = result.Need();
        settings.Followed.ShouldBeEmpty();
        settings.Chains.Count.ShouldBeGreaterThanOrEqualTo(21);
        settings.Deployments.ShouldContain(d => d.Id.ToString() == "aave-v3/eip155:1/core" && d.Addresses["poolAddressesProvider"] == Address.Parse("0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e"));
        settings.Deployments.ShouldContain(d => d.Id.ToString() == "aave-v3/eip155:100/spark");
        settings.Deployments.ShouldAllBe(d => !string.IsNullOrEmpty(d.Origin));
    }

    [Fact]
    public void A_chain_of_ones_own_is_added_and_followed()
    {
        folder.With("chains/devnet.json", ConfigFolder.Devnet);
        var chain = folder.Load().Need().Followed.ShouldHaveSingleItem();
        chain.Name.ShouldBe("devnet");
        chain.Chain.ShouldBe(new ChainId(31337));
        chain.Multicall.ShouldBe(DefiMonitor.Ethereum.EvmClientOptions.UsualMulticall);
        chain.MaxReadAgeBlocks.ShouldBe(3u);
    }

    [Fact]
    public void A_file_of_the_same_name_takes_the_place_of_the_shipped_one_whole()
    {
        folder.With("chains/zksync.json", """{ "name": "zksync", "chainId": "eip155:324", "endpoints": ["https://node.example"], "nextBlockSeconds": 2, "multicall": null }""");
        folder.With("protocols/aave-v3.json", """{ "deployments": [ { "chain": "eip155:324", "name": "core", "poolAddressesProvider": "0x2A3948BB219D6B2Fa83D64100006391a96bE6cb7" } ] }""");
        var settings = folder.Load().Need();
        var chain = settings.Followed.ShouldHaveSingleItem();
        chain.NextBlockSeconds.ShouldBe(2ul);
        chain.Multicall.ShouldBeNull();
        chain.WrappedNative.ShouldBeNull();
        settings.Deployments.Where(deployment => deployment.Id.Family == "aave-v3").ShouldHaveSingleItem().Id.ToString().ShouldBe("aave-v3/eip155:324/core");
    }

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_taken()
    {
        var text = "// mine\n{ \"owners\": [ /* one */ { \"name\": \"me\", \"address\": \"0x2f39d218133afab8f2b819b1066c7e434ad94e9e\", }, ], }";
        folder.With("owners.json", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)]);
        folder.Load().Need().Owners.ShouldHaveSingleItem().Name.ShouldBe("me");
    }

    [Fact]
    public void Secrets_come_from_the_environment()
    {
        folder.Environment["NODE_KEY"] = "k3y";
        folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "endpoints": ["https://node.example/${NODE_KEY}/rpc"], "nextBlockSeconds": 1 }""");
        folder.Load().Need().Followed.ShouldHaveSingleItem().Endpoints.ShouldHaveSingleItem().Uri.ToString().ShouldBe("https://node.example/k3y/rpc");
    }

    [Fact]
    public void An_owner_may_have_several_addresses_and_be_bound_to_chains()
    {
        folder.With("chains/devnet.json", ConfigFolder.Devnet);
        folder.With("owners.json", """
            { "owners": [ { "name": "desk", "addresses": ["0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2"], "chains": ["eip155:31337"] } ] }
            """);
        var owner = folder.Load().Need().Owners.ShouldHaveSingleItem();
        owner.Addresses.Count.ShouldBe(2);
        owner.IsOn(new ChainId(31337)).ShouldBeTrue();
        owner.IsOn(new ChainId(1)).ShouldBeFalse();
    }

    [Fact]
    public void An_owner_on_a_chain_without_endpoints_is_a_warning()
    {
        folder.With("owners.json", """{ "owners": [ { "name": "me", "address": "0x2f39d218133afab8f2b819b1066c7e434ad94e9e", "chains": ["eip155:1"] } ] }""");
        var result = folder.Load();
        result.IsGood.ShouldBeTrue();
        result.Problems.ShouldHaveSingleItem().Text.ShouldContain("nobody watches \"me\" there");
    }

    [Fact]
    public void The_settings_show_no_endpoint()
    {
        folder.Environment["NODE_KEY"] = "k3y";
        folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "endpoints": ["https://node.example/${NODE_KEY}/rpc"], "nextBlockSeconds": 1 }""");
        var settings = folder.Load().Need();
        settings.ToString().ShouldNotContain("k3y");
        settings.Followed.First().ToString().ShouldNotContain("k3y");
    }

    public void Dispose() => folder.Dispose();
}
