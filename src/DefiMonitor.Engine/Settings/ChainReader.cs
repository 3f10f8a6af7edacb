using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings.Json;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Engine.Settings;

internal static class ChainReader
{
    public static ChainSettings? Read(SettingsObject file)
    {
        var name = file.Text("name", "ethereum");
        if (name.Length > 0 && !SettingsNames.IsName(name))
        {
            file.Complain("name", SettingsNames.Rule(name));
        }

        var chain = file.RequiredChain("chainId");
        var endpoints = Endpoints(file);
        var settings = new ChainSettings
        {
            Name = name,
            Chain = chain ?? new ChainId(0),
            Endpoints = endpoints,
            NextBlockSeconds = (ulong)file.RequiredWhole("nextBlockSeconds", 1, 3600, 12),
            JudgeEveryMs = (int)file.Whole("judgeEveryMs", 0, 0, 600_000),
            MaxReadAgeBlocks = (uint)file.Whole("maxReadAgeBlocks", 3, 1, 100_000),
            FinalityDepth = (uint?)file.OptionalWhole("finalityDepth", 1, 1_000_000),
            Multicall = Multicall(file),
            WrappedNative = file.OptionalAddress("wrappedNative"),
            Native = file.OptionalText("native", "ETH"),
            EnsRegistry = file.OptionalAddress("ensRegistry"),
            PollSeconds = (int?)file.OptionalWhole("pollSeconds", 1, 86_400),
            CallsPerDay = file.OptionalWhole("callsPerDay", 100, 10_000_000_000),
            Pending = file.Flag("pending", false),
            LogRange = (ulong?)file.OptionalWhole("logRange", 1, 1_000_000),
            File = file.Source.File,
        };
        if (settings is { Pending: true, CallsPerDay: not null })
        {
            file.Warn("pending", "pending transactions cost a call or two a second, which \"callsPerDay\" does not plan for; take one of the two out.");
        }

        file.Done();
        return chain is null || name.Length == 0 ? null : settings;
    }

    private static Address? Multicall(SettingsObject file) =>
        file.Names.Contains("multicall") ? file.OptionalAddress("multicall") : Usual(file);

    private static Address? Usual(SettingsObject file)
    {
        file.Raw("multicall");
        return EvmClientOptions.UsualMulticall;
    }

    private static List<EndpointUrl> Endpoints(SettingsObject file)
    {
        var endpoints = new List<EndpointUrl>();
        foreach (var (node, path) in file.Items("endpoints"))
        {
            if (Secrets.Resolve(file.Source, node, path, PlainSecret.Allow) is not { } text)
            {
                continue;
            }

            if (!EndpointUrl.TryParse(text, out var url, out var error))
            {
                file.Source.Complain(node, path, error);
            }
            else if (endpoints.Exists(e => e.Uri == url.Uri))
            {
                file.Source.Complain(node, path, $"this endpoint ({url}) is written twice; a second one helps only when it is another node.");
            }
            else
            {
                endpoints.Add(url);
            }
        }

        return endpoints;
    }
}
