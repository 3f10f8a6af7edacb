using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// What is read at every judged block: all prices in one call, and what an event that did not follow from the state left open. Constant in the number of accounts.
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

    /// <summary>Brings an account in, or reads it whole again: flag and position of every reserve, in the order in which <see cref="AccountWriter"/> counts them.</summary>
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
