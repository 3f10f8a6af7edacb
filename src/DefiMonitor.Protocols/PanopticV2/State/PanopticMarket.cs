using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>One pool's tables and what follows from them. Shared by the parts of <see cref="PanopticV2Protocol"/>; holds no state of its own.</summary>
internal sealed class PanopticMarket
{
    private readonly UserIds users;

    public PanopticMarket(PanopticV2Deployment deployment, ProtocolOptions options)
    {
        Deployment = deployment;
        Options = options;
        users = new UserIds(deployment.Id);
        PositionsOf = new(Tables.Positions, static key => (key.User, key.TokenId));
        ProbesOf = new(Tables.Probes, static key => (key.User, key.Tick));
    }

    public PanopticV2Deployment Deployment { get; }

    public ProtocolOptions Options { get; }

    public PanopticTables Tables { get; } = new();

    public OwnedKeys<PositionKey, PositionRow, UInt256> PositionsOf { get; }

    public OwnedKeys<ProbeKey, ProbeRow, int> ProbesOf { get; }

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    /// <summary>False while the positions that are known are not those that the pool last counted, or whose hash it keeps.</summary>
    public bool IsProved(Address user, in UserRow row) =>
        row.Verdict != PoolVerdict.WrongList && (ulong)PositionsOf.Of(user).Sum(static tokenId => TokenIds.CountLegs(tokenId)) == row.Legs;

    public List<PanopticPosition> ListOf(Address user)
    {
        var list = new List<PanopticPosition>();
        foreach (var tokenId in PositionsOf.Of(user))
        {
            Tables.Positions.TryGet(new PositionKey(user, tokenId), out var row);
            list.Add(new PanopticPosition(tokenId, row.Balance));
        }

        return list;
    }
}
