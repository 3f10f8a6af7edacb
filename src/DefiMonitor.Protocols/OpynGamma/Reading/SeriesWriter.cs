using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Answers about oTokens, their tokens, products and feeds, into the tables.</summary>
internal sealed class SeriesWriter(GammaMarket market)
{
    // More decimals than that and no figure fits 256 bits.
    private const byte MostDecimals = 77;

    private readonly GammaTables tables = market.Tables;

    public void Terms(Call call, CallResult result)
    {
        if (GammaAbi.GetOtokenDetails.TryDecode(result, out var terms, out _))
        {
            tables.Series.Set(call.To, ReadWriter.RowOf(terms));
            tables.Drafts.Remove(call.To);
        }
    }

    /// <summary>One getter of an oToken: the first version has no getOtokenDetails (MarginCalculator._getOtokenDetails asks likewise).</summary>
    public void Term<T>(AbiResult<T> shape, TermFields field, Func<SeriesRow, T, SeriesRow> with, Call call, CallResult result)
    {
        if (tables.Series.Contains(call.To) || !shape.TryDecode(result, out var value, out _))
        {
            return;
        }

        tables.Drafts.TryGet(call.To, out var draft);
        draft = new DraftRow(with(draft.Terms, value), draft.Fields | field);
        if (draft.Fields == TermFields.All)
        {
            tables.Series.Set(call.To, draft.Terms);
            tables.Drafts.Remove(call.To);
        }
        else
        {
            tables.Drafts.Set(call.To, draft);
        }
    }

    public void Symbol(Call call, CallResult result)
    {
        tables.Tokens.TryGet(call.To, out var row);
        tables.Tokens.Set(call.To, row with { Symbol = TokenSymbol.From(call.To, GammaAbi.Symbol, result) });
    }

    public void Decimals(Call call, CallResult result)
    {
        var isRead = GammaAbi.Decimals.TryDecode(result, out var decimals, out _) && decimals <= MostDecimals;
        var feeds = FeedsAt(static feed => feed.Aggregator, call.To);
        foreach (var (underlying, feed) in feeds)
        {
            tables.Feeds.Set(underlying, feed with { Decimals = isRead ? decimals : (byte)0, HasDecimals = isRead });
        }

        if (feeds.Count > 0)
        {
            return;
        }

        // A token's symbol comes first; a feed that was forgotten meanwhile is no token.
        if (tables.Tokens.TryGet(call.To, out var row))
        {
            tables.Tokens.Set(call.To, isRead ? row with { Decimals = decimals, Fields = row.Fields | TokenFields.Decimals } : row with { Fields = row.Fields & ~TokenFields.Decimals });
        }
    }

    public void Dust(Call call, CallResult result)
    {
        var token = new AbiReader(call.Data[4..]).Address(0);
        tables.Tokens.TryGet(token, out var row);
        tables.Tokens.Set(
            token, GammaAbi.CollateralDust.TryDecode(result, out var dust, out _) ? row with { Dust = dust, Fields = row.Fields | TokenFields.Dust } : row with { Fields = row.Fields & ~TokenFields.Dust });
    }

    public void Shock(Call call, CallResult result)
    {
        var product = ProductIn(call);
        tables.Products.TryGet(product, out var row);
        var isRead = GammaAbi.SpotShock.TryDecode(result, out var shock, out _);
        tables.Products.Set(product, row with { SpotShock = shock, HasShock = isRead });
    }

    public void Times(Call call, CallResult result)
    {
        var product = ProductIn(call);
        tables.Products.TryGet(product, out var row);
        var isRead = GammaAbi.TimesToExpiry.TryDecode(result, out var times, out _);
        foreach (var time in isRead ? times! : [])
        {
            var key = new StepKey(product, ReadWriter.Seconds(time));
            if (!tables.Steps.Contains(key))
            {
                tables.Steps.Set(key, default);
            }
        }

        tables.Products.Set(product, row with { HasTimes = isRead });
    }

    public void Step(Call call, CallResult result)
    {
        var key = new StepKey(ProductIn(call), ReadWriter.Seconds(new AbiReader(call.Data[4..]).UInt256(4 * AbiReader.WordSize)));
        var isRead = GammaAbi.MaxPrice.TryDecode(result, out var value, out _);
        tables.Steps.Set(key, new StepRow(value, isRead));
    }

    public void Pricer(Call call, CallResult result)
    {
        if (GammaAbi.GetPricer.TryDecode(result, out var pricer, out _) && !pricer.IsZero)
        {
            tables.Feeds.Set(new AbiReader(call.Data[4..]).Address(0), new FeedRow { Pricer = pricer });
        }
    }

