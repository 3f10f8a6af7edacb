using DefiMonitor.Core.Risk.Options;

namespace DefiMonitor.Core.Risk.Derive;

/// <summary>Black76.prices of lyra-utils in double: no volatility, or no time left, is the payoff.</summary>
internal static class BookPricing
{
    /// <summary>Undiscounted, of one option.</summary>
    public static double Price(OptionLine option, double forward, double volatility, double years) => Black76.Undiscounted(
        option.IsCall ? OptionSide.Call : OptionSide.Put, forward, BookNumbers.Of(option.Strike), Black76.Deviation(volatility, years));

    /// <summary>Why the feeds of an expiry can't be priced with; None where they can.</summary>
    public static Refusal Check(ExpiryLines expiry)
    {
        if (expiry.FixedForward < 0 || expiry.VariableForward < 0)
        {
            return Refusal.NegativeForward;
        }

        foreach (var option in expiry.Options)
        {
            if (option.Strike < 0)
            {
                return Refusal.NegativeStrike;
            }

            if (option.Volatility < 0)
            {
                return Refusal.NegativeVolatility;
            }
        }

        return Refusal.None;
    }

    public static Refusal Check(DeriveBook book)
    {
        if (book.StablePrice <= 0 || book.Spots.Any(static spot => spot < 0))
        {
            return Refusal.NegativeForward;
        }

        return book.Expiries.Select(Check).FirstOrDefault(static refusal => refusal != Refusal.None);
    }
}
