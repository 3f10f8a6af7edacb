using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Alerting;

public static partial class AssetReader
{
    private const int MostFeedDecimals = 36;

    // A day, which is the usual heartbeat of stable pairs, and an hour.
    private const int UsualAge = 90_000;
    private const int MostAge = 31_536_000;

    /// <summary>"feeds": when a feed is written anew, and where a free-market price of the same thing is read.</summary>
    private static List<FeedWatch> Feeds(SettingsObject root, IReadOnlyList<FeedWatch> before)
    {
        var feeds = new List<FeedWatch>();
        foreach (var entry in root.Objects("feeds"))
        {
            var chain = entry.RequiredChain("chain");
            var name = entry.Text("name", "ETH / USD");
            var feed = entry.RequiredAddress("feed");
            var decimals = (int)entry.Whole("decimals", 8, 0, MostFeedDecimals);
            var deviation = entry.RequiredWhole("deviationBps", 1, 5_000, 50);
            var heartbeat = entry.RequiredWhole("heartbeatSeconds", 1, 31_536_000, 3_600);
            var tokens = entry.Addresses("tokens");
            var market = entry.OptionalObject("market") is { } where ? Market(where) : null;
            entry.OptionalText("source", "where the figures come from");
            entry.Done();
            if (!entry.Has("market"))
            {
                entry.Complain("market", "this key is missing; write \"market\": { \"feed\": \"0x…\" } (another feed of the same thing), or \"market\": { \"pool\": \"0x…\", \"base\": \"0x…\", \"baseDecimals\": 18, \"quote\": \"0x…\", \"quoteDecimals\": 6 } (a pool of Uniswap v3's shape).");
            }

            if (market is not null && market.Contract == feed)
            {
                entry.Complain("market", "the market's feed is this feed itself, which it would always agree with; name another one, or a pool.");
            }

            if (tokens.Count == 0)
            {
                entry.Complain("tokens", "nothing hangs on this feed; write the addresses of the tokens whose prices move with it, as in \"tokens\": [\"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\"].");
            }

            if (chain is not { } known || feed is not { } contract || market is null)
            {
                continue;
            }

            if (feeds.Concat(before).FirstOrDefault(f => f.Chain == known && f.Feed != contract && f.Tokens.Any(tokens.Contains)) is { } other)
            {
                entry.Complain("tokens", $"one of these tokens hangs on the feed \"{other.Name}\" already; keep it in one of the two.");
            }
            else if (feeds.Exists(f => f.Chain == known && f.Feed == contract))
            {
                entry.Complain("feed", $"{contract} is written twice in this file; keep one of the two.");
            }
            else
            {
                feeds.Add(new FeedWatch
                {
                    Chain = known, Name = name, Feed = contract, Decimals = decimals, DeviationBps = (uint)deviation, HeartbeatSeconds = (ulong)heartbeat, Tokens = tokens, Market = market,
                });
            }
        }

        return feeds;
    }

    private static MarketSource? Market(SettingsObject entry)
    {
        var feed = entry.OptionalAddress("feed");
        var pool = entry.OptionalAddress("pool");
        if (entry.Has("feed") == entry.Has("pool"))
        {
            entry.Complain("pool", "one of two is wanted here: \"feed\" (another feed of the same thing) or \"pool\" (a pool of Uniswap v3's shape).");
            return null;
        }

        if (entry.Has("feed"))
        {
            var decimals = Decimals(entry, "decimals", 8);
            var age = entry.Whole("maxAgeSeconds", UsualAge, 1, MostAge);
            entry.Done();
            return feed is { } second ? new SecondFeed(second, decimals) { MaxAgeSeconds = (ulong)age } : null;
        }

        var token = entry.RequiredAddress("base");
        var tokenDecimals = (int)entry.RequiredWhole("baseDecimals", 0, MostFeedDecimals, 18);
        var quote = entry.RequiredAddress("quote");
        var quoteDecimals = (int)entry.RequiredWhole("quoteDecimals", 0, MostFeedDecimals, 6);
        var quoteFeed = entry.OptionalAddress("quoteFeed");
        var feedDecimals = Decimals(entry, "quoteFeedDecimals", 8);
        var quoteAge = entry.Whole("maxAgeSeconds", UsualAge, 1, MostAge);
        var mean = (uint)entry.Whole("meanSeconds", 0, 0, 86_400);
        if (token is { } && token == quote)
        {
            entry.Complain("quote", "base and quote are the same token; write the pool's other token.");
        }

        if (quoteFeed is null && entry.Has("quoteFeedDecimals"))
        {
            entry.Complain("quoteFeedDecimals", "there is no \"quoteFeed\" that it could be of; write one, or leave this out.");
        }

        entry.Done();
        return pool is { } contract && token is { } a && quote is { } b
            ? new PoolPrice(contract, a, tokenDecimals, b, quoteDecimals, quoteFeed is { } of ? new SecondFeed(of, feedDecimals) { MaxAgeSeconds = (ulong)quoteAge } : null) { MeanSeconds = mean }
            : null;
    }

    private static int Decimals(SettingsObject entry, string key, int usual) => (int)entry.Whole(key, usual, 0, MostFeedDecimals);
}
