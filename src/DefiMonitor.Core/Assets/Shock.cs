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

    /// <summary>The smallest fall in ppm that brings a price to an edge or below it: floor(price * (10^6 - fall) / 10^6) &lt;= edge; 0 where it is there.</summary>
    public static uint FallTo(in UInt256 edge, in UInt256 price)
    {
        if (price <= edge)
        {
            return 0;
        }

        var kept = UInt256.MulDiv(edge + UInt256.One, Unit, price, Rounding.Up) - UInt256.One;
        return Unit - (uint)kept;
    }

    public UInt256 Apply(Address asset, UInt256 price) =>
        PricePpm.TryGetValue(asset, out var ppm) ? price * ppm / Unit : price;
}
