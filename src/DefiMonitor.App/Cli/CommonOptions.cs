using System.CommandLine;

namespace DefiMonitor.App.Cli;

/// <summary>Options that mean the same wherever they stand.</summary>
public static class CommonOptions
{
    public const string ConfigVariable = "DEFIMONITOR_CONFIG";

    public static Option<string?> Config { get; } = new("--config")
    {
        Description = $"Your configuration folder; its files take the place of the shipped ones of the same name. Else the environment variable {ConfigVariable}, else the shipped configuration alone.",
        HelpName = "DIR",
    };

    public static Option<string> Data { get; } = new("--data")
    {
        Description = "Folder of the database and the logs.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "data",
    };

    public static Option<string[]> Rpc { get; } = new("--rpc")
    {
        Description = "URL of a node (http, https, ws, wss), used instead of the endpoints configured for its chain; may be given more than once.",
        HelpName = "URL",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Write the result as JSON." };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Say more, and show where an error came from.", Recursive = true };
}
