using System.Text.RegularExpressions;

namespace DefiMonitor.Engine.Settings.Json;

/// <summary>Puts environment variables in place of <c>${NAME}</c>. A resolved value is never repeated in a complaint.</summary>
public static partial class Secrets
{
    /// <summary>The value; null after a complaint.</summary>
    public static string? Resolve(SettingsSource source, SettingsNode node, string path, PlainSecret plain)
    {
        if (node.Kind != SettingsKind.Text)
        {
            source.Complain(node, path, $"a text is wanted here, this is {node.Called}; write \"${{SOME_NAME}}\" and set the environment variable SOME_NAME.");
            return null;
        }

        var matches = Reference().Matches(node.Text);
        if (matches.Count == 0)
        {
            return Plain(source, node, path, plain);
        }

        var missing = false;
        foreach (Match match in matches)
        {
            var name = match.Groups["name"].Value;
            if (string.IsNullOrEmpty(source.Environment(name)))
            {
                source.Complain(node, path, $"the environment variable {name} is not set; set it where the program is started (systemd: EnvironmentFile=).");
                missing = true;
            }
        }

        return missing ? null : Reference().Replace(node.Text, match => source.Environment(match.Groups["name"].Value)!);
    }

    private static string? Plain(SettingsSource source, SettingsNode node, string path, PlainSecret plain)
    {
        if (node.Text.Contains("${", StringComparison.Ordinal))
        {
            source.Complain(node, path, "this looks like ${NAME} but the name is not one: write a letter or _, then letters, digits and _, as in ${TELEGRAM_TOKEN}.");
            return null;
        }

        if (node.Text.Length == 0)
        {
            source.Complain(node, path, "this value is empty; write \"${SOME_NAME}\" and set the environment variable SOME_NAME.");
            return null;
        }

        switch (plain)
        {
            case PlainSecret.Refuse:
                source.Complain(node, path, "a secret must not stand in the file; write \"${SOME_NAME}\" and put the value into the environment variable SOME_NAME.");
                return null;
            case PlainSecret.Warn:
                source.Warn(node, path, "this may hold a secret and stands in the file in plain; \"${SOME_NAME}\" keeps it in the environment variable SOME_NAME.");
                return node.Text;
            default:
                return node.Text;
        }
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
