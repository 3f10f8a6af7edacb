using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Settings;

/// <param name="Settings">Null when a problem is more than a warning.</param>
public sealed record SettingsResult(MonitorSettings? Settings, IReadOnlyList<SettingsProblem> Problems, IReadOnlyList<SettingsFile> Files)
{
    public bool IsGood => Settings is not null;

    /// <exception cref="SettingsException">Something is wrong.</exception>
    public MonitorSettings Need() => Settings ?? throw new SettingsException(Problems);
}

/// <summary>Reads the whole configuration and finds every problem of every file in one go.</summary>
public sealed class SettingsLoader(IReadOnlyList<FamilySettings> families, Func<string, string?> environment)
{
    /// <summary>Venues that speak through an API; none is known unless it is said here.</summary>
    public IReadOnlyList<VenueKind> Venues { get; init; } = [];

    public SettingsResult Load(string shipped, string? own)
    {
        var problems = new List<SettingsProblem>();
        var folder = SettingsFolder.Open(shipped, own, problems);
        var before = problems.Count(p => !p.IsWarning);
        var chains = Chains(folder, problems);
        var chainsAreWhole = problems.Count(p => !p.IsWarning) == before;
        var deployments = Deployments(folder, chains, chainsAreWhole, problems);
        IReadOnlyList<OwnerSettings> owners = Open(folder, "owners.json", problems) is { } file ? OwnerReader.Read(file, chains, chainsAreWhole, [.. deployments.Where(static d => d.Id.Family == SmartAccount.DeriveFamily).Select(static d => d.Chain).Distinct()]) : [];
        var rules = Open(folder, "rules.json", problems) is { } ruleFile ? RuleReader.Read(ruleFile, owners) : RuleBook.Default;
        var assets = AssetReader.Read(folder.In("assets").OrderBy(f => !f.Shipped).Select(f => Open(f, problems)).OfType<SettingsObject>());
        var sinks = Open(folder, "sinks.json", problems) is { } sinkFile ? SinkReader.Read(sinkFile) : new SinksSettings();
        IReadOnlyList<VenueSettings> venues = Open(folder, "venues.json", problems) is { } venueFile ? VenueFileReader.Read(venueFile, Venues, owners) : [];
        var settings = new MonitorSettings { Venues = venues, Chains = chains, Deployments = deployments, Owners = owners, Rules = rules, Assets = assets, Sinks = sinks };
        return new SettingsResult(problems.Any(p => !p.IsWarning) ? null : settings, problems, [.. folder.Files]);
    }

    private List<ChainSettings> Chains(SettingsFolder folder, List<SettingsProblem> problems)
    {
        var chains = new List<ChainSettings>();
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var ids = new Dictionary<ChainId, string>();
        foreach (var file in folder.In("chains"))
        {
            if (Open(file, problems) is not { } root || ChainReader.Read(root) is not { } chain)
            {
                continue;
            }

            if (!names.TryAdd(chain.Name, file.Shown))
            {
                root.Complain("name", $"{names[chain.Name]} has the name \"{chain.Name}\" too; {Instead(folder, names[chain.Name], file)}");
            }
            else if (!ids.TryAdd(chain.Chain, file.Shown))
            {
                root.Complain("chainId", $"{ids[chain.Chain]} is the chain {chain.Chain} too; {Instead(folder, ids[chain.Chain], file)}");
            }
            else
            {
                chains.Add(chain);
            }
        }

        return chains;
    }

    private static string Instead(SettingsFolder folder, string shown, SettingsFile file)
    {
        var other = folder.Files.First(f => f.Shown == shown);
        var (shipped, own) = other.Shipped ? (other, file) : (file, other);
        return shipped.Shipped && !own.Shipped ? $"to change the shipped chain, call your file {shipped.Name}." : "keep one of the two files.";
    }

    private List<DeploymentSettings> Deployments(SettingsFolder folder, IReadOnlyList<ChainSettings> chains, bool chainsAreWhole, List<SettingsProblem> problems)
    {
        var deployments = new List<DeploymentSettings>();
        foreach (var file in folder.In("protocols"))
        {
            var name = Path.GetFileNameWithoutExtension(file.Name);
            if (families.FirstOrDefault(f => f.Name == name) is not { } family)
            {
                problems.Add(new SettingsProblem(file.Shown, 0, "", $"there is no protocol family \"{name}\"{DidYouMean.Hint(name, families.Select(f => f.Name))}; the families known are {string.Join(", ", families.Select(f => f.Name))}."));
            }
            else if (Open(file, problems) is { } root)
            {
                deployments.AddRange(DeploymentReader.Read(root, family, chains, chainsAreWhole));
            }
        }

        return deployments;
    }

    private SettingsObject? Open(SettingsFolder folder, string name, List<SettingsProblem> problems) =>
        folder.Find(name) is { } file ? Open(file, problems) : null;

    private SettingsObject? Open(SettingsFile file, List<SettingsProblem> problems)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file.FullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new SettingsProblem(file.Shown, 0, "", $"the file can't be read: {e.Message}"));
            return null;
        }

        return SettingsParser.Parse(file.Shown, bytes, problems) is { } node
            ? new SettingsObject(node, "", new SettingsSource(file.Shown, environment, problems))
            : null;
    }
}
