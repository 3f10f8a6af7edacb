namespace DefiMonitor.Engine.Settings.Json;

/// <summary>The file that is being read, and where complaints about it go.</summary>
/// <param name="File">As the person knows it.</param>
/// <param name="Environment">Value of an environment variable, null when it is not set.</param>
public sealed record SettingsSource(string File, Func<string, string?> Environment, ICollection<SettingsProblem> Problems)
{
    public void Complain(SettingsNode node, string path, string text) => Problems.Add(new SettingsProblem(File, node.Line, path, text));

    public void Warn(SettingsNode node, string path, string text) => Problems.Add(new SettingsProblem(File, node.Line, path, text, IsWarning: true));
}

/// <summary>What to do with a secret that stands in the file as plain text.</summary>
public enum PlainSecret
{
    /// <summary>Anybody's knowledge, or the file's owner's business (a node's URL).</summary>
    Allow,

    Warn,

    Refuse,
}
