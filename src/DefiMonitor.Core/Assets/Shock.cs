using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Assets;

/// <summary>
/// A what-if: each named token's price times ppm / 1,000,000 (floored as integers), and a number of seconds later.
/// The same Evaluate runs on shocked inputs.
/// </summary>
public sealed record Shock(IReadOnlyDictionary<Address, uint> PricePpm, ulong Seconds)
{
    public const uint Unit = 1_000_000;

    private static readonly IReadOnlyDictionary<Address, PriceFactor> NoFactors = new Dictionary<Address, PriceFactor>();

    public static Shock None { get; } = new(new Dictionary<Address, uint>(), 0);

    /// <summary>Exact factors, where a price moves to another known price; they go before <see cref="PricePpm"/>.</summary>
    public IReadOnlyDictionary<Address, PriceFactor> Factors { get; init; } = NoFactors;

    public bool MovesPrices => PricePpm.Count > 0 || Factors.Count > 0;

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
        Factors.TryGetValue(asset, out var factor) ? UInt256.MulDiv(price, factor.Numerator, factor.Denominator, Rounding.Down)
        : PricePpm.TryGetValue(asset, out var ppm) ? price * ppm / Unit : price;

    /// <summary>A price that is quoted in the asset: when that becomes dearer, the price falls.</summary>
    public UInt256 ApplyQuote(Address quote, UInt256 price) =>
        Factors.TryGetValue(quote, out var factor) ? UInt256.MulDiv(price, factor.Denominator, factor.Numerator, Rounding.Down)
        : PricePpm.TryGetValue(quote, out var ppm) ? price * Unit / ppm : price;
}

/// <summary>An exact factor; neither part is zero.</summary>
public readonly record struct PriceFactor(UInt256 Numerator, UInt256 Denominator);
