using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly LyraMarket market;
    private readonly LyraTables tables;

    public ReadWriter(LyraMarket market)
    {
        this.market = market;
        tables = market.Tables;
        On(LyraAbi.GetMinCollatParams.Function, (_, _, result, _) => Parameters(result));
        On(LyraAbi.GetGreekCacheParams.Function, (_, _, result, _) => Rate(result));
        On(LyraAbi.Symbol.Function, (_, call, result, _) => Symbol(call, result));
        On(LyraAbi.GetSpotPriceForMarket.Function, (block, _, result, _) => Spot(block, result));
        On(LyraAbi.GetStrikeAndBoard.Function, (_, _, result, touched) => Strike(result, touched));
        On(LyraAbi.GetOwnerPositions.Function, Positions);

        // Asked for comparison only: a view of the contract that our state does not come from.
        On(LyraAbi.BalanceOf.Function, static (_, _, _, _) => { });
        On(LyraAbi.GetPositionWithOwner.Function, static (_, _, _, _) => { });
        On(LyraAbi.GetMinCollateral.Function, static (_, _, _, _) => { });
    }

    public void Write(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (call.Data.Length < 4 || !bySelector.TryGetValue(Key(call.Data.Span), out var write))
        {
            throw new ArgumentException($"{call} is no call that {market.Deployment.Id} asks for.", nameof(call));
        }

        write(block, call, result, touched);
        var row = tables.Market;
        if (!row.IsOpen && (row.Fields & MarketFields.All) == MarketFields.All)
        {
            tables.Market = row with { IsOpen = true };
        }
    }

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), write);

    private void Parameters(CallResult result)
    {
        var row = tables.Market;
        tables.Market = LyraAbi.GetMinCollatParams.TryDecode(result, out var parameters, out _)
            ? row with { Parameters = parameters, Fields = row.Fields | MarketFields.Parameters }
            : row with { IsOpen = false, Fields = row.Fields & ~MarketFields.Parameters };
    }

    private void Rate(CallResult result)
    {
        var row = tables.Market;
        tables.Market = LyraAbi.GetGreekCacheParams.TryDecode(result, out var parameters, out _)
            ? row with { RateAndCarry = parameters.RateAndCarry, Fields = row.Fields | MarketFields.Rate }
            : row with { IsOpen = false, Fields = row.Fields & ~MarketFields.Rate };
    }

    private void Symbol(Call call, CallResult result)
    {
        var symbol = TokenSymbol.From(call.To, LyraAbi.Symbol, result);
        var row = tables.Market;
        tables.Market = call.To == market.Deployment.QuoteAsset ? row with { Quote = symbol } : row with { Base = symbol };
    }

    // Reverts while the venue is paused or Synthetix calls its own rate invalid: then the contract can't judge anybody either.
    private void Spot(BlockHeader block, CallResult result)
    {
        var isRead = LyraAbi.GetSpotPriceForMarket.TryDecode(result, out var price, out _);
        tables.Spot = new SpotRow(price, block.Number, isRead);
    }

    private void Strike(CallResult result, ISet<MarginAccountId> touched)
    {
        // A strike that was never listed answers with zeros.
        if (!LyraAbi.GetStrikeAndBoard.TryDecode(result, out var answer, out _) || answer.Strike.Id.IsZero || answer.Board.Id.IsZero)
        {
            return;
        }

        tables.Strikes.Set(answer.Strike.Id, new StrikeRow(answer.Strike.StrikePrice, answer.Board.Id, answer.Strike.Skew));
        tables.Boards.TryGet(answer.Board.Id, out var board);
        tables.Boards.Set(answer.Board.Id, board with { Expiry = Seconds(answer.Board.Expiry), Iv = answer.Board.Iv, IsFrozen = answer.Board.Frozen });
        foreach (var (_, position) in tables.Positions)
        {
            if (position.StrikeId == answer.Strike.Id)
            {
                touched.Add(market.IdOf(position.Owner));
            }
        }
    }

    private static ulong Seconds(in UInt256 time) => time > ulong.MaxValue ? ulong.MaxValue : (ulong)time;

    private void Positions(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var owner = new AbiReader(call.Data[4..]).Address(0);
        if (!LyraAbi.GetOwnerPositions.TryDecode(result, out var positions, out _) || positions.Any(static position => position.OptionType > (byte)OptionType.ShortPutQuote))
        {
            if (tables.Accounts.Contains(owner))
            {
                // Asked again because something was wrong: what is there is not believed, and the owner has to enter anew.
                tables.Accounts.Remove(owner);
                touched.Add(market.IdOf(owner));
            }

            return;
        }

        foreach (var gone in market.Owned.Of(owner).Except(positions.Select(static position => position.PositionId)).ToList())
        {
            tables.Positions.Remove(gone);
        }

        foreach (var position in positions)
        {
            tables.Positions.Set(position.PositionId, new PositionRow(owner, position.StrikeId, (OptionType)position.OptionType, position.Amount, position.Collateral));
        }

        tables.Accounts.Set(owner, block.Number);
        touched.Add(market.IdOf(owner));
    }
}
