using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>All that is known of one pool. There is no other state.</summary>
internal sealed class PanopticTables
{
    private const byte TheOne = 0;

    public PanopticTables() => All = [Pools, AllTicks, Positions, Users, Probes];

    public StateTable<byte, PoolRow> Pools { get; } = new("pool");

    public StateTable<byte, TicksRow> AllTicks { get; } = new("ticks");

    public StateTable<PositionKey, PositionRow> Positions { get; } = new("position");

    /// <summary>Who is in.</summary>
    public StateTable<Address, UserRow> Users { get; } = new("user");

    public StateTable<ProbeKey, ProbeRow> Probes { get; } = new("probe");

    public IReadOnlyList<IStateTable> All { get; }

    public PoolRow Pool
    {
        get => Pools.TryGet(TheOne, out var row) ? row : default;
        set => Pools.Set(TheOne, value);
    }

    public TicksRow Ticks
    {
        get => AllTicks.TryGet(TheOne, out var row) ? row : default;
        set => AllTicks.Set(TheOne, value);
    }
}
