using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The arguments of calls that we made ourselves, read back out of their calldata.</summary>
internal static class CallArguments
{
    private const int SelectorSize = 4;

    /// <summary>The first argument, an address.</summary>
    public static Address First(Call call) => Of(call).Address(0);

    /// <summary>Of getConfiguredOracle(base, quote).</summary>
    public static (Address Base, Address Quote) Pair(Call call) => (Of(call).Address(0), Of(call).Address(AbiReader.WordSize));

    /// <summary>Of getQuote(inAmount, base, quote).</summary>
    public static (UInt256 Amount, Address Base, Address Quote) Quote(Call call)
    {
        var arguments = Of(call);
        return (arguments.UInt256(0), arguments.Address(AbiReader.WordSize), arguments.Address(2 * AbiReader.WordSize));
    }

    private static AbiReader Of(Call call) => new(call.Data[SelectorSize..]);
}
