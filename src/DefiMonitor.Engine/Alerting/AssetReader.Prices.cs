using DefiMonitor.Core.Assets;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Alerting;

public static partial class AssetReader
{
    /// <summary>"prices": where the ledger's one price of a root asset is read, best first.</summary>
    private static List<PriceSource> Prices(SettingsObject root)
    {
        var sources = new List<PriceSource>();
        foreach (var entry in root.Objects("prices"))
        {
            var chain = entry.RequiredChain("chain");
            var feed = entry.OptionalAddress("feed");
            var oracle = entry.OptionalAddress("aaveOracle");
            var asset = entry.OptionalText("asset", "ETH");
            var decimals = (int)entry.Whole("decimals", 8, 0, 36);
            var age = entry.OptionalWhole("maxAgeSeconds", 1, 31_536_000);
            entry.OptionalText("source", "where the address comes from");
            entry.Done();
            if (entry.Has("feed") == entry.Has("aaveOracle"))
            {
                entry.Complain("feed", "one of two is wanted here: \"feed\" (a price feed of one \"asset\", as Chainlink's) or \"aaveOracle\" (prices every token by its address).");
            }
            else if (entry.Has("feed") != entry.Has("asset"))
            {
                entry.Complain("asset", entry.Has("feed") ? "a feed prices one asset; write which, as in \"asset\": \"ETH\"." : "an oracle of Aave prices every token; leave \"asset\" out.");
            }
            else if (chain is { } known && (feed ?? oracle) is { } contract)
            {
                sources.Add(new PriceSource(known, contract, feed is null ? null : asset, decimals, (ulong?)age));
            }
        }

        return sources;
    }
}
