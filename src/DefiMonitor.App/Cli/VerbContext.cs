using System.CommandLine;
using DefiMonitor.Engine.Settings;
using DefiMonitor.App.Hosting;
using DefiMonitor.App.Reading;

namespace DefiMonitor.App.Cli;

/// <summary>What every verb gets: the terminal, and the parsed common options.</summary>
public sealed class VerbContext(Terminal terminal, ParseResult parsed)
{
    public Terminal Terminal => terminal;

    public TextWriter Out => terminal.Out;

    public bool Json => parsed.GetValue(CommonOptions.Json);

    public bool Verbose => parsed.GetValue(CommonOptions.Verbose);

    public string? ConfigDir => parsed.GetValue(CommonOptions.Config) is { Length: > 0 } given
        ? given
        : terminal.Environment(CommonOptions.ConfigVariable) is { Length: > 0 } set ? set : null;

    public string DataDir => parsed.GetValue(CommonOptions.Data) ?? "data";

    public IReadOnlyList<string> Rpc => parsed.GetValue(CommonOptions.Rpc) ?? [];

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>Everything that is right and wrong with the configuration; does not throw.</summary>
    public SettingsResult LoadSettings() => new SettingsLoader(ProtocolFamilies.All, terminal.Environment) { Venues = OwnerVenues.Kinds }.Load(SettingsFolder.ShippedRoot, ConfigDir);

    /// <summary>The configuration; its warnings are told on the way.</summary>
    /// <exception cref="SettingsException">It is wrong.</exception>
    public MonitorSettings NeedSettings()
    {
        var result = LoadSettings();
        var settings = result.Need();
        foreach (var warning in result.Problems)
        {
            terminal.Error.WriteLine($"warning: {warning}");
        }

        return settings;
    }
}
