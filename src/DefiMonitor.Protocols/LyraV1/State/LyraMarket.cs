using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>One market's tables and what follows from them. Shared by the parts of <see cref="LyraV1Protocol"/>; holds no state of its own.</summary>
internal sealed class LyraMarket
{
    private readonly UserIds users;

    public LyraMarket(LyraV1Deployment deployment, ProtocolOptions options)
    {
        Deployment = deployment;
        Options = options;
        users = new UserIds(deployment.Id);
        Owned = new OwnedPositions(Tables);
    }

    public LyraV1Deployment Deployment { get; }

    public ProtocolOptions Options { get; }

    public LyraTables Tables { get; } = new();

    /// <summary>The tables once more, by owner.</summary>
    public OwnedPositions Owned { get; }

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    /// <summary>A position with its strike and board; null while the strike is unread.</summary>
    public PositionState? PositionOf(in UInt256 id)
    {
        if (!Tables.Positions.TryGet(id, out var position) || !Tables.Strikes.TryGet(position.StrikeId, out var strike) || !Tables.Boards.TryGet(strike.BoardId, out var board))
        {
            return null;
        }

        return new PositionState(
            id, position.Type, position.Amount, position.Collateral, strike.StrikePrice, board.Expiry, board.IsFrozen, Volatility(board.Iv, strike.Skew), board.Settled);
    }

    // Nothing is judged by it, so one that does not fit is none.
    private static UInt256 Volatility(in UInt256 iv, in UInt256 skew) => Computed.OrNull<UInt256>(Product(iv, skew)) ?? UInt256.Zero;

    private static Func<UInt256?> Product(UInt256 iv, UInt256 skew) => () => FixedPoint.WadMul(iv, skew, Rounding.Down);
}
