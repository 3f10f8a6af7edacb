using System.Globalization;

namespace DefiMonitor.Engine.Settings.Json;

/// <summary>
/// Reads one object key by key. What is wrong is complained about and reading goes on with a default, so that one run tells everything.
/// <see cref="Done"/> complains about the keys that nobody asked for.
/// </summary>
public sealed partial class SettingsObject
{
    private readonly SettingsSource source;
    private readonly Dictionary<string, SettingsNode> members = [];
    private readonly List<string> asked = ["$schema"];
    private readonly string prefix;

    public SettingsObject(SettingsNode node, string path, SettingsSource source)
    {
        Node = node;
        Path = path;
        this.source = source;
        prefix = path.Length == 0 ? "" : path + ".";
        if (node.Kind != SettingsKind.Object)
        {
            source.Complain(node, path, $"an object {{ }} is wanted here, this is {node.Called}.");
            return;
        }

        foreach (var (name, value) in node.Members)
        {
            if (!members.TryAdd(name, value))
            {
                source.Complain(value, prefix + name, "this key is written twice in one object; keep one of the two.");
            }
        }
    }

    public SettingsNode Node { get; }

    /// <summary>Where this object stands in its file; empty for the file's root.</summary>
    public string Path { get; }

    public SettingsSource Source => source;

    public IEnumerable<string> Names => members.Keys;

    /// <summary>Written and not null.</summary>
    public bool Has(string name) => members.TryGetValue(name, out var node) && node.Kind != SettingsKind.Null;

    public string PathOf(string name) => prefix + name;

    public void Complain(string name, string text) => source.Complain(members.GetValueOrDefault(name, Node), name.Length == 0 ? Path : prefix + name, text);

    public void Warn(string name, string text) => source.Warn(members.GetValueOrDefault(name, Node), name.Length == 0 ? Path : prefix + name, text);

    /// <summary>The value as written, for readers of another shape; null when it is missing or null.</summary>
    public SettingsNode? Raw(string name)
    {
        asked.Add(name);
        return members.TryGetValue(name, out var node) && node.Kind != SettingsKind.Null ? node : null;
    }

    /// <summary>A text that must be there; empty after a complaint.</summary>
    public string Text(string name, string example)
    {
        if (Raw(name) is { } node)
        {
            return TextOf(name, node, example) ?? "";
        }

        Missing(name, $"\"{name}\": \"{example}\"");
        return "";
    }

    public string? OptionalText(string name, string example) => Raw(name) is { } node ? TextOf(name, node, example) : null;

    /// <summary>One of a few words; <paramref name="fallback"/> when it is not written.</summary>
    public string Choice(string name, string fallback, params ReadOnlySpan<string> allowed)
    {
        if (Raw(name) is not { } node || TextOf(name, node, allowed[0]) is not { } text)
        {
            return fallback;
        }

        if (allowed.Contains(text))
        {
            return text;
        }

        Complain(name, $"\"{text}\" is not known{DidYouMean.Hint(text, allowed.ToArray())}; write one of {string.Join(", ", allowed.ToArray())}.");
        return fallback;
    }

    public bool Flag(string name, bool fallback)
    {
        if (Raw(name) is not { } node)
        {
            return fallback;
        }

        if (node.Kind == SettingsKind.Boolean)
        {
            return node.Text == "true";
        }

        Complain(name, $"true or false is wanted here, this is {node.Called}.");
        return fallback;
    }

    /// <summary>A whole number within the bounds, both included; <paramref name="fallback"/> when it is not written.</summary>
    public long Whole(string name, long fallback, long min, long max) => OptionalWhole(name, min, max) ?? fallback;

    /// <inheritdoc cref="Whole"/>
    public long RequiredWhole(string name, long min, long max, long example)
    {
        if (!Has(name))
        {
            Missing(name, $"\"{name}\": {example}");
            asked.Add(name);
            return example;
        }

        return OptionalWhole(name, min, max) ?? example;
    }

