using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The arguments of calls that we made ourselves, read back out of their calldata.</summary>
internal static class CallArguments
{
    private const int SelectorSize = 4;

    /// <summary>The first argument, the number of a reserve or of a hub's asset.</summary>
    public static ushort Id(Call call) => (ushort)Of(call).ULong(0);

    /// <summary>The second argument, a user or a Spoke.</summary>
    public static Address Second(Call call) => Of(call).Address(AbiReader.WordSize);

    /// <summary>Of getDynamicReserveConfig(reserveId, key).</summary>
    public static uint Key(Call call) => (uint)Of(call).ULong(AbiReader.WordSize);

    /// <summary>Of getUserAccountData(user).</summary>
    public static Address First(Call call) => Of(call).Address(0);

    /// <summary>Of getReservesPrices(ids).</summary>
    public static ushort[] Ids(Call call)
    {
        var elements = Of(call).Array(0, ushort.MaxValue, out var count);
        var ids = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = (ushort)elements.ULong(i * AbiReader.WordSize);
        }

        return ids;
    }

    private static AbiReader Of(Call call) => new(call.Data[SelectorSize..]);
}
