namespace DefiMonitor.Engine.Settings;

/// <param name="Name">Relative and with slashes: <c>chains/ethereum.json</c>.</param>
/// <param name="Shown">As the person knows it.</param>
/// <param name="Shipped">True when it came with the program.</param>
public sealed record SettingsFile(string Name, string FullPath, string Shown, bool Shipped);

/// <summary>
/// The configuration folder that ships beside the program, and over it the person's own: a file there takes the place of the shipped file
/// of the same name, whole; a file of a new name in chains, protocols or assets is added.
/// </summary>
public sealed class SettingsFolder
{
    private static readonly string[] Groups = ["chains", "protocols", "assets"];
    private static readonly string[] Singles = ["owners.json", "rules.json", "sinks.json", "venues.json"];
    private readonly SortedDictionary<string, SettingsFile> files = new(StringComparer.Ordinal);

    private SettingsFolder(string shipped, string? own)
    {
        Shipped = shipped;
        Own = own;
    }

    public string Shipped { get; }

    /// <summary>The person's own folder; null when only the shipped one is used.</summary>
    public string? Own { get; }

    public IEnumerable<SettingsFile> Files => files.Values;

    /// <summary>Where the program's own configuration lies: <c>config</c> beside its binaries.</summary>
    public static string ShippedRoot => Path.Combine(AppContext.BaseDirectory, "config");

    public static SettingsFolder Open(string shipped, string? own, ICollection<SettingsProblem> problems)
    {
        var folder = new SettingsFolder(shipped, own);
        folder.Add(shipped, "config", true, problems);
        if (own is not null)
        {
            if (Directory.Exists(own))
            {
                folder.Add(own, own.TrimEnd('/', '\\'), false, problems);
            }
            else
            {
                problems.Add(new SettingsProblem(own, 0, "", "this configuration folder does not exist; make it with 'defimonitor init ADDRESS --rpc URL --config DIR', or leave --config out."));
            }
        }

        return folder;
    }

    public SettingsFile? Find(string name) => files.GetValueOrDefault(name);

    /// <summary>The files of one group, in order of their names.</summary>
    public IEnumerable<SettingsFile> In(string group) => files.Values.Where(f => f.Name.StartsWith(group + "/", StringComparison.Ordinal));

    private void Add(string root, string shown, bool shipped, ICollection<SettingsProblem> problems)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(root, path).Replace('\\', '/');
            var show = $"{shown}/{name}";
            if (IsRead(name))
            {
                files[name] = new SettingsFile(name, path, show, shipped);
            }
            else if (!shipped)
            {
                problems.Add(new SettingsProblem(show, 0, "", $"nothing reads a file of this name{Near(name)}; the folder holds {string.Join(", ", Singles)} and the folders {string.Join("/, ", Groups)}/.", IsWarning: true));
            }
        }
    }

    private static bool IsRead(string name)
    {
        var cut = name.IndexOf('/');
        return cut < 0 ? Singles.Contains(name) : Groups.Contains(name[..cut]) && name.IndexOf('/', cut + 1) < 0;
    }

    private static string Near(string name)
    {
        var cut = name.IndexOf('/');
        return cut < 0 ? Json.DidYouMean.Hint(name, Singles) : Json.DidYouMean.Hint(name[..cut], Groups);
    }
}
