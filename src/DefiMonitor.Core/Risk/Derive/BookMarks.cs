using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>What an option is marked at for people to read.</summary>
public static class BookMarks
{
    /// <summary>Black-76 of one option, 18 decimals; null where the feeds say what no price can be.</summary>
    /// <param name="rate">Interest of a year that it is discounted with; below 0 counts as 0, as portfolio margin has it. 0 = undiscounted.</param>
    public static UInt256? Of(OptionLine option, Int128 forward, Int128 rate, ulong expiry, ulong at)
    {
        if (forward < 0 || option.Volatility < 0 || option.Strike < 0)
        {
            return null;
        }

        var years = BookMove.None.YearsTo(expiry, at);
        return (UInt256)(BigInteger)(BookPricing.Price(option, BookNumbers.Of(forward), BookNumbers.Of(option.Volatility), years) * Math.Exp(-Math.Max(0, BookNumbers.Of(rate)) * years) * BookNumbers.One);
    }
}
