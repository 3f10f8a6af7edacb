using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("1043217299999999999999", 18, 4, "1,043.2172")]
    [InlineData("999999999999999999", 18, 2, "0.99")]
    [InlineData("999999999999999999", 18, 0, "0")]
    [InlineData("1234567", 0, 0, "1,234,567")]
    [InlineData("1234567", 0, 2, "1,234,567.00")]
    [InlineData("1500000", 6, 8, "1.50000000")]
    [InlineData("123456", 6, 6, "0.123456")]
    [InlineData("100", 2, 1, "1.0")]
    [InlineData("0", 18, 4, "0.0000")]
    public void A_shown_number_is_never_larger_than_the_real_one(string value, int decimals, int shown, string text) =>
        Units.Format(UInt256.Parse(value), decimals, shown).ShouldBe(text);

    [Theory]
    [InlineData("1,043.2172", 18, "1043217200000000000000")]
    [InlineData("1043.2172", 18, "1043217200000000000000")]
    [InlineData("0.000001", 6, "1")]
    [InlineData("1.50000000", 1, "15")]
    [InlineData("1,234,567", 0, "1234567")]
    public void A_written_amount_is_read_exactly(string text, int decimals, string value) =>
        Units.Parse(text, decimals).ShouldBe(UInt256.Parse(value));

    [Theory]
    [InlineData(null, "is no amount")]
    [InlineData("", "is no amount")]
    [InlineData(".5", "is no amount")]
    [InlineData("1.", "is no amount")]
    [InlineData("1.2.3", "is no amount")]
    [InlineData("-1", "is no amount")]
    [InlineData("1e18", "is no amount")]
    [InlineData("1043,21", "is no amount")]
    [InlineData("1,0432", "is no amount")]
    [InlineData("1.1234567", "there are only 6")]
    [InlineData("999999999999999999999999999999999999999999999999999999999999999999999999999999", "too large")]
    public void An_amount_that_could_be_misread_is_refused(string? text, string says)
    {
        Units.TryParse(text, 6, out _, out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain(says);
    }

    [Fact]
    public void An_exact_text_is_read_back_to_the_same_units()
    {
        var random = new Random(5);
        for (var i = 0; i < 10_000; i++)
        {
            var value = Numbers.Next(random);
            var decimals = random.Next(78);
            Units.Parse(Units.FormatExact(value, decimals), decimals).ShouldBe(value);
        }
    }
}