    public long? OptionalWhole(string name, long min, long max)
    {
        if (Raw(name) is not { } node)
        {
            return null;
        }

        if (node.Kind != SettingsKind.Number)
        {
            var instead = node.Kind == SettingsKind.Text && long.TryParse(node.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var meant) ? $"; write {meant} without quotes" : "";
            Complain(name, $"a whole number is wanted here, this is {node.Called}{instead}.");
            return null;
        }

        if (!long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            Complain(name, $"{node.Text} is not a whole number that fits; write one from {min} to {max}.");
            return null;
        }

        if (value < min || value > max)
        {
            Complain(name, $"{value} is out of range; write a number from {min} to {max}.");
            return null;
        }

        return value;
    }

    /// <summary>A number for estimates, never for verdicts; null when it is not written.</summary>
    public double? OptionalNumber(string name, double min, double max)
    {
        if (Raw(name) is not { } node)
        {
            return null;
        }

        if (node.Kind != SettingsKind.Number || !double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            Complain(name, $"a number is wanted here, this is {node.Called}.");
            return null;
        }

        if (value < min || value > max)
        {
            Complain(name, $"{node.Text} is out of range; write a number from {min} to {max}.");
            return null;
        }

        return value;
    }

    /// <summary>The items of a list, each with its path; empty when it is not written.</summary>
    public IEnumerable<(SettingsNode Node, string Path)> Items(string name)
    {
        if (Raw(name) is not { } node)
        {
            return [];
        }

        if (node.Kind == SettingsKind.List)
        {
            return node.Items.Select((item, i) => (item, $"{prefix}{name}[{i}]"));
        }

        Complain(name, $"a list [ ] is wanted here, this is {node.Called}.");
        return [];
    }

    public IEnumerable<SettingsObject> Objects(string name) => Items(name).Select(item => new SettingsObject(item.Node, item.Path, source));

    public SettingsObject? OptionalObject(string name) => Raw(name) is { } node ? new SettingsObject(node, prefix + name, source) : null;

    public IReadOnlyList<string> Texts(string name, string example)
    {
        var texts = new List<string>();
        foreach (var (node, path) in Items(name))
        {
            if (TextAt(path, node, example) is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>A value in which <c>${NAME}</c> stands for the environment variable; null when it is not written or can't be had.</summary>
    public string? OptionalSecret(string name, PlainSecret plain) => Raw(name) is { } node ? Secrets.Resolve(source, node, prefix + name, plain) : null;

    /// <inheritdoc cref="OptionalSecret"/>
    public string? RequiredSecret(string name, PlainSecret plain, string example)
    {
        if (!Has(name))
        {
            asked.Add(name);
            Missing(name, $"\"{name}\": \"{example}\"");
            return null;
        }

        return OptionalSecret(name, plain);
    }

    /// <summary>Complains about every key that was not asked for.</summary>
    public void Done()
    {
        foreach (var (name, _) in members)
        {
            if (!asked.Contains(name))
            {
                Complain(name, $"this key is not known{DidYouMean.Hint(name, asked)}; the keys here are {string.Join(", ", asked.Where(a => a != "$schema").Order(StringComparer.Ordinal))}.");
            }
        }
    }

    private void Missing(string name, string write) => source.Complain(Node, prefix + name, $"this key is missing; write {write}.");

    private string? TextOf(string name, SettingsNode node, string example) => TextAt(prefix + name, node, example);

    private string? TextAt(string path, SettingsNode node, string example)
    {
        if (node.Kind != SettingsKind.Text)
        {
            source.Complain(node, path, $"a text is wanted here, this is {node.Called}; write \"{example}\" in quotes.");
            return null;
        }

        if (node.Text.Contains("${", StringComparison.Ordinal))
        {
            source.Complain(node, path, "${NAME} is replaced only where a secret may stand (endpoints, tokens, URLs of sinks); write the value itself here.");
            return null;
        }

        if (node.Text.Length is 0 or > 2000)
        {
            source.Complain(node, path, node.Text.Length == 0 ? $"this text is empty; write for example \"{example}\"." : "this text is longer than 2000 characters.");
            return null;
        }

        return node.Text;
    }
}
