using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

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

    /// <summary>The spot, how many positions the contract counts, each of them as it has it, and its own requirement of each short.</summary>
    public IEnumerable<Call> Confirm(Address owner)
    {
        yield return Spot;
        yield return Balance(owner);
        foreach (var id in market.Owned.Of(owner))
        {
            yield return Position(id);
            if (market.PositionOf(id) is { IsShort: true } position)
            {
                yield return Minimum(position, tables.Spot.Price);
            }
        }
    }

    public Call Balance(in Address owner) => LyraAbi.BalanceOf.Function.Call(deployment.OptionToken, owner);

    public Call Position(in UInt256 id) => LyraAbi.GetPositionWithOwner.Function.Call(deployment.OptionToken, id);

    /// <summary>At the time of the block that is asked.</summary>
    public Call Minimum(in PositionState position, in UInt256 spot) => LyraAbi.GetMinCollateral.Function.Call(
        deployment.OptionGreekCache, (UInt256)(byte)position.Type, position.StrikePrice, (UInt256)position.Expiry, spot, position.Amount);

    private Call Strike(in UInt256 id) => LyraAbi.GetStrikeAndBoard.Function.Call(deployment.OptionMarket, id);
}
