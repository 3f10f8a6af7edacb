using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Assets;

/// <summary>
/// A what-if: each named token's price times ppm / 1,000,000 (floored as integers), and a number of seconds later.
/// The same Evaluate runs on shocked inputs.
/// </summary>
public sealed record Shock(IReadOnlyDictionary<Address, uint> PricePpm, ulong Seconds)
{
    public const uint Unit = 1_000_000;

    public static Shock None { get; } = new(new Dictionary<Address, uint>(), 0);

    public UInt256 Apply(Address asset, UInt256 price) =>
        PricePpm.TryGetValue(asset, out var ppm) ? price * ppm / Unit : price;
}
