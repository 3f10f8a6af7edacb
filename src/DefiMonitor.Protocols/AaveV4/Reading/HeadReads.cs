using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// What is read at every judged block: all prices in one call, whatever the number of accounts, and what events that did not follow from the state left open, two calls a reserve for
/// each account among it.
/// </summary>
internal sealed class HeadReads(AaveV4Market market)
{
    private readonly AaveV4Tables tables = market.Tables;

    public IEnumerable<Call> All()
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            yield break;
        }

        foreach (var (key, asset) in tables.HubAssets)
        {
            if (!asset.IsRead)
            {
                yield return AaveV4Abi.GetAsset.Function.Call(key.Hub, key.Asset);
            }
        }

        var ids = Enumerable.Range(0, row.ReserveCount).Select(static id => (UInt256)(uint)id).ToArray();
        yield return AaveV4Abi.GetReservesPrices.Function.Call(row.Oracle, ids);
        if (row.AskPricesOneByOne)
        {
            foreach (var id in ids)
            {
                yield return AaveV4Abi.GetReservePrice.Function.Call(row.Oracle, id);
            }
        }

        foreach (var (user, _) in tables.Pending)
        {
            foreach (var call in Entry(user))
            {
                yield return call;
            }
        }
    }

    /// <summary>Brings an account in: <see cref="Entry(Address)"/>, and then the configurations that it is bound to and nobody was before.</summary>
    public IEnumerable<Call> Entry(Address user, CallResults soFar)
    {
        foreach (var call in Entry(user))
        {
            yield return call;
        }

        for (ushort id = 0; id < tables.Market.ReserveCount; id++)
        {
            if (soFar.TryGet(AaveV4Abi.GetUserPosition.Function.Call(market.Spoke, id, user), out var result)
                && AaveV4Abi.GetUserPosition.TryDecode(result, out var position, out _) && !tables.Dynamics.Contains(new DynamicKey(id, position.DynamicConfigKey)))
            {
                yield return AaveV4Abi.GetDynamicConfig.Function.Call(market.Spoke, id, position.DynamicConfigKey);
            }
        }
    }

    /// <summary>Reads an account whole: flag and position of every reserve, in the order in which <see cref="AccountWriter"/> counts them.</summary>
    public IEnumerable<Call> Entry(Address user)
    {
        var count = tables.Market.ReserveCount;
        for (ushort id = 0; id < count; id++)
        {
            yield return AaveV4Abi.GetUserStatus.Function.Call(market.Spoke, id, user);
            yield return AaveV4Abi.GetUserPosition.Function.Call(market.Spoke, id, user);
        }
    }
}
