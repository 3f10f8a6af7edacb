using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>What views answered last, by call.</summary>
internal sealed class Answers(DeriveTables tables, ulong maxAge)
{
    private static readonly HashSet<uint> Settings = [.. DeriveAbi.Settings.Select(static function => SelectorOf(function.Selector.Span))];

    private static readonly UInt256 SignBit = UInt256.One << 255;

    /// <summary>Writes what a view of fixed size answered; anything else is written as unread.</summary>
    public void Write(BlockHeader block, Call call, CallResult result, int words)
    {
        var row = new AnswerRow(block.Number, 0, default, default, default, default, default, default, default, default);
        if (result.Success && result.Data.Length == words * AbiReader.WordSize)
        {
            var reader = new AbiReader(result.Data);
            UInt256 At(int word) => word < words ? reader.UInt256(word * AbiReader.WordSize) : UInt256.Zero;
            row = new AnswerRow(block.Number, (byte)words, At(0), At(1), At(2), At(3), At(4), At(5), At(6), At(7));
        }

        TableOf(call).Set(KeyOf(call), row);
    }

    /// <summary>The answer while it is believed: read, and not too many blocks ago.</summary>
    public bool TryGet(Call call, BlockHeader at, out AnswerRow row) =>
        TableOf(call).TryGet(KeyOf(call), out row) && row.IsRead && row.Block <= at.Number && at.Number - row.Block <= maxAge;

    /// <summary>The answer however old: for what only an event changes.</summary>
    public bool TryGet(Call call, out AnswerRow row) => TableOf(call).TryGet(KeyOf(call), out row) && row.IsRead;

    /// <summary>True where the contract was asked in time and reverted, or answered nonsense.</summary>
    public bool IsRefused(Call call, BlockHeader at) =>
        TableOf(call).TryGet(KeyOf(call), out var row) && !row.IsRead && row.Block <= at.Number && at.Number - row.Block <= maxAge;

    public Int128? Signed(Call call, BlockHeader at, int word = 0) => TryGet(call, at, out var row) ? Signed(row[word]) : null;

    public Address? Address(Call call) => TryGet(call, out var row) ? AddressIn(row[0]) : null;

    /// <summary>A word of int256 or uint256; null where it does not fit 128 signed bits.</summary>
    public static Int128? Signed(in UInt256 word)
    {
        if (word < SignBit)
        {
            return word <= (UInt256)(UInt128)Int128.MaxValue ? (Int128)(UInt128)word : null;
        }

        var magnitude = UInt256.MaxValue - word + UInt256.One;
        return magnitude <= (UInt256)(UInt128)Int128.MaxValue ? -(Int128)(UInt128)magnitude : null;
    }

    /// <summary>Null where the word is no address, or the zero address.</summary>
    public static Address? AddressIn(in UInt256 word)
    {
        Span<byte> bytes = stackalloc byte[AbiReader.WordSize];
        word.WriteBigEndian(bytes);
        return bytes[..12].ContainsAnyExcept((byte)0) || word.IsZero ? null : Core.Primitives.Address.FromBytes(bytes[12..]);
    }

    /// <summary>Takes out what is too old to be believed, and would have been asked again if anybody needed it.</summary>
    public void Sweep(BlockHeader block)
    {
        var old = new List<Hash32>();
        foreach (var (key, row) in tables.Answers)
        {
            if (row.Block < block.Number && block.Number - row.Block > maxAge)
            {
                old.Add(key);
            }
        }

        old.ForEach(key => tables.Answers.Remove(key));
    }

    private static uint SelectorOf(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private StateTable<Hash32, AnswerRow> TableOf(Call call) => Settings.Contains(SelectorOf(call.Data.Span)) ? tables.Settings : tables.Answers;

    private static Hash32 KeyOf(Call call)
    {
        Span<byte> bytes = stackalloc byte[Core.Primitives.Address.Size + call.Data.Length];
        call.To.CopyTo(bytes);
        call.Data.Span.CopyTo(bytes[Core.Primitives.Address.Size..]);
        return Keccak256.Hash(bytes);
    }
}