    public void Aggregator(Call call, CallResult result)
    {
        if (GammaAbi.Aggregator.TryDecode(result, out var aggregator, out _))
        {
            foreach (var (underlying, feed) in FeedsAt(static feed => feed.Pricer, call.To))
            {
                tables.Feeds.Set(underlying, feed with { Aggregator = aggregator });
            }
        }
    }

    /// <summary>ChainlinkPricer._scaleToBase of a round's answer; rounds that no naked vault can be liquidated by any more are dropped.</summary>
    public void Round(BlockHeader block, Call call, CallResult result)
    {
        var isRead = FeedWalk.LatestRoundData.TryDecode(result, out var round, out _) && round.Answer > 0 && round.UpdatedAt <= ulong.MaxValue;
        foreach (var (underlying, feed) in FeedsAt(static feed => feed.Aggregator, call.To))
        {
            if (!isRead || !feed.HasDecimals)
            {
                tables.Feeds.Set(underlying, feed with { Block = block.Number, IsRead = false });
                continue;
            }

            var answer = (UInt256)(UInt128)round.Answer;
            var price = feed.Decimals > FixedPointInt256.Base
                ? answer / UInt256.Pow10(feed.Decimals - FixedPointInt256.Base)
                : answer * UInt256.Pow10(FixedPointInt256.Base - feed.Decimals);
            tables.Rounds.Set(new RoundKey(underlying, round.RoundId), new RoundRow(price, (ulong)round.UpdatedAt, IsRead: true));
            tables.Feeds.Set(underlying, feed with { RoundId = round.RoundId, UpdatedAt = (ulong)round.UpdatedAt, Block = block.Number, IsRead = true });
            Drop(underlying, round.RoundId, block.Timestamp);
        }
    }

    /// <summary>A round of the past, as the oracle tells it to isLiquidatable.</summary>
    public void PastRound(Call call, CallResult result)
    {
        var arguments = new AbiReader(call.Data[4..]);
        var key = new RoundKey(arguments.Address(0), (UInt128)arguments.UInt256(AbiReader.WordSize));
        if (tables.Feeds.Contains(key.Underlying) && !(tables.Rounds.TryGet(key, out var row) && row.IsRead))
        {
            var isRead = GammaAbi.GetRound.TryDecode(result, out var round, out _) && round.Timestamp <= ulong.MaxValue;
            tables.Rounds.Set(key, isRead ? new RoundRow(round.Price, (ulong)round.Timestamp, IsRead: true) : default);
        }
    }

    /// <summary>All that a calculator or its oracle has said.</summary>
    public void Forget()
    {
        foreach (var key in tables.Products.Keys())
        {
            tables.Products.Remove(key);
        }

        foreach (var key in tables.Steps.Keys())
        {
            tables.Steps.Remove(key);
        }

        foreach (var key in tables.Tokens.Keys())
        {
            tables.Tokens.Remove(key);
        }

        foreach (var key in tables.Prices.Keys())
        {
            tables.Prices.Remove(key);
        }

        foreach (var key in tables.Settled.Keys())
        {
            tables.Settled.Remove(key);
        }

        foreach (var underlying in tables.Feeds.Keys())
        {
            ForgetFeed(underlying);
        }
    }

    /// <summary>A feed and its rounds.</summary>
    public void ForgetFeed(Address underlying)
    {
        tables.Feeds.Remove(underlying);
        foreach (var key in tables.Rounds.Keys().Where(key => key.Underlying == underlying))
        {
            tables.Rounds.Remove(key);
        }
    }

    private static Hash32 ProductIn(Call call)
    {
        var arguments = new AbiReader(call.Data[4..]);
        return GammaMarket.ProductOf(new SeriesRow(
            arguments.Address(0), arguments.Address(AbiReader.WordSize), arguments.Address(2 * AbiReader.WordSize), default, 0, arguments.Bool(3 * AbiReader.WordSize)));
    }

    private void Drop(in Address underlying, UInt128 newest, ulong at)
    {
        var first = ulong.MaxValue;
        foreach (var (_, vault) in tables.Vaults)
        {
            if (tables.Series.TryGet(vault.Short, out var series) && series.Underlying == underlying && GammaMarket.IsLiveNaked(vault, series, at))
            {
                first = Math.Min(first, vault.LatestUpdate);
            }
        }

        foreach (var round in market.RoundsOf.Before(underlying, first, newest))
        {
            tables.Rounds.Remove(new RoundKey(underlying, round));
        }
    }

    private List<(Address Underlying, FeedRow Feed)> FeedsAt(Func<FeedRow, Address> where, Address contract)
    {
        var found = new List<(Address, FeedRow)>();
        foreach (var (underlying, feed) in tables.Feeds)
        {
            if (where(feed) == contract)
            {
                found.Add((underlying, feed));
            }
        }

        return found;
    }
}
