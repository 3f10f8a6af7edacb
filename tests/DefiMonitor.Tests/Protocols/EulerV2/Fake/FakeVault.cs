using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.EulerV2;

namespace DefiMonitor.Tests.Protocols.EulerV2.Fake;

/// <summary>An EVault's storage: totals, and the shares of each account.</summary>
internal sealed class FakeVault(Address address, Address asset, ulong now)
{
    public Address Address => address;

    public Address Asset => asset;

    public VaultTotals Totals { get; set; } = new(0, 0, UInt256.Zero, FixedPoint.Ray, UInt256.Zero, now, 1_000);

    public Hooks Hooks { get; set; }

    public Dictionary<Address, UInt128> Shares { get; } = [];

    public UInt128 SharesOf(Address account) => Shares.GetValueOrDefault(account);
}
