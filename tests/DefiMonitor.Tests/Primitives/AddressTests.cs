using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class AddressTests
{
    /// <summary>The test cases of EIP-55.</summary>
    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0x8617E340B3D01FA5F11F306F4090FD50E238070D")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void The_checksum_form_is_that_of_EIP_55(string text)
    {
        Address.Parse(text).ToString().ShouldBe(text);
        Address.Parse(text).ToHex().ShouldBe(text.ToLowerInvariant());
        Address.Parse(text.ToLowerInvariant()).ShouldBe(Address.Parse(text));
        Address.Parse("0x" + text[2..].ToUpperInvariant()).ShouldBe(Address.Parse(text));
    }

    [Fact]
    public void A_wrong_checksum_is_refused_with_the_correct_form()
    {
        Address.TryParse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", out var address, out var error).ShouldBeFalse();
        address.ShouldBe(Address.Zero);
        error.ShouldNotBeNull().ShouldContain("wrong checksum");
        error.ShouldContain("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
        Should.Throw<FormatException>(() => Address.Parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed")).Message.ShouldBe(error);
    }

    [Theory]
    [InlineData(null, "does not begin with 0x")]
    [InlineData("", "does not begin with 0x")]
    [InlineData("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "write 0x")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "odd number of hex digits")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea", "38 hex digits after 0x: an address has 40")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedff", "42 hex digits after 0x: an address has 40")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", "'g' at position 42")]
    [InlineData("vitalik.eth", "does not begin with 0x")]
    public void A_text_that_is_no_address_is_refused_with_a_sentence(string? text, string says)
    {
        Address.TryParse(text, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain(says);
    }

    [Fact]
    public void A_hostile_text_cannot_flood_or_colour_the_message()
    {
        Address.TryParse("\u001b[31m" + new string('z', 100_000), out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().Length.ShouldBeLessThan(300);
        error.ShouldNotContain("\u001b");
    }

    [Fact]
    public void Bytes_words_and_order_are_those_of_the_text()
    {
        var low = Address.Parse("0x0100000000000000000000000000000000000002");
        var high = Address.Parse("0x0200000000000000000000000000000000000001");
        (low < high && high > low && low <= high && high >= low && low != high).ShouldBeTrue();
        low.ToArray().ShouldBe([1, .. new byte[18], 2]);
        Address.FromBytes(low.ToArray()).ShouldBe(low);
        Address.FromWord(low.ToWord()).ShouldBe(low);
        low.ToWord().ToString().ShouldBe("0x000000000000000000000000" + low.ToHex()[2..]);
        low.ToWord().ToUInt256().ShouldBe(UInt256.Parse(low.ToHex()));
        Should.Throw<ArgumentException>(() => Address.FromBytes(new byte[19]));
    }

    [Fact]
    public void A_word_with_dirty_upper_bytes_is_no_address()
    {
        var word = new byte[32];
        word[11] = 1;
        Should.Throw<FormatException>(() => Address.FromWord(word)).Message.ShouldContain("12 zero bytes");
        Should.Throw<FormatException>(() => Address.FromWord(new byte[20]));
    }
}
