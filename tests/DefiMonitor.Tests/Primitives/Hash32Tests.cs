using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class Hash32Tests
{
    [Fact]
    public void A_hash_round_trips_through_text_bytes_and_number()
    {
        var text = "0xab120000000000000000000000000000000000000000000000000000000cd34f";
        var hash = Hash32.Parse(text);
        hash.ToString().ShouldBe(text);
        Hash32.Parse("0x" + text[2..].ToUpperInvariant()).ShouldBe(hash);
        Hash32.FromBytes(hash.ToArray()).ShouldBe(hash);
        Hash32.FromUInt256(hash.ToUInt256()).ShouldBe(hash);
        hash.ToUInt256().ShouldBe(UInt256.Parse(text));
        hash.Short.ShouldBe("0xab12d34f");
        Hash32.Zero.IsZero.ShouldBeTrue();
        hash.IsZero.ShouldBeFalse();
    }

    [Fact]
    public void A_hash_of_another_length_is_refused()
    {
        Hash32.TryParse("0x" + new string('0', 63), out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain("odd number");
        Hash32.TryParse("0xab", out _, out error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain("2 hex digits after 0x: a 32-byte hash has 64");
        Should.Throw<ArgumentException>(() => Hash32.FromBytes(new byte[31]));
    }

    [Fact]
    public void The_order_is_that_of_the_texts_at_every_byte()
    {
        for (var i = 0; i < 32; i++)
        {
            var low = new byte[32];
            low[i] = 1;
            if (i < 31)
            {
                low[i + 1] = 0xff;
            }

            var high = new byte[32];
            high[i] = 2;
            (Hash32.FromBytes(low) < Hash32.FromBytes(high)).ShouldBeTrue();
            Hash32.FromBytes(high).CompareTo(Hash32.FromBytes(low)).ShouldBe(1);
        }
    }

    [Fact]
    public void Hex_reads_bytes_and_says_what_is_wrong()
    {
        Hex.Parse("0x").ShouldBeEmpty();
        Hex.Parse("0x00fFa0").ShouldBe([0, 255, 160]);
        Hex.ToString([0, 255, 160]).ShouldBe("0x00ffa0");
        Hex.TryParse("00ff", out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain("write 0x");
        Should.Throw<FormatException>(() => Hex.Parse("0x0")).Message.ShouldContain("odd number");
        Should.Throw<FormatException>(() => Hex.Parse("0x0z")).Message.ShouldContain("'z' at position 4");
    }
}
