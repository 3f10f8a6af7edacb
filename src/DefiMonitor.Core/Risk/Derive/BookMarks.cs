using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>What an option is marked at for people to read.</summary>
public static class BookMarks
{
    /// <summary>Black-76 of one option, undiscounted, 18 decimals; 0 where the feeds say what no price can be.</summary>
    public static UInt256 Of(OptionLine option, Int128 forward, ulong expiry, ulong at)
    {
        if (forward < 0 || option.Volatility < 0 || option.Strike < 0)
        {
            return UInt256.Zero;
        }

        var years = BookMove.None.YearsTo(expiry, at);
        return (UInt256)(BigInteger)(BookPricing.Price(option, BookNumbers.Of(forward), BookNumbers.Of(option.Volatility), years) * BookNumbers.One);
    }
}
