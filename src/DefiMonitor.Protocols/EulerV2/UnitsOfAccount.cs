using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Units of account. Source: euler-price-oracle, adapter/BaseAdapter.sol: addresses up to 2^32 - 1 are currencies with 18 decimals.</summary>
internal static class UnitsOfAccount
{
    private const ulong Dollar = 840;

    public static bool IsCurrency(in Address unit) => NumberOf(unit) is { } number && number <= uint.MaxValue;

    public static TokenFace FaceOf(in Address unit) => new(Text32.From(NumberOf(unit) is Dollar ? "USD" : $"ISO-{NumberOf(unit)}"), 18);

    private static ulong? NumberOf(in Address unit)
    {
        var number = UInt256.FromBigEndian(unit.ToArray());
        return number <= (UInt256)ulong.MaxValue ? (ulong)number : null;
    }
}
