using System.Globalization;
using System.Numerics;
using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>
/// One answer as text. Words (32 bytes each) are written as signed hex differences from the same call's answer before, because prices, indices and balances move in their low
/// digits; an unchanged word is empty. <c>1a,,-3</c> = three words; <c>=0x..</c> = bytes as they are; <c>!0x..</c> = a revert with its data.
/// </summary>
internal static class AnswerText
{
    private const int Word = 32;
    private const int MaxText = 64 * 1024 * 1024;
    private static readonly BigInteger TwoTo256 = BigInteger.One << 256;
    private static readonly BigInteger TwoTo255 = BigInteger.One << 255;

    public static string Write(CallResult result, ReadOnlySpan<byte> before)
    {
        var data = result.Data.Span;
        if (!result.Success)
        {
            return "!" + Hex.ToString(data);
        }

        if (data.Length == 0 || data.Length % Word != 0)
        {
            return "=" + Hex.ToString(data);
        }

        var text = new StringBuilder();
        for (var at = 0; at < data.Length; at += Word)
        {
            if (at > 0)
            {
                text.Append(',');
            }

            var word = data.Slice(at, Word);
            var old = at + Word <= before.Length ? before.Slice(at, Word) : default;
            if (old.Length > 0 ? word.SequenceEqual(old) : !word.ContainsAnyExcept((byte)0))
            {
                continue;
            }

            var difference = new BigInteger(word, isUnsigned: true, isBigEndian: true) - new BigInteger(old, isUnsigned: true, isBigEndian: true);
            difference = difference >= TwoTo255 ? difference - TwoTo256 : difference < -TwoTo255 ? difference + TwoTo256 : difference;
            text.Append(difference.Sign < 0 ? "-" : "").Append(BigInteger.Abs(difference).ToString("x", CultureInfo.InvariantCulture).TrimStart('0'));
        }

        return text.ToString();
    }

    /// <exception cref="FormatException">The text is no answer.</exception>
    public static CallResult Read(string text, ReadOnlySpan<byte> before)
    {
        if (text.Length > MaxText)
        {
            throw new FormatException("an answer is longer than any contract's");
        }

        if (text.StartsWith('!') || text.StartsWith('='))
        {
            return new CallResult(text[0] == '=', Hex.Parse(text[1..]));
        }

        var words = text.Split(',');
        var data = new byte[words.Length * Word];
        for (var i = 0; i < words.Length; i++)
        {
            var old = (i + 1) * Word <= before.Length ? before.Slice(i * Word, Word) : default;
            var span = words[i].AsSpan();
            var negative = span.StartsWith("-");
            span = negative ? span[1..] : span;
            if (span.Length > 64 || (span.Length > 0 && !BigInteger.TryParse($"0{span}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)))
            {
                throw new FormatException("an answer has a word that is no hex number");
            }

            var difference = span.Length == 0 ? BigInteger.Zero : BigInteger.Parse($"0{span}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            var value = new BigInteger(old, isUnsigned: true, isBigEndian: true) + (negative ? -difference : difference);
            value = value.Sign < 0 ? value + TwoTo256 : value >= TwoTo256 ? value - TwoTo256 : value;
            ((UInt256)value).WriteBigEndian(data.AsSpan(i * Word, Word));
        }

        return new CallResult(true, data);
    }
}
