using System.Numerics;
using DefiMonitor.Core.Primitives;
using static DefiMonitor.Tests.Primitives.Numbers;

namespace DefiMonitor.Tests.Primitives;

/// <summary>BigInteger is slow and right: it is the judge of everything UInt256 does.</summary>
public sealed class UInt256PropertyTests
{
    private const int RandomCases = 200_000;

    [Fact]
    public void Every_operator_agrees_with_BigInteger_or_throws_where_Solidity_reverts()
    {
        var cases = 0;
        foreach (var (a, b) in Pairs(seed: 20240519))
        {
            cases++;
            var (x, y) = (Big(a), Big(b));
            Checked(UInt256.TryAdd(a, b, out var sum), sum, x + y, () => a + b, "+", a, b);
            Checked(UInt256.TrySubtract(a, b, out var difference), difference, x - y, () => a - b, "-", a, b);
            Checked(UInt256.TryMultiply(a, b, out var product), product, x * y, () => a * b, "*", a, b);
            UInt256.MultiplyFull(a, b, out var low, out var high);
            Same((Big(high) << 256) + Big(low), x * y, "full product", a, b);
            Divides(a, b, x, y);
            Same(a & b, x & y, "&", a, b);
            Same(a | b, x | y, "|", a, b);
            Same(a ^ b, x ^ y, "^", a, b);
            Same(~a, Modulus - 1 - x, "~", a, b);
            Compares(a, b, x.CompareTo(y));
        }

        cases.ShouldBeGreaterThanOrEqualTo(200_000);
    }

    [Fact]
    public void Shifts_and_bit_fields_agree_with_BigInteger()
    {
        var random = new Random(7);
        var cases = 0;
        for (; cases < RandomCases; cases++)
        {
            var a = Next(random);
            var x = Big(a);
            var shift = random.Next(270);
            Same(a << shift, (x << shift) % Modulus, "<<", a, (uint)shift);
            Same(a >> shift, x >> shift, ">>", a, (uint)shift);
            var offset = random.Next(257);
            var length = random.Next(257 - offset);
            Same(a.ExtractBits(offset, length), (x >> offset) & ((BigInteger.One << length) - 1), "bits", a, (uint)offset);
            var bit = random.Next(256);
            That(a.Bit(bit) == !((x >> bit) & 1).IsZero, "bit", a, (uint)bit);
            That(a.BitLength == (int)x.GetBitLength(), "bit length", a, a);
            Same(UInt256.Mask(length), (BigInteger.One << length) - 1, "mask", a, (uint)length);
        }

        cases.ShouldBeGreaterThanOrEqualTo(200_000);
    }

    [Fact]
    public void MulDiv_with_its_512_bit_product_agrees_with_BigInteger_in_every_rounding()
    {
        var random = new Random(11);
        var cases = 0;
        for (; cases < RandomCases; cases++)
        {
            var (a, b, c) = (Next(random), Next(random), Next(random));
            if (random.Next(8) == 0 && c > 1 && c < UInt256.MaxValue)
            {
                // (c - 1)(c + 1) lies one below a multiple of c: the hardest case of long division.
                (a, b) = (c - 1, c + 1);
            }

            foreach (var rounding in (ReadOnlySpan<Rounding>)[Rounding.Down, Rounding.Up, Rounding.HalfUp])
            {
                if (c.IsZero)
                {
                    Throws<DivideByZeroException>(() => UInt256.MulDiv(a, b, c, rounding), "MulDiv by 0", a, b);
                    continue;
                }

                var expected = (Big(a) * Big(b) + HalfTerm(Big(c), rounding)) / Big(c);
                if (expected < Modulus)
                {
                    Same(UInt256.MulDiv(a, b, c, rounding), expected, $"MulDiv {rounding} by {c}", a, b);
                }
                else
                {
                    Throws<OverflowException>(() => UInt256.MulDiv(a, b, c, rounding), $"MulDiv {rounding} by {c}", a, b);
                }
            }
        }

        cases.ShouldBeGreaterThanOrEqualTo(200_000);
    }

    [Fact]
    public void Texts_bytes_and_doubles_agree_with_BigInteger_and_round_trip()
    {
        var random = new Random(13);
        var cases = 0;
        Span<byte> word = stackalloc byte[32];
        for (; cases < RandomCases; cases++)
        {
            var a = Next(random);
            var x = Big(a);
            var text = a.ToString();
            That(text == x.ToString(), "decimal", a, a);
            That(UInt256.Parse(text) == a, "parse decimal", a, a);
            That(UInt256.Parse(a.ToHex()) == a && UInt256.Parse("0x" + x.ToString("X")) == a, "hex", a, a);
            a.WriteBigEndian(word);
            That(UInt256.FromBigEndian(word) == a && new BigInteger(word, isUnsigned: true, isBigEndian: true) == x, "bytes", a, a);
            That((UInt256)x == a, "BigInteger", a, a);
            // The text of the digits, read by the runtime, is the correctly rounded double.
            That(a.ToDouble() == double.Parse(text), "double", a, a);
        }

        cases.ShouldBeGreaterThanOrEqualTo(200_000);
    }

