using DefiMonitor.App.Cli;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>Where things lie, seen from the folder the tests run in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Devnet => Path.Combine(Root, "tests", "DefiMonitor.DevnetTests", "devnet");

    /// <summary>The real program, which a reference to its project puts beside the tests.</summary>
    public static string Program { get; } = FindProgram();

    /// <summary>A script of the npm package.</summary>
    public static string DevnetScript(string name)
    {
        if (!Directory.Exists(Path.Combine(Devnet, "node_modules", "viem")))
        {
            throw new InvalidOperationException($"The local node and the contracts are not installed in {Devnet}: run 'bash tests/run.sh', which installs them.");
        }

        return Path.Combine(Devnet, name);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DefiMonitor.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds DefiMonitor.sln: run the tests from a checkout.");
    }

    private static string FindProgram()
    {
        var program = typeof(CommandLineProgram).Assembly.Location;
        return File.Exists(Path.ChangeExtension(program, ".runtimeconfig.json"))
            ? program
            : throw new InvalidOperationException($"{program} lies there without its runtimeconfig.json and can't be started: build the solution again.");
    }
}
