using System.Text;
using System.Text.Json;
using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Initialising;

/// <summary>The files that init wants in a folder: those that say the same already are kept, others are never written over silently.</summary>
public sealed class ConfigPlan(string folder, bool force)
{
    /// <summary>Of a market named by --provider or --market.</summary>
    public const string DeploymentName = "core";

    private readonly List<(string Name, string Text, string[] Enough, string Add)> files = [];

    public List<string> Written { get; } = [];

    public List<string> Kept { get; } = [];

    /// <summary>Environment variables that must be set before the configuration works.</summary>
    public List<string> Variables { get; } = [];

    public void Chain(ChainSettings chain, IReadOnlyList<EndpointUrl> urls, bool shipped)
    {
        var endpoints = new List<string>();
        foreach (var url in urls)
        {
            // A bare host is no secret; a path or a query on one usually is.
            if (url.Uri.PathAndQuery == "/" && url.Uri.UserInfo.Length == 0)
            {
                endpoints.Add(url.Uri.ToString().TrimEnd('/'));
            }
            else
            {
                var variable = $"{chain.Name.ToUpperInvariant().Replace('-', '_').Replace('.', '_')}_RPC{(Variables.Count == 0 ? "" : $"_{Variables.Count + 1}")}";
                Variables.Add(variable);
                endpoints.Add($"${{{variable}}}");
            }
        }

        var text = new StringBuilder("{\n");
        text.Append("  \"name\": ").Append(Quote(chain.Name)).Append(",\n");
        text.Append("  \"chainId\": ").Append(Quote(chain.Chain.ToString())).Append(",\n");
        text.Append("  \"endpoints\": [").Append(string.Join(", ", endpoints.Select(Quote))).Append("],\n");
        if (!shipped)
        {
            text.Append("  // Measured by init; the earliest that the next block can be stamped, in seconds.\n");
        }

        text.Append("  \"nextBlockSeconds\": ").Append(chain.NextBlockSeconds);
        if (chain.Multicall != Ethereum.EvmClientOptions.UsualMulticall)
        {
            text.Append(",\n  \"multicall\": ").Append(chain.Multicall is { } multicall ? Quote(multicall.ToString()) : "null");
        }

        if (chain.WrappedNative is { } native)
        {
            text.Append(",\n  \"wrappedNative\": ").Append(Quote(native.ToString()));
        }

        text.Append("\n}\n");
        files.Add(($"chains/{chain.Name}.json", text.ToString(), [], ""));
    }

    public void Owner(string name, Address address) =>
        files.Add(("owners.json", $$"""
            {
              "owners": [
                { "name": {{Quote(name)}}, "address": "{{address}}" }
              ]
            }

            """, [address.ToHex()], $$"""{ "name": {{Quote(name)}}, "address": "{{address}}" }"""));

    public void Deployment(ChainSettings chain, NamedMarket market) =>
        files.Add(($"protocols/{market.Family}.json", $$"""
            {
              // Takes the place of the shipped list: copy from there what you want to keep.
              "deployments": [
                { "chain": "{{chain.Chain}}", "name": "{{DeploymentName}}", "{{market.Key}}": "{{market.Address}}", "source": "given to init" }
              ]
            }

            """, [market.Address.ToHex(), $"\"{chain.Chain}\""], $$"""{ "chain": "{{chain.Chain}}", "name": "{{DeploymentName}}", "{{market.Key}}": "{{market.Address}}" }"""));

    /// <exception cref="CliException">A file exists and says something else; then nothing is written.</exception>
    public void Write()
    {
        var differing = files.Where(f => File.Exists(PathOf(f.Name)) && !SaysEnough(File.ReadAllText(PathOf(f.Name)), f.Text, f.Enough)).Select(f => PathOf(f.Name)).ToList();
        if (differing.Count > 0 && !force)
        {
            throw new CliException(ExitCode.Usage, $"{string.Join(" and ", differing)} exist{(differing.Count == 1 ? "s" : "")} and say{(differing.Count == 1 ? "s" : "")} something else; nothing was written. Add what is missing by hand ({string.Join("; ", files.Where(f => differing.Contains(PathOf(f.Name)) && f.Add.Length > 0).Select(f => $"{f.Name}: {f.Add}"))}), write over with --force, or name another folder with --config DIR.");
        }

        try
        {
            foreach (var (name, text, _, _) in files)
            {
                var path = PathOf(name);
                if (File.Exists(path) && !differing.Contains(path))
                {
                    Kept.Add(path);
                    continue;
                }

                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text);
                Written.Add(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"{folder} can't be written: {e.Message}", e);
        }
    }

    // A file that names the address already may hold more of the person's own; it is left alone.
    private static bool SaysEnough(string there, string text, string[] enough) =>
        there == text || (enough.Length > 0 && Array.TrueForAll(enough, e => there.Contains(e, StringComparison.OrdinalIgnoreCase)));

    private static string Quote(string text) => JsonSerializer.Serialize(text, JsonOutput.Line);

    private string PathOf(string name) => Path.Combine(folder, name);
}
