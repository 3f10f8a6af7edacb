using System.Buffers.Binary;
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
    private const int Selector = 4;
    private const int Word = AbiReader.WordSize;

    // AggregatorV3Interface, AggregatorProxyInterface; IUniswapV3PoolState, whose slot0 begins with sqrtPriceX96.
    private static readonly ReadOnlyMemory<byte> LatestRound = AbiSelector.Of("latestRoundData()");
    private static readonly ReadOnlyMemory<byte> Aggregator = AbiSelector.Of("aggregator()");
    private static readonly ReadOnlyMemory<byte> Observe = AbiSelector.Of("observe(uint32[])");
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
    public NextPrices Of(BlockHeader block, CallResults answers, PendingWatch? pending = null)
    {
        if (watched.Count == 0)
        {
            return NextPrices.None;
        }

        var now = watched.Select(watch => SightOf(watch, block, answers, null)).ToList();
        var then = new List<NextPrices>();
        if (pending is not null)
        {
            var ranges = watched.Select(watch => pending.Coming(watch.Feed, block.Number)).ToList();
            foreach (var ends in (List<UInt256?>[])[ranges.ConvertAll(static r => r?.Lowest), ranges.ConvertAll(static r => r?.Highest)])
            {
                var sights = watched.Select((watch, i) => ends[i] is { } answer ? SightOf(watch, block, answers, answer) : now[i]).ToList();
                if (sights.Exists(static sight => sight.Due == FeedDue.Pending) && !then.Exists(other => other.Feeds.SequenceEqual(sights)))
                {
                    then.Add(new NextPrices(sights));
                }
            }
        }

        return new NextPrices(now) { IsPendingUnread = pending?.IsUnreadAt(block.Number) == true, Pending = then };
    }

    /// <summary>The feeds by the contracts that their oracles write to: what the proxy names, or the feed itself where it names none.</summary>
    public IReadOnlyDictionary<Address, FollowedFeed> ByAggregator(CallResults answers)
    {
        var feeds = new Dictionary<Address, FollowedFeed>();
        foreach (var watch in watched)
        {
            var isProxy = answers.TryGet(new Call(watch.Feed, Aggregator), out var result) && result.Success && result.Data.Length == Word
                && result.Data.Span[..(Word - Address.Size)].IndexOfAnyExcept((byte)0) < 0;
            feeds.TryAdd(isProxy ? Address.FromWord(result.Data.Span) : watch.Feed, new FollowedFeed(watch, RoundOf(watch.Feed, answers)?.Answer));
        }

        return feeds;
    }

    private FeedSight SightOf(FeedWatch watch, BlockHeader block, CallResults answers, UInt256? coming)
    {
        var round = RoundOf(watch.Feed, answers);
        var market = MarketOf(watch, block, answers);
        var sight = FeedSight.Of(watch, round?.Answer, round?.UpdatedAt, market, block.Timestamp + nextBlockSeconds, coming);

        // A pending answer that can't be meant says nothing, not even that nothing is known.
        return sight.Due == FeedDue.Unknown && coming is not null ? SightOf(watch, block, answers, null) : sight;
    }

    private static IEnumerable<Call> CallsOf(FeedWatch watch)
    {
        yield return new Call(watch.Feed, LatestRound);
        yield return watch.Market is PoolPrice pool ? PoolCall(pool) : new Call(watch.Market.Contract, LatestRound);
        if (watch.Market is PoolPrice { QuoteFeed: { } quote })
        {
            yield return new Call(quote.Contract, LatestRound);
        }
    }

    /// <summary>In the feed's decimals; null where a part of it could not be read, or is too old.</summary>
    private static UInt256? MarketOf(FeedWatch watch, BlockHeader block, CallResults answers)
    {
        switch (watch.Market)
        {
            case SecondFeed second:
                return AnswerOf(second, block, answers) is { } answer ? Scale(answer, second.Decimals, watch.Decimals) : null;
            case PoolPrice pool:
                var price = RootOf(pool, answers) is { } root ? PoolMath.Price(root, pool, watch.Decimals) : null;
                return pool.QuoteFeed is not { } quote ? price
                    : price is { } inQuote && AnswerOf(quote, block, answers) is { } unit ? Times(inQuote, unit, quote.Decimals)
                    : null;
            default:
                throw new InvalidOperationException($"A market price of an unheard-of kind: {watch.Market.GetType().Name}.");
        }
    }

    private static UInt256? AnswerOf(SecondFeed feed, BlockHeader block, CallResults answers) =>
        RoundOf(feed.Contract, answers) is { } round && round.UpdatedAt + feed.MaxAgeSeconds >= block.Timestamp ? round.Answer : null;

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

    /// <summary>observe([mean, 0]): the sums of ticks then and now.</summary>
    private static Call PoolCall(PoolPrice pool)
    {
        if (pool.MeanSeconds == 0)
        {
            return new Call(pool.Contract, Slot0);
        }

        var data = new byte[Selector + (4 * Word)];
        Observe.Span.CopyTo(data);
        ((UInt256)(uint)Word).WriteBigEndian(data.AsSpan(Selector));
        ((UInt256)2u).WriteBigEndian(data.AsSpan(Selector + Word));
        ((UInt256)pool.MeanSeconds).WriteBigEndian(data.AsSpan(Selector + (2 * Word)));
        return new Call(pool.Contract, data);
    }

    /// <summary>The mean tick, rounded down as OracleLibrary.consult of Uniswap's v3-periphery does.</summary>
    private static UInt256? MeanRoot(ReadOnlySpan<byte> answer, uint seconds)
    {
        // (int56[] tickCumulatives, uint160[]): two offsets, then a length of two and the two.
        const int Sums = 3 * Word;
        if (answer.Length < Sums + (2 * Word) || UInt256.FromBigEndian(answer[..Word]) != (UInt256)(2u * Word) || UInt256.FromBigEndian(answer.Slice(2 * Word, Word)) != (UInt256)2u)
        {
            return null;
        }

        var before = BinaryPrimitives.ReadInt64BigEndian(answer.Slice(Sums + Word - sizeof(long), sizeof(long)));
        var now = BinaryPrimitives.ReadInt64BigEndian(answer.Slice(Sums + (2 * Word) - sizeof(long), sizeof(long)));
        var tick = Math.DivRem(unchecked(now - before), seconds, out var rest) - (rest < 0 ? 1 : 0);
        return tick is >= -TickMath.MaxTick and <= TickMath.MaxTick ? TickMath.SqrtRatio((int)tick) : null;
    }

    private static UInt256? RootOf(PoolPrice pool, CallResults answers)
    {
        if (!answers.TryGet(PoolCall(pool), out var result) || !result.Success || result.Data.Length < Word)
        {
            return null;
        }

        if (pool.MeanSeconds > 0)
        {
            return MeanRoot(result.Data.Span, pool.MeanSeconds);
        }

        var root = UInt256.FromBigEndian(result.Data.Span[..Word]);
        return root >> 160 == UInt256.Zero ? root : null;
    }
}
