using DefiMonitor.Core.Chain;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Ethereum.Tape;

/// <summary>How a call whose answer is not on the tape fails: as a revert with the error <c>NotOnTape()</c>, which is no contract's.</summary>
public static class NotOnTapeMarker
{
    private static readonly ReadOnlyMemory<byte> Selector = AbiSelector.Of("NotOnTape()");

    public static CallResult Result => new(false, Selector);

    public static bool Is(CallResult result) => !result.Success && result.Data.Span.SequenceEqual(Selector.Span);
}
