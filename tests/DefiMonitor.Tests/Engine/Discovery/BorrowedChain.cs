using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using DefiMonitor.Tests.Ethereum;

namespace DefiMonitor.Tests.Engine.Discovery;

/// <summary>A chain on which people borrow of a market of Morpho Blue, and of another one, which is not to be counted.</summary>
internal static class BorrowedChain
{
    public static readonly Address Morpho = Address.Parse("0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb");
    public static readonly Hash32 Market = Keccak256.HashUtf8("our market");

    // Morpho Blue v1.0.0, EventsLib.
    private static readonly Hash32 Borrow = Keccak256.HashUtf8("Borrow(bytes32,address,address,address,uint256,uint256)");

    public static IProtocol Protocol() => ProtocolCatalog.Create(
        new ProtocolDeployment(
            new DeploymentId("morpho-blue", new ChainId(1), "ours"),
            new Dictionary<string, Address> { ["morpho"] = Morpho, ["adaptiveCurveIrm"] = Address.Parse("0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC") },
            100, null, null) { Hashes = new Dictionary<string, Hash32> { ["marketId"] = Market } },
        new ProtocolOptions());

    /// <param name="blocks">Beyond block 100.</param>
    public static FakeNode Node(int blocks, string name = "http://fake")
    {
        var node = new FakeNode(name: name)
        {
            LogsOf = n => [.. Enumerable.Range(0, (int)(n % 4)).Select(i => Log(i == 2 ? Keccak256.HashUtf8("another market") : Market, Borrower(n, i), (uint)i))],
        };
        node.MineMany(blocks);
        return node;
    }

    /// <summary>Who borrowed of our market in these blocks, in order.</summary>
    public static IReadOnlyList<string> Borrowers(ulong from, ulong to) =>
        [.. Range(from, to).SelectMany(n => Enumerable.Range(0, (int)(n % 4)).Where(i => i != 2).Select(i => Borrower(n, i).ToHex())).Distinct().Order(StringComparer.Ordinal)];

    public static int Logs(ulong from, ulong to) => Range(from, to).Sum(n => Enumerable.Range(0, (int)(n % 4)).Count(i => i != 2));

    private static IEnumerable<ulong> Range(ulong from, ulong to) => Enumerable.Range((int)from, (int)(to - from) + 1).Select(n => (ulong)n);

    private static Address Borrower(ulong block, int index) => Address.FromWord(Hash32.FromUInt256((block * 31 % 97) + ((ulong)index * 1_000) + 1));

    private static Log Log(Hash32 market, Address borrower, uint index)
    {
        var word = new byte[32];
        borrower.CopyTo(word.AsSpan(12));
        var topic = Hash32.FromBytes(word);
        return new Log(Morpho, [Borrow, market, topic, topic], new byte[96], Hash32.FromUInt256(index + 1u), index);
    }
}
