using System.Globalization;
using System.Numerics;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// Natural logarithm and exponential by the rational approximations of Remco Bloemen (2022), shift by shift. Source: Lyra v1, libraries/FixedPointMathLib.sol.
/// </summary>
internal static class FixedPointMathLib
{
    private static readonly BigInteger Billion = BigInteger.Pow(10, 9);

    private static readonly BigInteger FiveToThe18 = BigInteger.Pow(5, 18);

    // Highest powers first, each after a leading 1; base 2^96.
    private static readonly BigInteger[] LnNumerator =
    [
        Parse("3273285459638523848632254066296"), Parse("24828157081833163892658089445524"), Parse("43456485725739037958740375743393"),
        Parse("-11111509109440967052023855526967"), Parse("-45023709667254063763336534515857"), Parse("-14706773417378608786704636184526"),
    ];

    private static readonly BigInteger LnLast = Parse("795164235651350426258249787498") << 96;

    private static readonly BigInteger[] LnDenominator =
    [
        Parse("5573035233440673466300451813936"), Parse("71694874799317883764090561454958"), Parse("283447036172924575727196451306956"),
        Parse("401686690394027663651624208769553"), Parse("204048457590392012362485061816622"), Parse("31853899698501571402653359427138"),
        Parse("909429971244387300277376558375"),
    ];

    private static readonly BigInteger LnScale = Parse("1677202110996718588342820967067443963516166");

    private static readonly BigInteger LnTwo = Parse("16597577552685614221487285958193947469193820559219878177908093499208371");

    private static readonly BigInteger LnBase = Parse("600920179829731861736702779321621459595472258049074101567377883020018308");

    private static readonly BigInteger LeastExp = Parse("-42139678854452767551");

    private static readonly BigInteger MostExp = Parse("135305999368893231589");

    private static readonly BigInteger LnTwoBase96 = Parse("54916777467707473351141471128");

    private static readonly BigInteger[] ExpNumerator =
    [
        Parse("2772001395605857295435445496992"), Parse("44335888930127919016834873520032"), Parse("398888492587501845352592340339721"),
        Parse("1993839819670624470859228494792842"),
    ];

    private static readonly BigInteger ExpLast = Parse("4385272521454847904632057985693276") << 96;

    private static readonly BigInteger ExpZ = Parse("750530180792738023273180420736");

    private static readonly BigInteger ExpZ2 = Parse("32788456221302202726307501949080");

    private static readonly BigInteger ExpW = Parse("2218138959503481824038194425854");

    private static readonly BigInteger ExpW2 = Parse("892943633302991980437332862907700");

    private static readonly BigInteger ExpQ = Parse("78174809823045304726920794422040");

    private static readonly BigInteger ExpQ2 = Parse("4203224763890128580604056984195872");

    private static readonly BigInteger ExpScale = Parse("3822833074963236453042738258902158003155416615667");

    /// <summary>ln x, both with 27 decimals of which the last nine are lost.</summary>
    /// <exception cref="OverflowException">x is below 10^-18, where the contract reverts.</exception>
    public static BigInteger LnPrecise(in BigInteger x) => Ln(x / Billion) * Billion;

    /// <summary>e^x, both with 27 decimals of which the last nine are lost.</summary>
    /// <exception cref="OverflowException">x is above 135.3, where the contract reverts.</exception>
    public static BigInteger ExpPrecise(in BigInteger x) => Exp(x / Billion) * Billion;

    private static BigInteger Ln(in BigInteger x)
    {
        if (x.Sign <= 0)
        {
            throw new OverflowException("The logarithm of a figure below 10^-18 was asked for.");
        }

        var k = (int)(x.GetBitLength() - 1) - 96;
        var y = (x << (159 - k)) >> 159;
        var p = (Horner(y, LnNumerator) * y) - LnLast;
        var q = Horner(y, LnDenominator);
        return ((BigInteger.Divide(p, q) * LnScale) + (LnTwo * k) + LnBase) >> 174;
    }

    private static BigInteger Exp(in BigInteger x)
    {
        if (x <= LeastExp)
        {
            return BigInteger.Zero;
        }

        if (x >= MostExp)
        {
            throw new OverflowException("The exponential of a figure above 135.3 was asked for.");
        }

        var y = (x << 78) / FiveToThe18;
        var k = (int)((((y << 96) / LnTwoBase96) + (BigInteger.One << 95)) >> 96);
        y -= k * LnTwoBase96;
        var p = (Horner(y, ExpNumerator) * y) + ExpLast;

        // Knuth's scheme for six roots, TAOCP 2, section 4.6.4.
        var z = (((y + ExpZ) * y) >> 96) + ExpZ2;
        var w = y - ExpW;
        w = ((w * z) >> 96) + ExpW2;
        var q = (((z + w - ExpQ) * w) >> 96) + ExpQ2;
        return (BigInteger.Divide(p, q) * ExpScale) >> (195 - k);
    }

    private static BigInteger Horner(in BigInteger x, BigInteger[] coefficients)
    {
        var sum = x + coefficients[0];
        for (var i = 1; i < coefficients.Length; i++)
        {
            sum = ((sum * x) >> 96) + coefficients[i];
        }

        return sum;
    }

    private static BigInteger Parse(string digits) => BigInteger.Parse(digits, CultureInfo.InvariantCulture);
}
