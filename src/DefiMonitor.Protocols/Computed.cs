using DefiMonitor.Core.Portfolio;

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
