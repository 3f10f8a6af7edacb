namespace DefiMonitor.Engine.Settings;

/// <summary>One thing wrong in one configuration file: which file, which key, and in one sentence what to write instead.</summary>
/// <param name="File">As the person knows it, such as <c>config/owners.json</c>.</param>
/// <param name="Line">1-based; 0 where no line can be named.</param>
/// <param name="Path">Such as <c>owners[0].address</c>; empty for the file as a whole.</param>
/// <param name="IsWarning">Worth saying, but the program starts.</param>
public sealed record SettingsProblem(string File, int Line, string Path, string Text, bool IsWarning = false)
{
    public override string ToString()
    {
        var line = Line > 0 ? $" line {Line}" : "";
        return Path.Length > 0 ? $"{File}{line}: {Path}: {Text}" : $"{File}{line}: {Text}";
    }
}

/// <summary>The configuration is wrong: the program does not start.</summary>
public sealed class SettingsException(IReadOnlyList<SettingsProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems.Where(p => !p.IsWarning)))
{
    public IReadOnlyList<SettingsProblem> Problems { get; } = problems;
}
