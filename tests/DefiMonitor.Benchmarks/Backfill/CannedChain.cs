using System.Globalization;
using System.Text;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Benchmarks.Backfill;

/// <summary>
/// A chain of borrowings of one market of Morpho Blue, as the bytes that a node would say: made once, before anybody asks. 20 to 80 logs a block, ten of them a transaction,
/// by 20,000 people; the same at each run. Hashes are numbers well stirred, not hashes.
/// </summary>
internal sealed class CannedChain
{
    public const string Morpho = "0xbbbbbbbbbb9cc5e90e3b3af64bdaf62c37eeffcb";
    public const string Market = "0xb323495f7e4148be5643a4ea4a8221eef163e4bccfdedc2a6f4696baacbc86cc";
    private const int People = 20_000;
    private const int LogsPerTransaction = 10;

    // Some readers leave the newest blocks to another mode of theirs.
    private const int EmptyAtEnd = 100;

    // Morpho Blue v1.0.0, EventsLib.
    private static readonly string Borrow = Keccak256.HashUtf8("Borrow(bytes32,address,address,address,uint256,uint256)").ToString();

    private readonly MemoryStream logs = new();
    private readonly List<int> ends = [0];
    private readonly List<(byte[] Bare, byte[] Full)> blocks = [];

    public CannedChain(int count)
    {
        var random = new Random(1);
        blocks.Add(Block(0, 0));
        ends.Add(0);
        while (Count < count)
        {
            var number = blocks.Count;
            var some = Math.Min(random.Next(20, 81), count - Count);
            for (var i = 0; i < some; i++)
            {
                logs.Write(Encoding.ASCII.GetBytes((logs.Length > 0 ? "," : "") + Log(random, number, i)));
            }

            Count += some;
            ends.Add((int)logs.Length);
            blocks.Add(Block(number, (some + LogsPerTransaction - 1) / LogsPerTransaction));
        }

        Last = blocks.Count - 1;
        for (var i = 0; i < EmptyAtEnd; i++)
        {
            blocks.Add(Block(blocks.Count, 0));
            ends.Add((int)logs.Length);
        }
    }

    public int Count { get; private set; }

    /// <summary>The last block with logs.</summary>
    public int Last { get; }

    public int Head => blocks.Count - 1;

    public byte[] BlockOf(int number, bool full) => full ? blocks[number].Full : blocks[number].Bare;

    /// <summary>The logs of these blocks, both ends included, between commas.</summary>
    public ReadOnlyMemory<byte> LogsOf(int from, int to)
    {
        var start = ends[from];
        var bytes = logs.GetBuffer().AsMemory(start, ends[to + 1] - start);
        return !bytes.IsEmpty && bytes.Span[0] == (byte)',' ? bytes[1..] : bytes;
    }

    private static string Log(Random random, int block, int index) =>
        $$"""
        {"address":"{{Morpho}}","topics":["{{Borrow}}","{{Market}}","{{Person(random)}}","{{Person(random)}}"],"data":"{{Person(random)}}{{Word(random)}}{{Word(random)}}","blockNumber":"{{Hex(block)}}","transactionHash":"{{HashOf(2, block, index / LogsPerTransaction)}}","transactionIndex":"{{Hex(index / LogsPerTransaction)}}","blockHash":"{{HashOf(1, block, 0)}}","blockTimestamp":"{{Hex(1_700_000_000 + (12 * block))}}","logIndex":"{{Hex(index)}}","removed":false}
        """;

    private static (byte[] Bare, byte[] Full) Block(int number, int transactions)
    {
        var bloom = "0x" + new string(transactions > 0 ? '1' : '0', 512);
        var zero = "0x" + new string('0', 64);
        var head =
            $$"""
            {"number":"{{Hex(number)}}","hash":"{{HashOf(1, number, 0)}}","parentHash":"{{(number == 0 ? zero : HashOf(1, number - 1, 0))}}","timestamp":"{{Hex(1_700_000_000 + (12 * number))}}","logsBloom":"{{bloom}}","miner":"0x{{new string('a', 40)}}","gasLimit":"0x1c9c380","gasUsed":"0xe4e1c0","baseFeePerGas":"0x3b9aca00","difficulty":"0x0","totalDifficulty":"0x0","extraData":"0x","mixHash":"{{zero}}","nonce":"0x0000000000000000","receiptsRoot":"{{HashOf(3, number, 0)}}","sha3Uncles":"{{HashOf(4, 0, 0)}}","size":"0x4000","stateRoot":"{{HashOf(5, number, 0)}}","transactionsRoot":"{{HashOf(6, number, 0)}}","uncles":[],"transactions":[
            """;
        var bare = string.Join(',', Enumerable.Range(0, transactions).Select(t => $"\"{HashOf(2, number, t)}\""));
        var full = string.Join(',', Enumerable.Range(0, transactions).Select(t =>
            $$"""
            {"hash":"{{HashOf(2, number, t)}}","blockHash":"{{HashOf(1, number, 0)}}","blockNumber":"{{Hex(number)}}","transactionIndex":"{{Hex(t)}}","from":"0x{{new string('b', 40)}}","to":"{{Morpho}}","input":"0x50d8cd4b{{new string('0', 576)}}","value":"0x0","nonce":"{{Hex((number * 8) + t)}}","gas":"0x7a120","gasPrice":"0x3b9aca01","maxFeePerGas":"0x77359400","maxPriorityFeePerGas":"0x1","accessList":[],"chainId":"0x1","type":"0x2","v":"0x0","r":"{{HashOf(7, number, t)}}","s":"{{HashOf(8, number, t)}}","yParity":"0x0"}
            """));
        return (Encoding.ASCII.GetBytes($"{head}{bare}]}}"), Encoding.ASCII.GetBytes($"{head}{full}]}}"));
    }

    private static string Person(Random random) => $"0x{new string('0', 24)}{HashOf(9, random.Next(People), 0)[2..42]}";

    private static string Word(Random random) => random.NextInt64(1, long.MaxValue).ToString("x64", CultureInfo.InvariantCulture);

    private static string Hex(int number) => $"0x{number:x}";

    private static string HashOf(ulong kind, int a, int b)
    {
        Span<char> text = stackalloc char[66];
        "0x".CopyTo(text);
        var seed = (kind << 56) ^ ((ulong)(uint)a << 20) ^ (uint)b;
        for (var i = 0UL; i < 4; i++)
        {
            // splitmix64.
            var z = seed + ((i + 1) * 0x9e3779b97f4a7c15);
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            (z ^ (z >> 31)).TryFormat(text[(2 + ((int)i * 16))..], out _, "x16", CultureInfo.InvariantCulture);
        }

        return new string(text);
    }
}
