using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols;

/// <summary>
/// Side figures of absurd inputs (a price near 2^200) may not fit 256 bits although the account itself does: then the figure is left out, the verdict stands.
/// </summary>
internal static class Computed
{
    /// <summary>A list that is worked out when it is looked at, and empty where a figure in it does not fit.</summary>
    public static IReadOnlyList<T> Later<T>(Func<IReadOnlyList<T>> make) => new Deferred<T>(() =>
    {
        try
        {
            return make();
        }
        catch (ArithmeticException)
        {
            return [];
        }
    });

    /// <summary>What does not fit is none of what is held, and more than anything of what is owed.</summary>
    public static UInt256 OrWorst(PositionSide side, Func<UInt256> figure) => OrNull<UInt256>(() => figure()) ?? (side == PositionSide.Debt ? UInt256.MaxValue : UInt256.Zero);

    /// <summary>What the legs of one side are worth, likewise.</summary>
    public static UInt256 Sum(IEnumerable<Position> legs, PositionSide side) =>
        OrWorst(side, () => legs.Where(leg => leg.Side == side).Aggregate(UInt256.Zero, static (sum, leg) => sum + leg.Value));

    public static T? OrNull<T>(Func<T?> figure)
        where T : struct
    {
        try
        {
            return figure();
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }
}
