using System.Globalization;
using System.Text;
using DefiMonitor.Engine.Sinks;
using FsCheck;
using FsCheck.Fluent;

namespace DefiMonitor.Tests.Sinks;

public sealed class HostileTextTests
{
    [Fact]
    public void What_acts_without_being_seen_is_gone()
    {
        var clean = HostileText.OneLine("\u001b[2J\u009b1mA\u202eB\u2066C\u200bD\ufeffE\u0000F\U000e0041\ud800\u2028G", 100);

        clean.ShouldBe("[2J1mABCDEF\ufffd G");
    }

    [Fact]
    public void Whatever_comes_in_one_bounded_printable_line_comes_out()
    {
        var check = Prop.ForAll(
            ArbMap.Default.ArbFor<string>(),
            ArbMap.Default.ArbFor<PositiveInt>(),
            (text, max) =>
            {
                var limit = (max.Get % 40) + 2;
                var clean = HostileText.OneLine(text, limit);
                return clean.Length <= limit
                    && clean.EnumerateRunes().All(r => Rune.GetUnicodeCategory(r) is not (UnicodeCategory.Control or UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse))
                    && HostileText.OneLine(clean, limit) == clean;
            });

        Check.QuickThrowOnFailure(check);
    }

    [Fact]
    public void A_long_text_is_never_cut_through_a_character()
    {
        var text = string.Concat(Enumerable.Repeat("\U0001F600", 30));

        for (var max = 2; max < 40; max++)
        {
            var clean = HostileText.OneLine(text, max);
            clean.ShouldEndWith("…");
            clean.ShouldNotContain("\ufffd");
            clean.EnumerateRunes().ShouldAllBe(r => r.Value == 0x1F600 || r.Value == '…');
        }
    }
}
