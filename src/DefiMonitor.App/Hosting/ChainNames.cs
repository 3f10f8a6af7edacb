using DefiMonitor.App.Cli;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.App.Hosting;

/// <summary>Finds a chain by its name or its CAIP-2 id.</summary>
internal static class ChainNames
{
    /// <exception cref="CliException">There is no such chain.</exception>
    public static ChainSettings Need(MonitorSettings settings, string text)
    {
        var found = ChainId.TryParse(text, out var id) ? settings.ChainOf(id) : settings.Chains.FirstOrDefault(c => c.Name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new CliException(ExitCode.Usage, $"--chain: there is no chain \"{text}\"{DidYouMean.Hint(text, settings.Chains.Select(c => c.Name))}; the chains are {string.Join(", ", settings.Chains.Select(c => c.Name))}.");
    }
}
