using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>
/// Folds everybody's positions, also of those who are not in: nothing else tells of them. A burn is always of the whole position; liquidations and forced exercises burn too.
/// A user whose positions changed enters anew, so that what is said of him is said of these.
/// </summary>
internal sealed class LogFolder
{
    private readonly PanopticMarket market;

    public LogFolder(PanopticMarket market)
    {
        this.market = market;
        Filters = [new LogFilter([market.Deployment.Pool], [PanopticAbi.OptionMinted.Topic0, PanopticAbi.OptionBurnt.Topic0, PanopticAbi.AccountLiquidated.Topic0])];
    }

    public IReadOnlyCollection<LogFilter> Filters { get; }

    public void Apply(Log log, ISet<MarginAccountId> touched)
    {
        if (log.Address != market.Deployment.Pool)
        {
            return;
        }

        if (PanopticAbi.OptionMinted.Matches(log))
        {
            var minted = PanopticAbi.OptionMinted.Decode(log);
            market.Tables.Positions.Set(new PositionKey(minted.Recipient, minted.TokenId), new PositionRow(minted.BalanceData));
            EnterAnew(minted.Recipient, touched);
        }
        else if (PanopticAbi.OptionBurnt.Matches(log))
        {
            var burnt = PanopticAbi.OptionBurnt.Decode(log);
            market.Tables.Positions.Remove(new PositionKey(burnt.Recipient, burnt.TokenId));
            EnterAnew(burnt.Recipient, touched);
        }
    }

    private void EnterAnew(in Address user, ISet<MarginAccountId> touched)
    {
        if (market.Tables.Users.Contains(user))
        {
            market.Tables.Users.Remove(user);
            touched.Add(market.IdOf(user));
        }
    }
}
