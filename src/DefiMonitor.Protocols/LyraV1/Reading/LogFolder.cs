using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Folds logs into the tables. PositionUpdated carries the whole position after whatever happened to it, a transfer included, so nothing is computed.</summary>
internal sealed class LogFolder
{
    private readonly Dictionary<(Address, Hash32), Action<Log, ISet<MarginAccountId>>> handlers;
    private readonly LyraMarket market;
    private readonly LyraTables tables;

    public LogFolder(LyraMarket market)
    {
        this.market = market;
        tables = market.Tables;
        var deployment = market.Deployment;
        handlers = new()
        {
            [(deployment.OptionToken, LyraAbi.PositionUpdated.Topic0)] = OnPosition,
            [(deployment.OptionMarket, LyraAbi.BoardFrozen.Topic0)] = (log, _) => OnFrozen(LyraAbi.BoardFrozen.Decode(log)),
            [(deployment.OptionMarket, LyraAbi.BoardBaseIvSet.Topic0)] = (log, _) => SetIv(LyraAbi.BoardBaseIvSet.Decode(log).BoardId, LyraAbi.BoardBaseIvSet.Decode(log).BaseIv),
            [(deployment.OptionMarket, LyraAbi.StrikeSkewSet.Topic0)] = (log, _) => SetSkew(LyraAbi.StrikeSkewSet.Decode(log).StrikeId, LyraAbi.StrikeSkewSet.Decode(log).Skew),
            [(deployment.OptionMarket, LyraAbi.BoardSettled.Topic0)] = (log, _) => OnSettled(LyraAbi.BoardSettled.Decode(log)),

            // Nothing of it is folded: it tells of liquidations.
            [(deployment.OptionMarket, LyraAbi.Trade.Topic0)] = static (_, _) => { },
            [(deployment.OptionGreekCache, LyraAbi.BoardIvUpdated.Topic0)] = (log, _) => SetIv(LyraAbi.BoardIvUpdated.Decode(log).BoardId, LyraAbi.BoardIvUpdated.Decode(log).NewIv),
            [(deployment.OptionGreekCache, LyraAbi.StrikeSkewUpdated.Topic0)] = (log, _) => SetSkew(LyraAbi.StrikeSkewUpdated.Decode(log).StrikeId, LyraAbi.StrikeSkewUpdated.Decode(log).NewSkew),
            [(deployment.OptionGreekCache, LyraAbi.MinCollateralParametersSet.Topic0)] = (log, _) =>
                tables.Market = tables.Market with { Parameters = LyraAbi.MinCollateralParametersSet.Decode(log).Params },
            [(deployment.OptionGreekCache, LyraAbi.GreekCacheParametersSet.Topic0)] = (log, _) =>
                tables.Market = tables.Market with { RateAndCarry = LyraAbi.GreekCacheParametersSet.Decode(log).Params.RateAndCarry },
        };
        Filters = [.. handlers.Keys.GroupBy(static key => key.Item1).Select(static group => new LogFilter([group.Key], [.. group.Select(static key => key.Item2)]))];
    }

    public IReadOnlyCollection<LogFilter> Filters { get; }

    public void Apply(Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count > 0 && handlers.TryGetValue((log.Address, log.Topics[0]), out var on))
        {
            on(log, touched);
        }
    }

    private void OnPosition(Log log, ISet<MarginAccountId> touched)
    {
        var update = LyraAbi.PositionUpdated.Decode(log);
        var type = LyraAbi.TypeOf(update.Position.OptionType);
        if (tables.Positions.TryGet(update.PositionId, out var before))
        {
            touched.Add(market.IdOf(before.Owner));
        }

        if (update.Position.State == LyraAbi.Active && tables.Accounts.Contains(update.Owner))
        {
            var position = update.Position;
            tables.Positions.Set(
                update.PositionId, new PositionRow(update.Owner, position.StrikeId, type, position.Amount, position.Collateral));
            touched.Add(market.IdOf(update.Owner));
        }
        else
        {
            tables.Positions.Remove(update.PositionId);
        }
    }

    private void OnFrozen(in BoardFrozen set)
    {
        if (tables.Boards.TryGet(set.BoardId, out var board))
        {
            tables.Boards.Set(set.BoardId, board with { IsFrozen = set.Frozen });
        }
    }

    private void OnSettled(in BoardSettled settled)
    {
        if (tables.Boards.TryGet(settled.BoardId, out var board))
        {
            tables.Boards.Set(settled.BoardId, board with { Settled = settled.SpotPriceAtExpiry });
        }
    }

    private void SetIv(in UInt256 boardId, in UInt256 iv)
    {
        if (tables.Boards.TryGet(boardId, out var board))
        {
            tables.Boards.Set(boardId, board with { Iv = iv });
        }
    }

    private void SetSkew(in UInt256 strikeId, in UInt256 skew)
    {
        if (tables.Strikes.TryGet(strikeId, out var strike))
        {
            tables.Strikes.Set(strikeId, strike with { Skew = skew });
        }
    }
}
