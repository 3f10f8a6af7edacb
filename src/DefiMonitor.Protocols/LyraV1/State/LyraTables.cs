using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>All that is known of one market. There is no other state.</summary>
internal sealed class LyraTables
{
    private const byte TheOne = 0;

    public LyraTables() => All = [Markets, Spots, Boards, Strikes, Positions, Accounts];

    public StateTable<byte, MarketRow> Markets { get; } = new("market");

    public StateTable<byte, SpotRow> Spots { get; } = new("spot");

    public StateTable<UInt256, BoardRow> Boards { get; } = new("board");

    public StateTable<UInt256, StrikeRow> Strikes { get; } = new("strike");

    public StateTable<UInt256, PositionRow> Positions { get; } = new("position");

    /// <summary>Who is in, and since which block.</summary>
    public StateTable<Address, ulong> Accounts { get; } = new("account");

    public IReadOnlyList<IStateTable> All { get; }

    public MarketRow Market
    {
        get => Markets.TryGet(TheOne, out var row) ? row : default;
        set => Markets.Set(TheOne, value);
    }

    public SpotRow Spot
    {
        get => Spots.TryGet(TheOne, out var row) ? row : default;
        set => Spots.Set(TheOne, value);
    }
}
