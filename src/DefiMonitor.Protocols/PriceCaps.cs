using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols;

/// <summary>
/// The caps of bgd-labs/aave-capo: PriceCapAdapterBase caps a ratio (older ones keep its growth a second unscaled), PriceCapAdapterStable a price.
/// </summary>
internal static class PriceCaps
{
    private static readonly ContractAbi Abi = EmbeddedAbi.Load("chainlink/price-caps.json");
    private static readonly AbiResult<Int128> GetRatio = Abi.Function("getRatio()").Result<Int128>();
    private static readonly AbiResult<UInt256> GetSnapshotRatio = Abi.Function("getSnapshotRatio()").Result<UInt256>();
    private static readonly AbiResult<UInt256> GetSnapshotTimestamp = Abi.Function("getSnapshotTimestamp()").Result<UInt256>();
    private static readonly AbiResult<UInt256> GrowthScaled = Abi.Function("getMaxRatioGrowthPerSecondScaled()").Result<UInt256>();
    private static readonly AbiResult<UInt256> Growth = Abi.Function("getMaxRatioGrowthPerSecond()").Result<UInt256>();
    private static readonly AbiResult<byte> RatioDecimals = Abi.Function("RATIO_DECIMALS()").Result<byte>();
    private static readonly AbiResult<Int128> GetPriceCap = Abi.Function("getPriceCap()").Result<Int128>();
    private static readonly AbiResult<byte> DecimalsOf = Abi.Function("decimals()").Result<byte>();
    private static readonly AbiResult<bool> IsCapped = Abi.Function("isCapped()").Result<bool>();

    public static IEnumerable<Call> OfRatio(Address adapter) =>
    [
        GetRatio.Function.Call(adapter), GetSnapshotRatio.Function.Call(adapter), GetSnapshotTimestamp.Function.Call(adapter), GrowthScaled.Function.Call(adapter),
        Growth.Function.Call(adapter), RatioDecimals.Function.Call(adapter), IsCapped.Function.Call(adapter),
    ];

    public static IEnumerable<Call> OfPrice(Address adapter) =>
        [GetPriceCap.Function.Call(adapter), DecimalsOf.Function.Call(adapter), IsCapped.Function.Call(adapter)];

    /// <summary>Null where the adapter has no such cap, or it could not be read whole.</summary>
    public static PriceCap? RatioOf(Address adapter, CallResults answers)
    {
        if (Get(GetRatio, adapter, answers) is not { } ratio || ratio <= 0
            || Get(GetSnapshotRatio, adapter, answers) is not { IsZero: false } start || start > (UInt256)UInt128.MaxValue
            || Get(GetSnapshotTimestamp, adapter, answers) is not { } since || since > (UInt256)uint.MaxValue)
        {
            return null;
        }

        var growth = Get(GrowthScaled, adapter, answers)
            ?? (Get(Growth, adapter, answers) is { } unscaled && unscaled <= (UInt256)UInt128.MaxValue ? unscaled * CapLine.GrowthScale : null);
        return growth is not { } rising || rising > (UInt256)UInt128.MaxValue ? null
            : new PriceCap(CapKind.Ratio, adapter, (UInt256)(UInt128)ratio, new CapLine(start, (ulong)since, rising), Get(RatioDecimals, adapter, answers), Get(IsCapped, adapter, answers));
    }

    /// <param name="answer">Of the feed below the adapter; null = not read.</param>
    public static PriceCap? PriceOf(Address adapter, Int128? answer, CallResults answers) =>
        answer is not { } price || price <= 0 || Get(GetPriceCap, adapter, answers) is not { } cap || cap <= 0 ? null
        : new PriceCap(CapKind.Price, adapter, (UInt256)(UInt128)price, new CapLine((UInt256)(UInt128)cap, 0, UInt256.Zero), Get(DecimalsOf, adapter, answers), Get(IsCapped, adapter, answers));

    private static T? Get<T>(AbiResult<T> function, Address adapter, CallResults answers)
        where T : struct =>
        answers.TryGet(function.Function.Call(adapter), out var result) && function.TryDecode(result, out var value, out _) ? value : null;
}
