using System.Buffers.Binary;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Feeds;

/// <summary>A transaction that no block holds yet.</summary>
public sealed record PendingTransaction(Hash32 Hash, Address To, ReadOnlyMemory<byte> Data);

/// <summary>What a transaction would write into a feed's aggregator.</summary>
/// <param name="Answer">The median of its observations, as the aggregator takes it.</param>
public readonly record struct Transmission(Address Aggregator, UInt256 Answer);

public enum TransmissionKind
{
    /// <summary>Something else, or to an aggregator that nobody follows.</summary>
    None,

    /// <summary>To an aggregator that is followed, but not what one would take.</summary>
    Malformed,

    Read,
}

/// <summary>
/// Reports of Chainlink's off-chain reporting on their way to an aggregator, sent straight or through a forwarder: OCR2Aggregator.transmit, transmitSecondary of the
/// DualAggregator, OffchainAggregator.transmit (OCR1). Signatures are not looked at: it is not known whether the aggregator will take it.
/// </summary>
public static class Transmissions
{
    private const int Selector = 4;
    private const int Word = 32;
    private const int MostObservations = 31;

    /// <summary>forward(address,bytes)</summary>
    public const uint Forward = 0x6fadcf72;

    /// <summary>transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)</summary>
    public const uint Ocr2 = 0xb1dc65a4;

    /// <summary>transmitSecondary(bytes32[3],bytes,bytes32[],bytes32[],bytes32)</summary>
    public const uint Secondary = 0xba0cb29e;

    /// <summary>transmit(bytes,bytes32[],bytes32[],bytes32)</summary>
    public const uint Ocr1 = 0xc9807539;

    public static IReadOnlyList<uint> Selectors { get; } = [Forward, Ocr2, Secondary, Ocr1];

    public static TransmissionKind Read(PendingTransaction transaction, Func<Address, bool> isFollowed, out Transmission found) =>
        Read(transaction.To, transaction.Data.Span, isFollowed, mayForward: true, out found);

    private static TransmissionKind Read(Address to, ReadOnlySpan<byte> data, Func<Address, bool> isFollowed, bool mayForward, out Transmission found)
    {
        found = default;
        if (data.Length < Selector)
        {
            return TransmissionKind.None;
        }

        var selector = BinaryPrimitives.ReadUInt32BigEndian(data);
        var body = data[Selector..];
        if (selector == Forward && mayForward)
        {
            // Of a forward that can't be read it is not known to whom it goes.
            return body.Length >= Word && TryBytes(body, 1, out var inner) && body[..(Word - Address.Size)].IndexOfAnyExcept((byte)0) < 0
                ? Read(Address.FromWord(body[..Word]), inner, isFollowed, mayForward: false, out found)
                : TransmissionKind.None;
        }

        if (selector is not (Ocr2 or Secondary or Ocr1) || !isFollowed(to))
        {
            return TransmissionKind.None;
        }

        // (bytes32[3] context, bytes report, ...) and (uint32, bytes32, int192[], int192), or (bytes report, ...) and (bytes32, bytes32, int192[]).
        if (!TryBytes(body, selector == Ocr1 ? 0 : 3, out var report) || !TryMedian(report, out var median))
        {
            return TransmissionKind.Malformed;
        }

        found = new Transmission(to, median);
        return TransmissionKind.Read;
    }

    /// <summary>observations[length / 2] of a list that its senders have sorted; a price is positive.</summary>
    private static bool TryMedian(ReadOnlySpan<byte> report, out UInt256 median)
    {
        median = default;
        const int List = 2;
        if (!TryNumber(report, List * Word, out var at) || !TryNumber(report, at, out var count) || count is < 1 or > MostObservations || report.Length - at - Word < count * Word)
        {
            return false;
        }

        // Two's complement: with the sign turned over, words are ordered as the numbers are.
        UInt256? before = null;
        for (var i = 0; i < count; i++)
        {
            var value = UInt256.FromBigEndian(report.Slice(at + Word + (i * Word), Word));
            var ordered = value ^ (UInt256.One << 255);
            if (before is { } last && ordered < last)
            {
                return false;
            }

            before = ordered;
            median = i == count / 2 ? value : median;
        }

        // int192, and above zero.
        return !median.IsZero && median >> 191 == UInt256.Zero;
    }

    private static bool TryBytes(ReadOnlySpan<byte> body, int index, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!TryNumber(body, index * Word, out var at) || !TryNumber(body, at, out var length) || body.Length - at - Word < length)
        {
            return false;
        }

        bytes = body.Slice(at + Word, length);
        return true;
    }

    /// <summary>A word that is a length or a place inside the data.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> data, int at, out int number)
    {
        number = 0;
        if (at < 0 || at > data.Length - Word || data.Slice(at, Word - sizeof(int)).IndexOfAnyExcept((byte)0) >= 0)
        {
            return false;
        }

        number = BinaryPrimitives.ReadInt32BigEndian(data.Slice(at + Word - sizeof(int), sizeof(int)));
        return number >= 0;
    }
}
