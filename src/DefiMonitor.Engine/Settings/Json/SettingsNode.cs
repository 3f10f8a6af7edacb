namespace DefiMonitor.Engine.Settings.Json;

public enum SettingsKind
{
    Object,
    List,
    Text,
    Number,
    Boolean,
    Null,
}

/// <summary>A JSON value that remembers its line, so that a complaint can name it.</summary>
public sealed class SettingsNode
{
    public required SettingsKind Kind { get; init; }

    /// <summary>1-based.</summary>
    public required int Line { get; init; }

    /// <summary>The string's content, the number as written, or true and false.</summary>
    public string Text { get; init; } = "";

    public List<KeyValuePair<string, SettingsNode>> Members { get; } = [];

    public List<SettingsNode> Items { get; } = [];

    /// <summary>How the kind is called in a sentence.</summary>
    public string Called => Kind switch
    {
        SettingsKind.Object => "an object { }",
        SettingsKind.List => "a list [ ]",
        SettingsKind.Text => "a text",
        SettingsKind.Number => "a number",
        SettingsKind.Boolean => Text,
        _ => "null",
    };
}
