using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The arguments of calls that we made ourselves, read back out of their calldata.</summary>
internal static class CallArguments
{
    private const int SelectorSize = 4;
    private const int MaxAssets = 1_024;

    public static Address Address(Call call) => Reader(call).Address(0);

    public static byte Byte(Call call) => (byte)Reader(call).ULong(0);

    public static Address[] Addresses(Call call)
    {
        var elements = Reader(call).Array(0, MaxAssets, out var count);
        var addresses = new Address[count];
        for (var i = 0; i < count; i++)
        {
            addresses[i] = elements.Address(i * AbiReader.WordSize);
        }

        return addresses;
    }

    private static AbiReader Reader(Call call) => new(call.Data[SelectorSize..]);
}
