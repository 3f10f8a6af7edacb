namespace DefiMonitor.Protocols;

/// <summary>
/// Side figures of absurd inputs (a price near 2^200) may not fit 256 bits although the account itself does: then the figure is left out, the verdict stands.
/// </summary>
internal static class Computed
{
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
