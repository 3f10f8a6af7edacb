using System.Text;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Settings;

public sealed class BrokenConfigurationTests : IDisposable
{
    private const string Aave = "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e";

    private readonly ConfigFolder folder = new();

    [Fact]
    public void A_mistyped_key_is_told_with_the_one_that_was_meant()
    {
        folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "endpoint": ["http://127.0.0.1:8545"], "nextBlockSeconds": 1 }""");
        folder.OnlyProblem("chains/devnet.json", "endpoint").Text.ShouldContain("did you mean endpoints?");
    }

    [Fact]
    public void A_missing_key_is_told_with_what_to_write()
    {
        folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337" }""");
        folder.OnlyProblem("chains/devnet.json", "nextBlockSeconds").Text.ShouldContain("\"nextBlockSeconds\": 12");
    }

    [Theory]
    [InlineData("\"1\"", "eip155:1")]
    [InlineData("8453", "eip155:8453")]
    [InlineData("\"ethereum\"", "eip155:1")]
    [InlineData("\"eip155:0\"", "eip155:1")]
    public void A_chain_that_is_not_CAIP_2_is_told_how_to_write_it(string written, string instead)
    {
        folder.With("chains/devnet.json", $$"""{ "name": "devnet", "chainId": {{written}}, "nextBlockSeconds": 1 }""");
        folder.OnlyProblem("chains/devnet.json", "chainId").Text.ShouldContain(instead);
    }

    [Fact]
    public void A_wrong_checksum_is_told_with_the_right_form()
    {
        folder.With("owners.json", """{ "owners": [ { "name": "me", "address": "0x2F39d218133AFaB8F2B819B1066c7E434Ad94E9e" } ] }""");
        folder.OnlyProblem("owners.json", "owners[0].address").Text.ShouldContain(Aave);
    }

    [Theory]
    [InlineData("\"12\"", "write 12 without quotes")]
    [InlineData("0", "from 1 to 3600")]
    [InlineData("99999", "from 1 to 3600")]
    [InlineData("1.5", "not a whole number")]
    [InlineData("true", "a whole number is wanted")]
    [InlineData("1e99", "not a whole number")]
    public void A_number_of_the_wrong_kind_or_size_is_told_what_fits(string written, string says)
    {
        folder.With("chains/devnet.json", $$"""{ "name": "devnet", "chainId": "eip155:31337", "nextBlockSeconds": {{written}} }""");
        folder.OnlyProblem("chains/devnet.json", "nextBlockSeconds").Text.ShouldContain(says);
    }

    [Fact]
    public void A_file_cut_in_half_is_told_with_its_last_line()
    {
        foreach (var cut in Enumerable.Range(1, ConfigFolder.Devnet.Length - 2))
        {
            folder.With("chains/devnet.json", "\n" + ConfigFolder.Devnet[..cut]);
            var problem = folder.OnlyProblem("chains/devnet.json", "");
            problem.Line.ShouldBe(2, $"cut after {cut}: {problem}");
            problem.Text.ShouldContain("cut in half", customMessage: $"cut after {cut}");
        }
    }

    [Fact]
    public void What_is_no_JSON_is_told_with_its_line()
    {
        folder.With("owners.json", "{\n  \"owners\": [\n    { \"name\" = \"me\" }\n  ]\n}");
        var problem = folder.OnlyProblem("owners.json", "");
        problem.Line.ShouldBe(3);
        problem.ToString().ShouldStartWith($"{folder.Root}/owners.json line 3: ");
    }

    [Fact]
    public void A_key_written_twice_is_told()
    {
        folder.With("chains/devnet.json", """{ "name": "devnet", "name": "other", "chainId": "eip155:31337", "nextBlockSeconds": 1 }""");
        folder.OnlyProblem("chains/devnet.json", "name").Text.ShouldContain("twice");
    }

    [Fact]
    public void Two_owners_of_one_name_are_told()
    {
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{Aave}}" }, { "name": "Me", "address": "0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2" } ] }""");
        folder.OnlyProblem("owners.json", "owners[1].name").Text.ShouldContain("\"Me\" already");
    }

    [Fact]
    public void A_second_file_for_a_shipped_chain_is_told_how_to_be_called()
    {
        folder.With("chains/mine.json", """{ "name": "mine", "chainId": "eip155:1", "nextBlockSeconds": 12 }""");
        folder.OnlyProblem("chains/mine.json", "chainId").Text.ShouldContain("call your file chains/ethereum.json");
    }

    [Fact]
    public void An_owner_on_a_chain_that_nobody_knows_is_told()
    {
        folder.With("owners.json", $$"""{ "owners": [ { "name": "me", "address": "{{Aave}}", "chains": ["eip155:424242"] } ] }""");
        folder.OnlyProblem("owners.json", "owners[0].chains").Text.ShouldContain("eip155:424242");
    }

    [Fact]
    public void A_deployment_on_a_chain_that_nobody_knows_is_told()
    {
        folder.With("protocols/aave-v3.json", $$"""{ "deployments": [ { "chain": "eip155:31337", "name": "core", "poolAddressesProvider": "{{Aave}}" } ] }""");
        folder.OnlyProblem("protocols/aave-v3.json", "deployments[0].chain").Text.ShouldContain("\"chainId\": \"eip155:31337\"");
    }

    [Fact]
    public void A_token_id_that_is_no_hash_is_told_and_those_that_are_come_through()
    {
        const string Pool = "0x1111111111111111111111111111111111111111";
        var good = "0x" + new string('a', 64);
        folder.With("chains/devnet.json", ConfigFolder.Devnet);
        folder.With("protocols/panoptic-v2.json", $$"""{ "deployments": [ { "chain": "eip155:31337", "name": "pool", "panopticPool": "{{Pool}}", "tokenIds": ["{{good}}"] } ] }""");
        var result = folder.Load();
        result.Settings.ShouldNotBeNull(string.Join("; ", result.Problems)).Deployments.Single(static one => one.Id.Family == "panoptic-v2").HashLists["tokenIds"].ShouldBe([Hash32.Parse(good)]);

        folder.With("protocols/panoptic-v2.json", $$"""{ "deployments": [ { "chain": "eip155:31337", "name": "pool", "panopticPool": "{{Pool}}", "tokenIds": ["0x12"] } ] }""");
        folder.OnlyProblem("protocols/panoptic-v2.json", "deployments[0].tokenIds");
    }

    [Fact]
    public void An_unknown_protocol_family_is_told_with_the_near_one()
    {
        folder.With("protocols/aave-v33.json", "{ }");
        folder.OnlyProblem("protocols/aave-v33.json", "").Text.ShouldContain("did you mean aave-v3?");
    }

    [Fact]
    public void An_environment_variable_that_is_not_set_is_named()
    {
        folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "endpoints": ["https://node.example/${NODE_KEY}"], "nextBlockSeconds": 1 }""");
        folder.OnlyProblem("chains/devnet.json", "endpoints[0]").Text.ShouldContain("NODE_KEY is not set");
    }

    [Fact]
    public void An_endpoint_that_is_no_URL_is_told_without_being_repeated()
    {
        folder.Environment["NODE"] = "ftp://user:hunter2@host/secret";
        folder.With("chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "endpoints": ["${NODE}"], "nextBlockSeconds": 1 }""");
        var problem = folder.OnlyProblem("chains/devnet.json", "endpoints[0]");
        problem.Text.ShouldContain("https");
        problem.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public void An_environment_variable_where_none_is_replaced_is_told()
    {
        folder.Environment["WHO"] = "me";
        folder.With("owners.json", $$"""{ "owners": [ { "name": "${WHO}", "address": "{{Aave}}" } ] }""");
        folder.OnlyProblem("owners.json", "owners[0].name").Text.ShouldContain("${NAME} is replaced only");
    }

    [Fact]
    public void A_list_where_an_object_is_wanted_is_told()
    {
        folder.With("owners.json", """[ "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e" ]""");
        folder.Load().Problems.ShouldContain(p => p.Path == "" && p.Text.Contains("an object { } is wanted here, this is a list [ ]"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    public void An_empty_file_is_told(string text)
    {
        folder.With("owners.json", text);
        folder.OnlyProblem("owners.json", "").Text.ShouldContain("empty");
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_told()
    {
        folder.With("owners.json", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}")).ToArray());
        folder.OnlyProblem("owners.json", "").Text.ShouldContain("UTF-16");
        folder.With("owners.json", [(byte)'{', 0xC3, 0x28, (byte)'}']);
        folder.OnlyProblem("owners.json", "").Text.ShouldContain("not UTF-8");
    }

    [Fact]
    public void Nesting_without_end_is_told_and_not_followed()
    {
        folder.With("owners.json", new string('[', 100_000));
        folder.OnlyProblem("owners.json", "").Text.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_told_with_the_way_to_make_it()
    {
        var missing = Path.Combine(folder.Root, "nowhere");
        var result = new DefiMonitor.Engine.Settings.SettingsLoader(ConfigFolder.Families, _ => null).Load(DefiMonitor.Engine.Settings.SettingsFolder.ShippedRoot, missing);
        result.Problems.ShouldHaveSingleItem().ToString().ShouldContain("defimonitor init");
        result.Settings.ShouldBeNull();
    }

    [Fact]
    public void A_file_that_nothing_reads_is_a_warning()
    {
        folder.With("chain/devnet.json", ConfigFolder.Devnet);
        var result = folder.Load();
        result.IsGood.ShouldBeTrue();
        result.Problems.ShouldHaveSingleItem().Text.ShouldContain("did you mean chains?");
    }

    [Fact]
    public void One_run_tells_the_problems_of_all_files()
    {
        folder.With("chains/devnet.json", """{ "name": "dev net", "chainId": "31337", "endpoints": ["nonsense"], "nextBlockSeconds": 0 }""");
        folder.With("owners.json", """{ "owners": [ { "nam": "me" } ] }""");
        folder.With("protocols/aave-v3.json", """{ "deployment": [] }""");
        var problems = folder.Load().Problems;
        string[] expected =
        [
            "chains/devnet.json: name", "chains/devnet.json: chainId", "chains/devnet.json: endpoints[0]", "chains/devnet.json: nextBlockSeconds",
            "owners.json: owners[0].name", "owners.json: owners[0].nam", "owners.json: owners[0].address", "protocols/aave-v3.json: deployments", "protocols/aave-v3.json: deployment",
        ];
        problems.Select(p => $"{Path.GetRelativePath(folder.Root, p.File)}: {p.Path}").ShouldBe(expected, ignoreOrder: true);
    }

    public void Dispose() => folder.Dispose();
}
