using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>The arguments of calls that we made ourselves, read back out of their calldata.</summary>
internal static class CallArguments
{
    private const int SelectorSize = 4;

    public static byte Byte(Call call) => (byte)Reader(call).ULong(0);

    public static Address First(Call call) => Reader(call).Address(0);

    public static Address Second(Call call) => Reader(call).Address(AbiReader.WordSize);

    private static AbiReader Reader(Call call) => new(call.Data[SelectorSize..]);
}
