namespace DefiMonitor.Tests.Vectors;

/// <summary>Where vector files are: the committed ones, and any of the same names below the folder that DEFIMONITOR_VECTORS names.</summary>
internal static class VectorFiles
{
    public const string FolderVariable = "DEFIMONITOR_VECTORS";
    public const string ReportVariable = "DEFIMONITOR_VECTORS_REPORT";

    private const string Committed = "tests/DefiMonitor.Tests/Vectors";

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Label and full path of each file with a runner. A variable that names no folder is a <see cref="DirectoryNotFoundException"/>.</summary>
    public static IReadOnlyList<(string Label, string Path)> Find(string? folder, ICollection<string> known)
    {
        var committed = Path.Combine(RepositoryRoot, Committed);
        var found = Known(committed, known).Select(path => (Label: $"{Committed}/{Relative(committed, path)}", Path: path)).ToList();
        if (string.IsNullOrEmpty(folder))
        {
            return found;
        }

        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"{FolderVariable} is '{folder}', and no such folder exists: name a folder with vector files, or unset it to run the committed ones only.");
        }

        found.AddRange(Known(folder, known).Select(path => (Relative(folder, path), path)));
        return found;
    }

    private static IEnumerable<string> Known(string folder, ICollection<string> known) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => known.Contains(Path.GetFileName(path))).Order(StringComparer.Ordinal);

    private static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    private static string FindRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "DefiMonitor.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds DefiMonitor.sln.");
    }
}
