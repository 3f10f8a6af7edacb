using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.App.Replaying;

/// <summary>
/// The configuration of a replay: chain, deployments and owners are the tape's own; rules and assets are the shipped ones, or the person's: any rules over any tape.
/// </summary>
internal static class TapeSettings
{
    private static readonly string[] Own = ["rules.json", "assets"];

    /// <exception cref="SettingsException">The tape's configuration or the person's is wrong.</exception>
    /// <exception cref="TapeException">The tape names a file outside its folder.</exception>
    public static MonitorSettings Load(ChainTape tape, VerbContext context)
    {
        var folder = Directory.CreateTempSubdirectory("defimonitor-tape-");
        try
        {
            foreach (var (name, text) in tape.Header.Configuration)
            {
                Write(folder.FullName, name, text);
            }

            if (context.ConfigDir is { } own)
            {
                Overlay(own, folder.FullName);
            }

            return new SettingsLoader(ProtocolFamilies.All, context.Terminal.Environment).Load(SettingsFolder.ShippedRoot, folder.FullName).Need();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(string folder, string name, string text)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new TapeException($"The tape carries a configuration file with the name '{name}', which leads out of its folder; it is not to be trusted.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void Overlay(string own, string folder)
    {
        if (!Directory.Exists(own))
        {
            throw new CliException(ExitCode.Usage, $"the configuration folder {own} does not exist.");
        }

        foreach (var path in Directory.EnumerateFiles(own, "*.json", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(own, path).Replace('\\', '/');
            if (Own.Contains(name.Split('/')[0]))
            {
                Write(folder, name, File.ReadAllText(path));
            }
        }
    }
}
