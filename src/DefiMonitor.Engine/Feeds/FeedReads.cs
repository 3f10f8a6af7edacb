using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Engine.Feeds;

/// <summary>
/// What is read of a chain's feeds at a block, beside everything else: what each says, and what the market says. Pure; a handful of calls whatever the number of
/// accounts, and none where no feed is configured.
/// </summary>
public sealed class FeedReads
{
    private const int Word = AbiReader.WordSize;

    // AggregatorV3Interface, AggregatorProxyInterface; IUniswapV3PoolState, whose slot0 begins with sqrtPriceX96.
    private static readonly ReadOnlyMemory<byte> LatestRound = AbiSelector.Of("latestRoundData()");
    private static readonly ReadOnlyMemory<byte> Aggregator = AbiSelector.Of("aggregator()");
    private static readonly ReadOnlyMemory<byte> Slot0 = AbiSelector.Of("slot0()");

    private readonly IReadOnlyList<FeedWatch> watched;
    private readonly ulong nextBlockSeconds;

    /// <param name="feeds">Of all chains; those of others are left out.</param>
    /// <param name="pending">True to find the aggregators too, for a <see cref="PendingWatch"/>.</param>
    public FeedReads(ChainId chain, IReadOnlyList<FeedWatch> feeds, ulong nextBlockSeconds, bool pending = false)
    {
        watched = [.. feeds.Where(f => f.Chain == chain)];
        this.nextBlockSeconds = nextBlockSeconds;
        Calls = [.. watched.SelectMany(CallsOf).Concat(pending ? watched.Select(static watch => new Call(watch.Feed, Aggregator)) : []).Distinct()];
    }

    public IReadOnlyList<Call> Calls { get; }

    /// <param name="pending">Transmissions on their way; null = nobody looks for them.</param>
    public NextPrices Of(BlockHeader block, CallResults answers, PendingWatch? pending = null) =>
        watched.Count == 0 ? NextPrices.None
        : new NextPrices([.. watched.Select(watch => SightOf(watch, block, answers, pending))]) { IsPendingUnread = pending is { IsOffered: true, Unread: not null } };

    /// <summary>The feeds by the contracts that their oracles write to: what the proxy names, or the feed itself where it names none.</summary>
    public IReadOnlyDictionary<Address, FeedWatch> ByAggregator(CallResults answers)
    {
        var feeds = new Dictionary<Address, FeedWatch>();
        foreach (var watch in watched)
        {
            var isProxy = answers.TryGet(new Call(watch.Feed, Aggregator), out var result) && result.Success && result.Data.Length == Word
                && result.Data.Span[..(Word - Address.Size)].IndexOfAnyExcept((byte)0) < 0;
            feeds.TryAdd(isProxy ? Address.FromWord(result.Data.Span) : watch.Feed, watch);
        }

        return feeds;
    }

    private FeedSight SightOf(FeedWatch watch, BlockHeader block, CallResults answers, PendingWatch? pending)
    {
        var round = RoundOf(watch.Feed, answers);
        var coming = pending?.Coming.GetValueOrDefault(watch.Feed) is { IsStale: false } seen ? seen.Answer : (UInt256?)null;
        return FeedSight.Of(watch, round?.Answer, round?.UpdatedAt, MarketOf(watch, answers), block.Timestamp + nextBlockSeconds, coming);
    }

    private static IEnumerable<Call> CallsOf(FeedWatch watch)
    {
        yield return new Call(watch.Feed, LatestRound);
        yield return new Call(watch.Market.Contract, watch.Market is PoolPrice ? Slot0 : LatestRound);
        if (watch.Market is PoolPrice { QuoteFeed: { } quote })
        {
            yield return new Call(quote.Contract, LatestRound);
        }
    }

    /// <summary>In the feed's decimals; null where a part of it could not be read.</summary>
    private static UInt256? MarketOf(FeedWatch watch, CallResults answers)
    {
        switch (watch.Market)
        {
            case SecondFeed second:
                return RoundOf(second.Contract, answers) is { } round ? Scale(round.Answer, second.Decimals, watch.Decimals) : null;
            case PoolPrice pool:
                var price = RootOf(pool, answers) is { } root ? PoolMath.Price(root, pool, watch.Decimals) : null;
                return pool.QuoteFeed is not { } quote ? price
                    : price is { } inQuote && RoundOf(quote.Contract, answers) is { } unit ? Times(inQuote, unit.Answer, quote.Decimals)
                    : null;
            default:
                throw new InvalidOperationException($"A market price of an unheard-of kind: {watch.Market.GetType().Name}.");
        }
    }

    private static UInt256? Scale(UInt256 value, int from, int to) => Fit(value, to >= from ? UInt256.Pow10(to - from) : UInt256.One, to >= from ? UInt256.One : UInt256.Pow10(from - to));

    private static UInt256? Times(UInt256 price, UInt256 unit, int decimals) => Fit(price, unit, UInt256.Pow10(decimals));

    private static UInt256? Fit(UInt256 value, UInt256 times, UInt256 by)
    {
        try
        {
            return UInt256.MulDiv(value, times, by, Rounding.Down);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Null where the feed did not answer with a positive number and a second.</summary>
    private static (UInt256 Answer, ulong UpdatedAt)? RoundOf(Address feed, CallResults answers)
    {
        // (roundId, answer, startedAt, updatedAt, answeredInRound)
        if (!answers.TryGet(new Call(feed, LatestRound), out var result) || !result.Success || result.Data.Length < 5 * Word)
        {
            return null;
        }

        var answer = result.Data.Span.Slice(Word, Word);
        var updated = UInt256.FromBigEndian(result.Data.Span.Slice(3 * Word, Word));
        return (answer[0] & 0x80) != 0 || updated.IsZero || updated > (UInt256)uint.MaxValue ? null : (UInt256.FromBigEndian(answer), (ulong)updated);
    }

    private static UInt256? RootOf(PoolPrice pool, CallResults answers)
    {
        if (!answers.TryGet(new Call(pool.Contract, Slot0), out var result) || !result.Success || result.Data.Length < Word)
        {
            return null;
        }

        var root = UInt256.FromBigEndian(result.Data.Span[..Word]);
        return root >> 160 == UInt256.Zero ? root : null;
    }
}
