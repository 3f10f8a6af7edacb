using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Ethereum;

/// <summary>What the EVM itself says of the block that a call ran in: number, timestamp and the hash of the block before. A node that ignored the block hash shows here.</summary>
internal readonly record struct PinProof(UInt256 Number, UInt256 Timestamp, Hash32 ParentHash)
{
    /// <summary>
    /// Creation code that returns number, timestamp and last block hash without any contract being there:
    /// NUMBER PUSH1 0 MSTORE, TIMESTAMP PUSH1 32 MSTORE, BLOCKHASH(NUMBER - 1) PUSH1 64 MSTORE, RETURN(0, 96).
    /// </summary>
    public const string Probe = "0x4360005242602052600143034060405260606000f3";

    public static PinProof Read(ReadOnlyMemory<byte> words)
    {
        var reader = new AbiReader(words);
        return new PinProof(reader.UInt256(0), reader.UInt256(32), reader.Hash32(64));
    }

    /// <summary>The three words as the EVM would return them in that block.</summary>
    public static byte[] Of(BlockHeader block)
    {
        var words = new byte[3 * AbiReader.WordSize];
        ((UInt256)(block.L1BlockNumber ?? block.Number)).WriteBigEndian(words.AsSpan(0, 32));
        ((UInt256)block.Timestamp).WriteBigEndian(words.AsSpan(32, 32));
        block.ParentHash.CopyTo(words.AsSpan(64, 32));
        return words;
    }

    /// <summary>Null where the proof fits the block, else what does not.</summary>
    public string? Contradicts(BlockHeader block)
    {
        if (Timestamp != block.Timestamp)
        {
            return $"timestamp {Timestamp} instead of {block.Timestamp}";
        }

        // Arbitrum: block.number inside the EVM is the L1's, and blockhash is none of a real block.
        if (block.L1BlockNumber is { } l1 && Number == l1)
        {
            return null;
        }

        if (Number != block.Number)
        {
            return $"number {Number} instead of {block.Number}";
        }

        return block.Number == 0 || ParentHash == block.ParentHash ? null : $"parent {ParentHash.Short} instead of {block.ParentHash.Short}";
    }
}
