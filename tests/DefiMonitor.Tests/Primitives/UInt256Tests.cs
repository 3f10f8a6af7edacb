using System.Numerics;
using System.Runtime.CompilerServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class UInt256Tests
{
    [Fact]
    public void State_rows_can_hold_them_their_sizes_have_no_padding()
    {
        Unsafe.SizeOf<UInt256>().ShouldBe(32);
        Unsafe.SizeOf<Hash32>().ShouldBe(32);
        Unsafe.SizeOf<Address>().ShouldBe(20);
        RuntimeHelpers.IsReferenceOrContainsReferences<UInt256>().ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,000")]
    [InlineData("1.0")]
    [InlineData("ff")]
    [InlineData("0xfg")]
    [InlineData("0X1")]
    [InlineData("٣")]
    public void What_is_no_number_is_refused(string text)
    {
        UInt256.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => UInt256.Parse(text)).Message.ShouldContain("write decimal digits, or 0x and hex digits");
    }

    [Fact]
    public void One_more_than_the_greatest_number_is_refused_as_too_large()
    {
        var max = ((BigInteger.One << 256) - 1).ToString();
        UInt256.Parse(max).ShouldBe(UInt256.MaxValue);
        UInt256.Parse("000" + max).ShouldBe(UInt256.MaxValue);
        Should.Throw<OverflowException>(() => UInt256.Parse((BigInteger.One << 256).ToString()));
        Should.Throw<OverflowException>(() => UInt256.Parse("0x1" + new string('0', 64)));
        UInt256.Parse("0x000" + new string('f', 64)).ShouldBe(UInt256.MaxValue);
        UInt256.TryParse(new string('9', 500), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_cast_that_would_cut_bits_off_throws()
    {
        ((ulong)UInt256.Parse("18446744073709551615")).ShouldBe(ulong.MaxValue);
        Should.Throw<OverflowException>(() => (ulong)UInt256.Parse("18446744073709551616"));
        ((int)(UInt256)int.MaxValue).ShouldBe(int.MaxValue);
        Should.Throw<OverflowException>(() => (int)(UInt256)2147483648u);
        Should.Throw<OverflowException>(() => (uint)(UInt256)4294967296UL);
        Should.Throw<OverflowException>(() => (long)(UInt256)9223372036854775808UL);
        ((UInt128)(UInt256)UInt128.MaxValue).ShouldBe(UInt128.MaxValue);
        Should.Throw<OverflowException>(() => (UInt128)((UInt256)UInt128.MaxValue + 1u));
        Should.Throw<OverflowException>(() => (UInt256)(-1L));
        Should.Throw<OverflowException>(() => (UInt256)BigInteger.MinusOne);
        Should.Throw<OverflowException>(() => (UInt256)(BigInteger.One << 256));
    }

    [Fact]
    public void Literals_convert_by_themselves()
    {
        UInt256 five = 5;
        (five * 2 + 1 == 11).ShouldBeTrue();
        (five > 4).ShouldBeTrue();
    }

    [Fact]
    public void Powers_of_ten_go_up_to_77()
    {
        for (var i = 0; i <= 77; i++)
        {
            ((BigInteger)UInt256.Pow10(i)).ShouldBe(BigInteger.Pow(10, i));
        }

        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.Pow10(78));
        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.Pow10(-1));
    }

    [Fact]
    public void Short_bytes_are_read_as_the_low_end_and_long_ones_refused()
    {
        UInt256.FromBigEndian([]).ShouldBe(UInt256.Zero);
        UInt256.FromBigEndian([1, 2]).ShouldBe((UInt256)258u);
        Should.Throw<ArgumentException>(() => UInt256.FromBigEndian(new byte[33]));
    }

    [Fact]
    public void Formatting_into_a_span_says_when_it_is_too_short()
    {
        Span<char> four = stackalloc char[4];
        ((UInt256)1234u).TryFormat(four, out var written, default, null).ShouldBeTrue();
        written.ShouldBe(4);
        ((UInt256)12345u).TryFormat(four, out written, default, null).ShouldBeFalse();
        written.ShouldBe(0);
        $"{(UInt256)255u:x} {UInt256.Zero:x} {UInt256.Zero}".ShouldBe("0xff 0x0 0");
        Should.Throw<FormatException>(() => UInt256.One.ToString("N2", null));
    }

    [Fact]
    public void Bits_outside_of_the_word_are_a_mistake_of_the_caller()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.One.Bit(256));
        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.One.ExtractBits(250, 7));
        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.Mask(257));
        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.One << -1);
        Should.Throw<ArgumentOutOfRangeException>(() => UInt256.One >> -1);
    }
}
