using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Protocols.AaveV3.Fake;

/// <summary>What a contract answers, put together word by word.</summary>
internal static class AbiWords
{
    public static CallResult Answer(params object[] words) => new(true, Join(words));

    public static CallResult Reverted { get; } = new(false, ReadOnlyMemory<byte>.Empty);

    public static CallResult List(IEnumerable<object> items)
    {
        var list = items.ToList();
        return Answer([(UInt256)32u, (UInt256)(ulong)list.Count, .. list]);
    }

    public static CallResult Text(string text) => Answer((UInt256)32u, (UInt256)(ulong)Encoding.UTF8.GetByteCount(text), Encoding.UTF8.GetBytes(text));

    public static byte[] Join(IEnumerable<object> words)
    {
        var bytes = new List<byte>();
        foreach (var word in words)
        {
            bytes.AddRange(Word(word));
        }

        return [.. bytes];
    }

    private static byte[] Word(object word)
    {
        switch (word)
        {
            case byte[] raw:
                return [.. raw, .. new byte[(32 - (raw.Length % 32)) % 32]];
            case Address address:
                return address.ToWord().ToArray();
            case Hash32 hash:
                return hash.ToArray();
            default:
                var number = word switch
                {
                    UInt256 wide => wide,
                    UInt128 half => half,
                    ulong whole => whole,
                    uint small => small,
                    int plain => (ulong)plain,
                    ushort narrow => (uint)narrow,
                    byte tiny => (uint)tiny,
                    bool flag => flag ? UInt256.One : UInt256.Zero,
                    _ => throw new ArgumentException($"{word.GetType().Name} is no word."),
                };
                return Hash32.FromUInt256(number).ToArray();
        }
    }
}
