using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>What PanopticPool.dispatchFrom would do to an account.</summary>
public enum PoolVerdict : byte
{
    /// <summary>Not asked, or an answer that says nothing.</summary>
    Unread,

    /// <summary>The list is not the one that the pool's hash stands for.</summary>
    WrongList,

    /// <summary>Solvent at all four ticks.</summary>
    Solvent,

    /// <summary>Solvent at some of them: no liquidation now.</summary>
    Mixed,

    /// <summary>Insolvent at all four: liquidatable.</summary>
    Insolvent,
}

/// <summary>
/// Reads the pool's own decision out of the errors of two calls that can never succeed, because the caller's own list in them is malformed, which is looked at last.
/// Both prove the account's list against the hash first. <c>settle</c> ends in the account's unchanged list, <c>close</c> in an empty one.
/// </summary>
internal static class Verdicts
{
    private static readonly uint InputListFail = Selector("InputListFail()");
    private static readonly uint PositionNotOwned = Selector("PositionNotOwned()");
    private static readonly uint WrongPoolId = Selector("WrongPoolId()");
    private static readonly uint DuplicateTokenId = Selector("DuplicateTokenId()");
    private static readonly uint AccountInsolvent = Selector("AccountInsolvent(uint256,uint256)");
    private static readonly uint NotMarginCalled = Selector("NotMarginCalled()");
    private static readonly uint StaleOracle = Selector("StaleOracle()");
    private static readonly uint NoLegsExercisable = Selector("NoLegsExercisable()");

    /// <summary>
    /// Insolvent at all ticks: AccountInsolvent(0, 4). At some: NotMarginCalled. At none: it settles, and then the caller's own list is a DuplicateTokenId, or the account itself fails
    /// the stricter test that follows a settlement, at the spot alone or at ticks of which the median is one.
    /// </summary>
    public static PoolVerdict OfSettling(in CallResult settle)
    {
        var error = ErrorOf(settle);
        return error == AccountInsolvent ? OfInsolvent(settle.Data)
            : error == InputListFail || error == WrongPoolId ? PoolVerdict.WrongList
            : error == NotMarginCalled ? PoolVerdict.Mixed
            : error == DuplicateTokenId || error == StaleOracle ? PoolVerdict.Solvent
            : PoolVerdict.Unread;
    }

    /// <summary>
    /// For one whose settling fails for a reason of its own: solvent at all ticks by the error that closing ends in. Where his only position has a long leg it is exercised, and
    /// then the caller's own list is a DuplicateTokenId; a liquidation ends so too, but of one who can be liquidated settling says so.
    /// </summary>
    public static bool IsSolventByClosing(in CallResult close)
    {
        var error = ErrorOf(close);
        return error == NotMarginCalled || error == StaleOracle || error == NoLegsExercisable || error == DuplicateTokenId;
    }

    /// <summary>PanopticPool.getFullPositionsData of a position that the account does not have.</summary>
    public static bool IsNotOwned(in CallResult result) => ErrorOf(result) == PositionNotOwned;

    /// <summary>True for a revert that says why, and does not speak of insolvency.</summary>
    public static bool HasOtherError(in CallResult settle) => ErrorOf(settle) is var error && error != 0 && error != AccountInsolvent;

    private static uint ErrorOf(in CallResult result) => !result.Success && result.Data.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(result.Data.Span) : 0;

    // The decision itself counts none of four; any other count is of the test after the settlement, which nobody reaches who can be liquidated.
    private static PoolVerdict OfInsolvent(ReadOnlyMemory<byte> data)
    {
        if (data.Length != 4 + (2 * AbiReader.WordSize))
        {
            return PoolVerdict.Unread;
        }

        var arguments = new AbiReader(data[4..]);
        var (solvent, ticks) = (arguments.UInt256(0), arguments.UInt256(AbiReader.WordSize));
        return solvent.IsZero && ticks == (UInt256)4u ? PoolVerdict.Insolvent
            : solvent < ticks && (!solvent.IsZero || ticks == UInt256.One) ? PoolVerdict.Solvent
            : PoolVerdict.Unread;
    }

    private static uint Selector(string error) => BinaryPrimitives.ReadUInt32BigEndian(AbiSelector.Of(error).Span);
}
