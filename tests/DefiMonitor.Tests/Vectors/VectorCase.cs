using System.Numerics;
using System.Text.Json;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Collects what one case got wrong; a case passes when nothing is left here.</summary>
internal sealed class VectorCase
{
    private readonly List<string> mismatches = [];

    public IReadOnlyList<string> Mismatches => mismatches;

    public int Checks { get; private set; }

    public void Expect(string field, UInt256 actual, UInt256 expected) => Compare(field, actual == expected, actual, expected);

    public void Expect(string field, BigInteger actual, BigInteger expected) => Compare(field, actual == expected, actual, expected);

    public void Expect(string field, bool actual, bool expected) => Compare(field, actual == expected, actual, expected);

    /// <summary>Relative to the expected number; exact where that is 0. A missing number is a mismatch.</summary>
    public void Near(string field, double? actual, double expected, double relative) => Within(field, actual, expected, relative * Math.Abs(expected));

    /// <summary>Absolute, in the field's own unit.</summary>
    public void Within(string field, double? actual, double expected, double tolerance)
    {
        Checks++;
        if (actual is not { } number || !(Math.Abs(number - expected) <= tolerance))
        {
            mismatches.Add($"{field}: ours {actual?.ToString("R") ?? "refused"}, expected {expected:R} within {tolerance:R}");
        }
    }

    public void Fail(string sentence) => mismatches.Add(sentence);

    private void Compare(string field, bool equal, object actual, object expected)
    {
        Checks++;
        if (!equal)
        {
            mismatches.Add($"{field}: ours {actual}, the contract's {expected}");
        }
    }
}

/// <summary>Reads the vector files' way of writing numbers: decimal strings, hex words, and now and then a JSON number.</summary>
internal static class VectorJson
{
    public static UInt256 U256(this JsonElement json, string field) => ToU256(json.GetProperty(field));

    public static ulong U64(this JsonElement json, string field) => (ulong)json.U256(field);

    public static BigInteger Signed(this JsonElement json, string field) => BigInteger.Parse(json.GetProperty(field).GetString()!);

    public static bool Flag(this JsonElement json, string field) => json.TryGetProperty(field, out var value) && value.GetBoolean();

    public static string Text(this JsonElement json, string field) => json.GetProperty(field).GetString()!;

    public static UInt256 ToU256(this JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetUInt64() : UInt256.Parse(value.GetString()!);
}
