using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>The calls that read a Spoke's own state, in rounds: the Spoke; each reserve; its hub's asset and every key of its configuration. A function of the answers alone.</summary>
internal sealed class MarketOpening(AaveV4Market market)
{
    /// <summary>Keys that are read of one reserve, the newest; governance adds one a change. A user bound to an older one is Unknown.</summary>
    public const uint MostKeys = 1_024;

    private const ushort MostReserves = 1_024;

    public IEnumerable<Call> Next(CallResults soFar)
    {
        // The first call: its answer begins a reading, see AaveV4Market.Begin.
        var revision = AaveV4Abi.SpokeRevision.Function.Call(market.Spoke);
        yield return revision;
        if (soFar.TryGet(revision, out var result) && AaveV4Abi.SpokeRevision.TryDecode(result, out var number, out _) && number != AaveV4Market.KnownRevision)
        {
            yield break;
        }

        var oracle = AaveV4Abi.OracleOf.Function.Call(market.Spoke);
        var count = AaveV4Abi.ReserveCount.Function.Call(market.Spoke);
        yield return oracle;
        yield return count;
        yield return AaveV4Abi.GetLiquidationConfig.Function.Call(market.Spoke);
        if (!soFar.TryGet(oracle, out result) || !AaveV4Abi.OracleOf.TryDecode(result, out var oracleAddress, out _)
            || !soFar.TryGet(count, out result) || !AaveV4Abi.ReserveCount.TryDecode(result, out var reserves, out _))
        {
            yield break;
        }

        var hubs = new HashSet<Address>();
        for (ushort id = 0; id < CountOf(reserves); id++)
        {
            foreach (var call in OfReserve(id, oracleAddress, soFar, hubs))
            {
                yield return call;
            }
        }
    }

    /// <summary>A Spoke lists some dozens of reserves; an absurd number is none.</summary>
    public static ushort CountOf(in UInt256 count) => count <= (UInt256)MostReserves ? (ushort)(ulong)count : (ushort)0;

    private IEnumerable<Call> OfReserve(ushort id, Address oracle, CallResults soFar, HashSet<Address> hubs)
    {
        var call = AaveV4Abi.GetReserve.Function.Call(market.Spoke, id);
        yield return call;
        yield return AaveV4Abi.GetReserveSource.Function.Call(oracle, id);
        if (!soFar.TryGet(call, out var result) || !AaveV4Abi.GetReserve.TryDecode(result, out var reserve, out _))
        {
            yield break;
        }

        if (hubs.Add(reserve.Hub))
        {
            yield return AaveV4Abi.HubRevision.Function.Call(reserve.Hub);
        }

        yield return AaveV4Abi.GetAsset.Function.Call(reserve.Hub, reserve.AssetId);
        yield return AaveV4Abi.GetSpokeConfig.Function.Call(reserve.Hub, reserve.AssetId, market.Spoke);
        yield return AaveV4Abi.Symbol.Function.Call(reserve.Underlying);
        for (var back = 0u; back <= reserve.DynamicConfigKey && back < MostKeys; back++)
        {
            yield return AaveV4Abi.GetDynamicConfig.Function.Call(market.Spoke, id, reserve.DynamicConfigKey - back);
        }
    }
}
