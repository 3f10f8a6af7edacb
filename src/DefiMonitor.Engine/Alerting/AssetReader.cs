using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Reads config/assets/*.json: factors, correlations, the tokens that hang on them, and the feeds that price them.</summary>
public static partial class AssetReader
{
    // A daily standard deviation above this is a percentage written for a share.
    private const double MostVolatile = 2;

    /// <param name="files">The shipped files first: what a later file says goes before what an earlier one said.</param>
    public static AssetCatalog Read(IEnumerable<SettingsObject> files)
    {
        var roots = files.ToList();
        var catalog = new AssetCatalog();
        var factors = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var root in roots)
        {
            Factors(root, factors);
        }

        foreach (var (name, volatility) in factors)
        {
            catalog.Describe(name, volatility);
        }

        foreach (var root in roots)
        {
            Correlations(root, factors, catalog);
            Tokens(root, factors, catalog);
            catalog.PriceSources = [.. Prices(root), .. catalog.PriceSources];
            var feeds = Feeds(root, catalog.Feeds);
            catalog.Feeds = [.. catalog.Feeds.Where(old => !feeds.Exists(f => f.Chain == old.Chain && f.Feed == old.Feed)), .. feeds];
            catalog.UnknownVolatility = root.OptionalNumber("unknownDailyVolatility", 0.0001, MostVolatile) ?? catalog.UnknownVolatility;
            catalog.OtherCorrelation = root.OptionalNumber("otherCorrelation", -1, 1) ?? catalog.OtherCorrelation;
            root.Done();
        }

        return catalog;
    }

    private static void Factors(SettingsObject root, Dictionary<string, double> factors)
    {
        var here = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in root.Objects("factors"))
        {
            var name = entry.Text("name", "ETH");
            var volatility = Number(entry, "dailyVolatility", 0.048);
            entry.OptionalText("source", "daily closes 2020 to 2023");
            entry.Done();
            if (name.Length > 0 && !here.Add(name))
            {
                entry.Complain("name", $"the factor \"{name}\" is written twice in this file; keep one of the two.");
            }
            else if (name.Length > 0)
            {
                factors[name] = volatility;
            }
        }
    }

    private static void Correlations(SettingsObject root, Dictionary<string, double> factors, AssetCatalog catalog)
    {
        foreach (var entry in root.Objects("correlations"))
        {
            var pair = entry.Texts("factors", "ETH");
            var value = entry.OptionalNumber("value", -1, 1);
            entry.OptionalText("source", "daily closes 2020 to 2023");
            entry.Done();
            if (value is null && !entry.Has("value"))
            {
                entry.Complain("value", "this key is missing; write \"value\": 0.84.");
            }
            else if (pair.Count != 2 || pair[0] == pair[1])
            {
                entry.Complain("factors", "two different factors are wanted here, as in [\"ETH\", \"BTC\"].");
            }
            else if (Known(entry, "factors", pair[0], factors) && Known(entry, "factors", pair[1], factors) && value is { } known)
            {
                catalog.Correlate(pair[0], pair[1], known);
            }
        }
    }

    private static void Tokens(SettingsObject root, Dictionary<string, double> factors, AssetCatalog catalog)
    {
        var here = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in root.Objects("tokens"))
        {
            var symbols = entry.Texts("symbols", "wstETH");
            var factor = entry.Text("factor", "ETH");
            var basis = Number(entry, "basisDailyVolatility", 0.0015);
            var addresses = entry.Texts("addresses", "eip155:1:0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0");
            var issuer = entry.OptionalText("issuer", "Circle");
            var wrapper = WrapperTerms.Read(entry);
            entry.OptionalText("source", "redemption rate 2023");
            entry.Done();
            if (symbols.Count == 0 && addresses.Count == 0)
            {
                entry.Complain("symbols", "nothing says which token this is; write \"symbols\": [\"wstETH\"], or \"addresses\": [\"eip155:1:0x…\"].");
            }

            if (factor.Length == 0 || !Known(entry, "factor", factor, factors))
            {
                continue;
            }

            var profile = new AssetProfile(factor, factors[factor], basis, Assumed: false);
            foreach (var symbol in symbols)
            {
                if (here.Add(symbol))
                {
                    catalog.Set(symbol, profile);
                    catalog.Describe(symbol, symbols[0], issuer);
                }
                else
                {
                    entry.Complain("symbols", $"the symbol \"{symbol}\" is written twice in this file; keep one of the two.");
                }
            }

            foreach (var text in addresses)
            {
                if (!TryAccount(text, out var chain, out var token, out var error))
                {
                    entry.Complain("addresses", error);
                }
                else if (here.Add(text))
                {
                    catalog.Set(chain, token, profile);
                    catalog.Describe(chain, token, symbols.FirstOrDefault(), issuer, wrapper?.Of(chain, token));
                }
                else
                {
                    entry.Complain("addresses", $"{text} is written twice in this file; keep one of the two.");
                }
            }
        }
    }

    private static bool Known(SettingsObject entry, string key, string factor, Dictionary<string, double> factors)
    {
        if (factors.ContainsKey(factor))
        {
            return true;
        }

        entry.Complain(key, $"no file in assets/ has the factor \"{factor}\"{DidYouMean.Hint(factor, factors.Keys)}; add it to \"factors\" with its dailyVolatility.");
        return false;
    }

    private static double Number(SettingsObject entry, string key, double example)
    {
        if (!entry.Has(key))
        {
            entry.Complain(key, $"this key is missing; write \"{key}\": {example}.");
        }

        return entry.OptionalNumber(key, 0, MostVolatile) ?? example;
    }

    // CAIP-10: eip155:1:0x…
    internal static bool TryAccount(string text, out ChainId chain, out Address token, out string error)
    {
        var cut = text.LastIndexOf(':');
        token = default;
        if (cut < 0 || !ChainId.TryParse(text[..cut], out chain))
        {
            chain = default;
            error = $"\"{text}\" names no token on a chain; write chain and address, as in \"eip155:1:0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0\".";
            return false;
        }

        if (!Address.TryParse(text[(cut + 1)..], out token, out var wrong))
        {
            error = wrong;
            return false;
        }

        error = "";
        return true;
    }
}
