using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

public sealed class CheckVerbTests : IDisposable
{
    private readonly ConfigFolder folder = new();

    /// <summary>File, content, and the key that must be named; an empty key where the whole file is meant.</summary>
    public static TheoryData<string, string, string> Broken => new()
    {
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "nextBlockSeconds": 1, "endpoint": [] }""", "endpoint" },
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "31337", "nextBlockSeconds": 1 }""", "chainId" },
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337" }""", "nextBlockSeconds" },
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "nextBlockSeconds": 1, "maxReadAgeBlocks": "3" }""", "maxReadAgeBlocks" },
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "nextBlockSeconds": 1, "endpoints": ["127.0.0.1:8545"] }""", "endpoints[0]" },
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "nextBlockSeconds": 1, "endpoints": ["${NOWHERE}"] }""", "endpoints[0]" },
        { "chains/devnet.json", """{ "name": "devnet", "chainId": "eip155:31337", "nextBlock""", "" },
        { "owners.json", """{ "owners": [ { "name": "me", "address": "0x2F39d218133AFaB8F2B819B1066c7E434Ad94E9e" } ] }""", "owners[0].address" },
        { "owners.json", """{ "owners": [ { "name": "me", "adress": "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e", "addresses": [] } ] }""", "owners[0].adress" },
        { "owners.json", """{ "owners": [ { "name": "me", "address": "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e", "chains": ["eip155:77"] } ] }""", "owners[0].chains" },
        { "protocols/aave-v3.json", """{ "deployments": [ { "chain": "eip155:1", "name": "core" } ] }""", "deployments[0].poolAddressesProvider" },
        { "protocols/aave-v3.json", """{ "deployments": [ { "chain": "eip155:77", "name": "core", "poolAddressesProvider": "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e" } ] }""", "deployments[0].chain" },
        { "rules.json", """{ "levels": [ { "level": "warn", "sigmas": 3 } ] }""", "levels[0].level" },
        { "rules.json", """{ "hysterisis": 1.2 }""", "hysterisis" },
        { "sinks.json", """{ "sinks": [ { "kind": "telegram", "name": "telegram", "token": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "chatId": "1" } ] }""", "sinks[0].token" },
        { "sinks.json", """{ "sinks": [ { "kind": "webhook", "name": "bot", "url": "http://example.org/hook", "secrets": ["${KEY}"] } ] }""", "sinks[0].url" },
        { "sinks.json", """{ "sinks": [ { "kind": "pager", "name": "pager" } ] }""", "sinks[0].kind" },
        { "sinks.json", """{ "sinks": [], "escalation": { "afterMinutes": 15, "sink": "telegram" } }""", "escalation.sink" },
        { "sinks.json", """{ "sinks": [ { "kind": "console", "name": "a" }, { "kind": "console", "name": "a" } ] }""", "sinks[1].name" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_configuration_is_told_with_file_and_key_and_exit_code_2(string file, string text, string key)
    {
        folder.With(file, text);
        var run = new Run { Environment = { ["KEY"] = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" } };
        (await run.VerbAsync(CheckVerb.Create, "check", "--offline", "--config", folder.Root)).ShouldBe(ExitCode.Usage);
        run.Out.ShouldContain($"{folder.Root}/{file}");
        run.Out.ShouldContain($"{key}: ");
        run.Out.ShouldNotContain("   at DefiMonitor");

        var json = new Run { Environment = { ["KEY"] = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" } };
        (await json.VerbAsync(CheckVerb.Create, "check", "--offline", "--json", "--config", folder.Root)).ShouldBe(ExitCode.Usage);
        using var document = JsonDocument.Parse(json.Out);
        document.RootElement.GetProperty("ok").GetBoolean().ShouldBeFalse();
        document.RootElement.GetProperty("problems").EnumerateArray().ShouldContain(p =>
            p.GetProperty("file").GetString() == $"{folder.Root}/{file}" && p.GetProperty("key").GetString() == key && p.GetProperty("severity").GetString() == "error");
    }

    [Fact]
    public async Task A_secret_in_the_file_is_refused_and_never_repeated()
    {
        folder.With("sinks.json", """{ "sinks": [ { "kind": "telegram", "name": "telegram", "token": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "chatId": "1" } ] }""");
        var run = new Run();
        await run.VerbAsync(CheckVerb.Create, "check", "--offline", "--config", folder.Root);
        run.Out.ShouldContain("must not stand in the file");
        (run.Out + run.Error).ShouldNotContain("AAAAAAAA");
    }

    [Fact]
    public async Task The_shipped_configuration_alone_passes()
    {
        var run = new Run();
        (await run.VerbAsync(CheckVerb.Create, "check", "--offline")).ShouldBe(ExitCode.Ok);
    }

    [Fact]
    public async Task The_folder_may_be_named_in_the_environment()
    {
        folder.With("owners.json", "{ }");
        var run = new Run { Environment = { [CommonOptions.ConfigVariable] = folder.Root } };
        (await run.VerbAsync(CheckVerb.Create, "check", "--offline")).ShouldBe(ExitCode.Usage);
        run.Out.ShouldContain($"{folder.Root}/owners.json");
    }

    [Fact]
    public async Task Wrong_usage_is_one_sentence_and_exit_code_2()
    {
        var run = new Run();
        (await run.VerbAsync(CheckVerb.Create, "check", "--offlin")).ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain("--offlin");
        run.Error.ShouldContain("defimonitor check --help");
    }

    public void Dispose() => folder.Dispose();
}
