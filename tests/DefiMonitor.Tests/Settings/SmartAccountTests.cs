using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Settings;

public sealed class SmartAccountTests : IDisposable
{
    private const string Owner = "0x00000000000000000000000000000000000a11c0";
    private const string Safe = "0x0000000000000000000000000000000000005afe";
    private static readonly ChainId Devnet = new(31337);

    private readonly ConfigFolder folder = new ConfigFolder().With("chains/devnet.json", ConfigFolder.Devnet);

    [Fact]
    public void Smart_accounts_and_sub_accounts_are_the_owners_where_the_file_says()
    {
        folder.With("owners.json", $$"""
            { "owners": [ { "name": "me", "address": "{{Owner}}",
              "smartAccounts": [ { "address": "{{Safe}}", "kind": "safe", "chains": ["eip155:31337"] } ], "evcSubAccounts": [1, 255] } ] }
            """);
        var owner = folder.Load().Need().Owners.ShouldHaveSingleItem();
        owner.AddressesOn(Devnet).ShouldBe([Address.Parse(Owner), Address.Parse(Safe), Address.Parse("0x00000000000000000000000000000000000a11c1"), Address.Parse("0x00000000000000000000000000000000000a113f")]);
        owner.AddressesOn(new ChainId(1)).ShouldNotContain(Address.Parse(Safe));
        owner.EveryAddress.Count().ShouldBe(4);
    }

    [Fact]
    public void An_owner_of_one_chain_has_nothing_elsewhere()
    {
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{Owner}}", "chains": ["eip155:31337"], "smartAccounts": [ { "address": "{{Safe}}" } ] } ] }""");
        var owner = folder.Load().Need().Owners.ShouldHaveSingleItem();
        owner.AddressesOn(new ChainId(1)).ShouldBeEmpty();
        owner.AddressesOn(Devnet).Count().ShouldBe(2);
    }

    [Fact]
    public void Sub_accounts_of_Derive_are_watched_on_the_chains_that_it_is_on()
    {
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{Owner}}", "deriveSubAccounts": [12345] } ] }""");
        var owner = folder.Load().Need().Owners.ShouldHaveSingleItem();
        owner.AddressesOn(new ChainId(957)).ShouldBe([Address.Parse(Owner), Address.Parse("0x0000000000000000000000000000000000003039")]);
        owner.AddressesOn(new ChainId(1)).ShouldBe([Address.Parse(Owner)]);
    }

    [Theory]
    [InlineData("""  "deriveSubAccounts": [0]  """, "owners[0].deriveSubAccounts[0]")]
    [InlineData("""  "deriveSubAccounts": ["12345"]  """, "owners[0].deriveSubAccounts[0]")]
    [InlineData("""  "evcSubAccounts": [0]  """, "owners[0].evcSubAccounts[0]")]
    [InlineData("""  "evcSubAccounts": ["1"]  """, "owners[0].evcSubAccounts[0]")]
    [InlineData("""  "smartAccounts": [ { "kind": "safe" } ]  """, "owners[0].smartAccounts[0].address")]
    [InlineData("""  "smartAccounts": [ { "address": "0x0000000000000000000000000000000000005afe", "kind": "vault" } ]  """, "owners[0].smartAccounts[0].kind")]
    public void What_is_wrong_is_told_with_its_key(string entry, string path)
    {
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{Owner}}", {{entry}} } ] }""");
        folder.OnlyProblem("owners.json", path);
    }

    public void Dispose() => folder.Dispose();
}
