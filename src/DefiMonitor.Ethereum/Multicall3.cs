using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Ethereum;

/// <summary>
/// Multicall3 (github.com/mds1/multicall3, src/Multicall3.sol): <c>aggregate3((address target, bool allowFailure, bytes callData)[]) returns ((bool success, bytes returnData)[])</c>,
/// written by hand because its array of tuples is the busiest thing on the wire.
/// </summary>
public static class Multicall3
{
    private const int Word = 32;
    private const int Selector = 4;

    public static ReadOnlyMemory<byte> Aggregate3Selector { get; } = AbiSelector.Of("aggregate3((address,bool,bytes)[])");

    public static ReadOnlyMemory<byte> GetBlockNumber { get; } = AbiSelector.Of("getBlockNumber()");

    public static ReadOnlyMemory<byte> GetCurrentBlockTimestamp { get; } = AbiSelector.Of("getCurrentBlockTimestamp()");

    /// <summary>The hash of the block before the one that the call runs in.</summary>
    public static ReadOnlyMemory<byte> GetLastBlockHash { get; } = AbiSelector.Of("getLastBlockHash()");

    /// <summary>What Multicall3 itself answers of the block that it runs in; null for its other functions.</summary>
    internal static byte[]? AboutTheBlock(Call call, BlockHeader block)
    {
        var word = PinProof.Of(block);
        return call.Data.Span switch
        {
            var data when data.SequenceEqual(GetBlockNumber.Span) => word[..Word],
            var data when data.SequenceEqual(GetCurrentBlockTimestamp.Span) => word[Word..(2 * Word)],
            var data when data.SequenceEqual(GetLastBlockHash.Span) => word[(2 * Word)..],
            _ => null,
        };
    }

    /// <summary>The bytes that a call adds to the calldata.</summary>
    public static int SizeOf(Call call) => (5 * Word) + Padded(call.Data.Length);

    /// <summary>Calldata of aggregate3; every call may fail by itself.</summary>
    public static byte[] EncodeCall(IReadOnlyList<Call> calls)
    {
        var size = Selector + (2 * Word);
        foreach (var call in calls)
        {
            size += SizeOf(call);
        }

        var bytes = new byte[size];
        Aggregate3Selector.Span.CopyTo(bytes);
        var body = bytes.AsSpan(Selector);
        PutInt(body, 0, Word);
        PutInt(body, Word, calls.Count);
        var array = body[(2 * Word)..];
        var tail = calls.Count * Word;
        for (var i = 0; i < calls.Count; i++)
        {
            var data = calls[i].Data.Span;
            PutInt(array, i * Word, tail);
            var tuple = array[tail..];
            calls[i].To.CopyTo(tuple.Slice(12, Address.Size));
            PutInt(tuple, Word, 1);
            PutInt(tuple, 2 * Word, 3 * Word);
            PutInt(tuple, 3 * Word, data.Length);
            data.CopyTo(tuple[(4 * Word)..]);
            tail += (4 * Word) + Padded(data.Length);
        }

        return bytes;
    }

    /// <exception cref="AbiException">These bytes are not calldata of aggregate3.</exception>
    public static Call[] DecodeCall(ReadOnlyMemory<byte> calldata)
    {
        if (!calldata.Span.StartsWith(Aggregate3Selector.Span))
        {
            throw new AbiException("The calldata is not of aggregate3.");
        }

        var reader = new AbiReader(calldata[Selector..]);
        var list = reader.Array(0, maxCount: 100_000, out var count);
        var calls = new Call[count];
        for (var i = 0; i < count; i++)
        {
            var tuple = list.Tail(i * Word);
            calls[i] = new Call(tuple.Address(0), tuple.Bytes(2 * Word));
        }

        return calls;
    }

    public static byte[] EncodeResult(IReadOnlyList<CallResult> results)
    {
        var size = 2 * Word;
        foreach (var result in results)
        {
            size += (4 * Word) + Padded(result.Data.Length);
        }

        var bytes = new byte[size];
        PutInt(bytes, 0, Word);
        PutInt(bytes, Word, results.Count);
        var array = bytes.AsSpan(2 * Word);
        var tail = results.Count * Word;
        for (var i = 0; i < results.Count; i++)
        {
            var data = results[i].Data.Span;
            PutInt(array, i * Word, tail);
            var tuple = array[tail..];
            PutInt(tuple, 0, results[i].Success ? 1 : 0);
            PutInt(tuple, Word, 2 * Word);
            PutInt(tuple, 2 * Word, data.Length);
            data.CopyTo(tuple[(3 * Word)..]);
            tail += (3 * Word) + Padded(data.Length);
        }

        return bytes;
    }

    /// <exception cref="AbiException">These bytes are no answer of aggregate3 to so many calls.</exception>
    public static CallResult[] DecodeResult(ReadOnlyMemory<byte> answer, int expected)
    {
        var list = new AbiReader(answer).Array(0, maxCount: expected, out var count);
        if (count != expected)
        {
            throw new AbiException($"The multicall answers {count} of {expected} calls.");
        }

        var results = new CallResult[count];
        for (var i = 0; i < count; i++)
        {
            var tuple = list.Tail(i * Word);
            results[i] = new CallResult(tuple.Bool(0), tuple.Bytes(Word));
        }

        return results;
    }

    private static int Padded(int length) => (length + Word - 1) & ~(Word - 1);

    private static void PutInt(Span<byte> bytes, int at, int value) => BinaryPrimitives.WriteInt32BigEndian(bytes.Slice(at + Word - 4, 4), value);
}
