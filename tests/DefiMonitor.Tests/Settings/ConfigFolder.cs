using DefiMonitor.App.Reading;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Tests.Settings;

/// <summary>A person's configuration folder in a temporary place.</summary>
public sealed class ConfigFolder : IDisposable
{
    public const string Devnet = """{ "name": "devnet", "chainId": "eip155:31337", "endpoints": ["http://127.0.0.1:8545"], "nextBlockSeconds": 1 }""";

    public string Root { get; } = Directory.CreateTempSubdirectory("defimonitor-config-").FullName;

    public Dictionary<string, string> Environment { get; } = [];

    public static IReadOnlyList<FamilySettings> Families { get; } = DefiMonitor.App.Hosting.ProtocolFamilies.All;

    public ConfigFolder With(string name, string text) => With(name, System.Text.Encoding.UTF8.GetBytes(text));

    public ConfigFolder With(string name, byte[] bytes)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return this;
    }

    /// <summary>No deployment of any other family, shipped ones included.</summary>
    public ConfigFolder Only(string family)
    {
        foreach (var other in Families.Where(other => other.Name != family))
        {
            With($"protocols/{other.Name}.json", """{ "deployments": [] }""");
        }

        return this;
    }

    public SettingsResult Load() => new SettingsLoader(Families, Environment.GetValueOrDefault) { Venues = OwnerVenues.Kinds }.Load(SettingsFolder.ShippedRoot, Root);

    /// <summary>The only problem, which must be of that file and that key.</summary>
    public SettingsProblem OnlyProblem(string file, string path)
    {
        var result = Load();
        var problem = result.Problems.Where(p => !p.IsWarning).ShouldHaveSingleItem();
        problem.File.ShouldBe($"{Root}/{file}");
        problem.Path.ShouldBe(path);
        result.Settings.ShouldBeNull();
        return problem;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
