using System.Numerics;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>core/MarginCalculator.sol, to the last integer. Figures have 27 decimals unless it is said otherwise; prices are of one whole token.</summary>
internal static class MarginCalculator
{
    /// <summary>Seconds from the round that a liquidation names until the vault's collateral is all that an oToken costs.</summary>
    public const ulong AuctionTime = 3_600;

    private const int SecondsDecimals = 18;

    /// <summary>_findUpperBoundValue: the value at the least time that is not shorter than what is left.</summary>
    /// <param name="steps">Rising by their time.</param>
    /// <exception cref="ArithmeticException">Where the contract reverts: the product has none, or none that reaches so far.</exception>
    public static BigInteger UpperBoundValue(IReadOnlyList<UpperBound> steps, ulong expiry, ulong at)
    {
        foreach (var step in steps)
        {
            if (step.TimeToExpiry >= expiry - at)
            {
                return Fpi.FromScaledUint(step.Value, 27);
            }
        }

        throw new ArithmeticException("the product has no upper bound value for the time to expiry.");
    }

    /// <summary>_getNakedMarginRequired.</summary>
    public static BigInteger NakedRequired(bool isPut, in BigInteger upperBound, in BigInteger spotShock, in BigInteger amount, in BigInteger strike, in BigInteger price)
    {
        // A put counts in the strike asset, a call in the underlying.
        var whole = isPut ? strike : Fpi.One;
        var shocked = isPut ? Fpi.Mul(spotShock, price) : Fpi.Div(Fpi.Mul(strike, spotShock), price);
        var a = BigInteger.Min(whole, shocked);
        var b = BigInteger.Max(Fpi.Sub(whole, shocked), BigInteger.Zero);
        return Fpi.Mul(Fpi.Add(Fpi.Mul(upperBound, a), b), amount);
    }

    /// <summary>_getPutSpreadMarginRequired, in the strike asset.</summary>
    public static BigInteger PutSpreadRequired(in BigInteger shortAmount, in BigInteger longAmount, in BigInteger shortStrike, in BigInteger longStrike) =>
        BigInteger.Max(Fpi.Sub(Fpi.Mul(shortAmount, shortStrike), Fpi.Mul(longStrike, BigInteger.Min(shortAmount, longAmount))), BigInteger.Zero);

    /// <summary>_getCallSpreadMarginRequired, in the underlying.</summary>
    public static BigInteger CallSpreadRequired(in BigInteger shortAmount, in BigInteger longAmount, in BigInteger shortStrike, in BigInteger longStrike)
    {
        var uncovered = BigInteger.Max(Fpi.Sub(shortAmount, longAmount), BigInteger.Zero);
        return longStrike.IsZero ? uncovered : BigInteger.Max(Fpi.Div(Fpi.Mul(Fpi.Sub(longStrike, shortStrike), shortAmount), longStrike), uncovered);
    }

    /// <summary>_getCashValue: what one oToken pays at a price in the strike asset.</summary>
    public static BigInteger CashValue(bool isPut, in BigInteger strike, in BigInteger price) =>
        BigInteger.Max(isPut ? Fpi.Sub(strike, price) : Fpi.Sub(price, strike), BigInteger.Zero);

    /// <summary>_convertAmountOnLivePrice and _convertAmountOnExpiryPrice, for two tokens that are not the same; prices have 8 decimals.</summary>
    public static BigInteger Convert(in BigInteger amount, in UInt256 priceOfA, in UInt256 priceOfB) =>
        Fpi.Div(Fpi.Mul(amount, Fpi.FromScaledUint(priceOfA, Fpi.Base)), Fpi.FromScaledUint(priceOfB, Fpi.Base));

    /// <summary>_getDebtPrice: what a liquidator gets for one oToken that he burns.</summary>
    /// <param name="price">Of the underlying in the round that he names.</param>
    /// <param name="elapsed">Seconds since that round.</param>
    /// <returns>In the collateral's decimals, rounded down.</returns>
    public static UInt256 DebtPrice(
        bool isPut, in BigInteger collateral, in BigInteger amount, in BigInteger strike, in BigInteger price, in UInt256 oracleDeviation, ulong elapsed, int decimals)
    {
        var ending = Fpi.Div(collateral, amount);
        if (elapsed >= AuctionTime)
        {
            return Fpi.ToScaledUint(ending, decimals, roundDown: true);
        }

        var deviation = Fpi.Mul(Fpi.FromScaledUint(oracleDeviation, 27), price);
        var starting = BigInteger.Max(Fpi.Sub(CashValue(isPut, strike, price), deviation), BigInteger.Zero);
        starting = isPut ? starting : Fpi.Div(starting, price);
        var part = Fpi.Div(
            Fpi.Mul(Fpi.Sub(ending, starting), Fpi.FromScaledUint(elapsed, SecondsDecimals)), Fpi.FromScaledUint(AuctionTime, SecondsDecimals));
        return Fpi.ToScaledUint(BigInteger.Min(Fpi.Add(starting, part), ending), decimals, roundDown: true);
    }
}

/// <summary>A step of a product's table: the most that an option may be worth, as a part of what it is counted against, with so much time left.</summary>
/// <param name="TimeToExpiry">Seconds.</param>
/// <param name="Value">27 decimals.</param>
public readonly record struct UpperBound(ulong TimeToExpiry, UInt256 Value);
