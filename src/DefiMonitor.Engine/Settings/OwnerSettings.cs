using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Settings;

/// <summary>Whose accounts are watched: one address, or several under one name.</summary>
public sealed record OwnerSettings
{
    public required string Name { get; init; }

    public required IReadOnlyList<Address> Addresses { get; init; }

    /// <summary>Null = on every chain that is followed.</summary>
    public IReadOnlyList<ChainId>? Chains { get; init; }

    public bool IsOn(ChainId chain) => Chains is null || Chains.Contains(chain);
}