    internal static BigInteger HalfTerm(BigInteger divisor, Rounding rounding) => rounding switch
    {
        Rounding.Down => BigInteger.Zero,
        Rounding.Up => divisor - 1,
        _ => divisor / 2,
    };

    internal static void Same(UInt256 actual, BigInteger expected, string what, UInt256 a, UInt256 b) => Same(Big(actual), expected, what, a, b);

    internal static void Throws<T>(Func<UInt256> compute, string what, UInt256 a, UInt256 b)
        where T : Exception
    {
        UInt256 result;
        try
        {
            result = compute();
        }
        catch (T)
        {
            return;
        }

        Assert.Fail($"{what} of {a} and {b} gave {result} instead of {typeof(T).Name}");
    }

    private static void Same(BigInteger actual, BigInteger expected, string what, UInt256 a, UInt256 b)
    {
        if (actual != expected)
        {
            Assert.Fail($"{what} of {a} and {b} gave {actual}, not {expected}");
        }
    }

    private static void That(bool holds, string what, UInt256 a, UInt256 b)
    {
        if (!holds)
        {
            Assert.Fail($"{what} is wrong for {a} and {b}");
        }
    }

    /// <summary>
    /// All pairs of edges, then random ones; one in four a dividend just below, at or above a multiple of the divisor, which makes the guessed digits of long
    /// division one too large and would almost never come by chance.
    /// </summary>
    private static IEnumerable<(UInt256 A, UInt256 B)> Pairs(int seed)
    {
        foreach (var a in Edges)
        {
            foreach (var b in Edges)
            {
                yield return (a, b);
            }
        }

        var random = new Random(seed);
        for (var i = 0; i < RandomCases; i++)
        {
            var (a, b) = (Next(random), Next(random));
            if (random.Next(4) == 0 && !b.IsZero)
            {
                var multiple = ((Big(a) / Big(b)) * Big(b)) + random.Next(-1, 2);
                a = multiple >= 0 && multiple < Modulus ? (UInt256)multiple : a;
            }

            yield return (a, b);
        }
    }

    private static void Checked(bool fits, UInt256 wrapped, BigInteger exact, Func<UInt256> compute, string what, UInt256 a, UInt256 b)
    {
        var inRange = exact.Sign >= 0 && exact < Modulus;
        That(fits == inRange, $"the overflow of {what}", a, b);
        Same(wrapped, ((exact % Modulus) + Modulus) % Modulus, $"wrapped {what}", a, b);
        if (inRange)
        {
            Same(compute(), exact, what, a, b);
        }
        else
        {
            Throws<OverflowException>(compute, what, a, b);
        }
    }

    private static void Divides(UInt256 a, UInt256 b, BigInteger x, BigInteger y)
    {
        if (b.IsZero)
        {
            Throws<DivideByZeroException>(() => a / b, "/", a, b);
            Throws<DivideByZeroException>(() => a % b, "%", a, b);
            Throws<DivideByZeroException>(() => UInt256.DivRem(a, b).Quotient, "DivRem", a, b);
            return;
        }

        var (quotient, remainder) = UInt256.DivRem(a, b);
        Same(quotient, x / y, "quotient", a, b);
        Same(remainder, x % y, "remainder", a, b);
        Same(a / b, x / y, "/", a, b);
        Same(a % b, x % y, "%", a, b);
    }

    private static void Compares(UInt256 a, UInt256 b, int order)
    {
        That(Math.Sign(a.CompareTo(b)) == Math.Sign(order), "CompareTo", a, b);
        That((a < b) == (order < 0) && (a > b) == (order > 0) && (a <= b) == (order <= 0) && (a >= b) == (order >= 0), "order", a, b);
        That((a == b) == (order == 0) && (a != b) == (order != 0) && a.Equals(b) == (order == 0), "equality", a, b);
        That(order != 0 || a.GetHashCode() == b.GetHashCode(), "hash code", a, b);
        That(UInt256.Min(a, b) == (order < 0 ? a : b) && UInt256.Max(a, b) == (order > 0 ? a : b), "min and max", a, b);
    }
}
