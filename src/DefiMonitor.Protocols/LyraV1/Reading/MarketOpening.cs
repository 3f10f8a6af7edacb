using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Every call that is made: to open the market, to let an owner in, at each judged block, and to confirm.</summary>
internal sealed class MarketOpening(LyraMarket market)
{
    private readonly LyraV1Deployment deployment = market.Deployment;
    private readonly LyraTables tables = market.Tables;

    public Call Spot => LyraAbi.GetSpotPriceForMarket.Function.Call(deployment.SynthetixAdapter, deployment.OptionMarket);

    public IEnumerable<Call> Open() =>
    [
        LyraAbi.GetMinCollatParams.Function.Call(deployment.OptionGreekCache),
        LyraAbi.GetGreekCacheParams.Function.Call(deployment.OptionGreekCache),
        LyraAbi.Symbol.Function.Call(deployment.QuoteAsset),
        LyraAbi.Symbol.Function.Call(deployment.BaseAsset),
    ];

    /// <summary>The owner's positions, and then the strikes of them that nobody had before.</summary>
    public IEnumerable<Call> Entry(Address owner, CallResults soFar)
    {
        var all = LyraAbi.GetOwnerPositions.Function.Call(deployment.OptionToken, owner);
        yield return all;
        if (soFar.TryGet(all, out var answer) && LyraAbi.GetOwnerPositions.TryDecode(answer, out var positions, out _))
        {
            foreach (var strike in positions.Select(static position => position.StrikeId).Distinct().Where(strike => !tables.Strikes.Contains(strike)))
            {
                yield return Strike(strike);
            }
        }
    }

    /// <summary>At every judged block: the spot, and strikes that a trade brought in.</summary>
    public IEnumerable<Call> Head()
    {
        if (!tables.Market.IsOpen)
        {
            yield break;
        }

        yield return Spot;
        var missing = new SortedSet<UInt256>();
        foreach (var (_, position) in tables.Positions)
        {
            if (!tables.Strikes.Contains(position.StrikeId))
            {
                missing.Add(position.StrikeId);
            }
        }

        foreach (var strike in missing)
        {
            yield return Strike(strike);
        }
    }

    /// <summary>The spot, how many positions the contract counts, each of them as it has it, and its own requirement of each short at some spot.</summary>
    public IEnumerable<Call> Confirm(Address owner)
    {
        yield return Spot;
        yield return Balance(owner);
        foreach (var id in market.Owned.Of(owner))
        {
            yield return Position(id);
            if (market.PositionOf(id) is { IsShort: true } position)
            {
                // The spot of this block is read by the same question, so the requirement is asked at the last one that is known.
                yield return Minimum(position, tables.Spot.IsRead ? tables.Spot.Price : position.StrikePrice);
            }
        }
    }

    public Call Balance(in Address owner) => LyraAbi.BalanceOf.Function.Call(deployment.OptionToken, owner);

    public Call Position(in UInt256 id) => LyraAbi.GetPositionWithOwner.Function.Call(deployment.OptionToken, id);

    /// <summary>At the time of the block that is asked.</summary>
    public Call Minimum(in PositionState position, in UInt256 spot) => LyraAbi.GetMinCollateral.Function.Call(
        deployment.OptionGreekCache, (UInt256)(byte)position.Type, position.StrikePrice, (UInt256)position.Expiry, spot, position.Amount);

    /// <summary>The contract's requirement of a position among answers, and the spot that it was asked at; null where it was not asked or did not answer.</summary>
    public (UInt256 Spot, UInt256 Minimum)? MinimumIn(CallResults results, PositionState position, in UInt256 preferred)
    {
        (UInt256, UInt256)? found = null;
        foreach (var (call, result) in results.All)
        {
            if (call.To != deployment.OptionGreekCache || !LyraAbi.GetMinCollateral.Function.IsCall(call) || !LyraAbi.GetMinCollateral.TryDecode(result, out var minimum, out _))
            {
                continue;
            }

            var spot = new AbiReader(call.Data[4..]).UInt256(3 * AbiReader.WordSize);
            if (call.Equals(Minimum(position, spot)))
            {
                found = (spot, minimum);
                if (spot == preferred)
                {
                    break;
                }
            }
        }

        return found;
    }

    private Call Strike(in UInt256 id) => LyraAbi.GetStrikeAndBoard.Function.Call(deployment.OptionMarket, id);
}
