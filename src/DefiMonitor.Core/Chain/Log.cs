using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Chain;

/// <summary>One event log. Within a block logs are applied in <paramref name="LogIndex"/> order.</summary>
public sealed record Log(Address Address, IReadOnlyList<Hash32> Topics, ReadOnlyMemory<byte> Data, Hash32 TransactionHash, uint LogIndex);

/// <summary>Which logs an adapter wants: any of the addresses and any of the first topics.</summary>
public sealed record LogFilter(IReadOnlyCollection<Address> Addresses, IReadOnlyCollection<Hash32> Topics)
{
    public bool Matches(Log log) =>
        Addresses.Contains(log.Address) && log.Topics.Count > 0 && Topics.Contains(log.Topics[0]);
}
