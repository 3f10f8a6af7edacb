using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// What is read at every judged block, whatever the number of accounts: all prices in one call, how many reserves there are, and of one reserve in its turn what otherwise only logs tell;
/// and what events that did not follow from the state left open, two calls a reserve for each account among it, of so many as <see cref="PendingTurns"/> lets.
/// </summary>
internal sealed class HeadReads(AaveV4Market market)
{
    private readonly AaveV4Tables tables = market.Tables;

    public IEnumerable<Call> All(BlockHeader head)
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

        yield return AaveV4Abi.ReserveCount.Function.Call(market.Spoke);
        yield return AaveV4Abi.GetLiquidationConfig.Function.Call(market.Spoke);
        foreach (var call in InTurn(row, head))
        {
            yield return call;
        }

        foreach (var user in PendingTurns.Of(tables.Pending, static since => since, head))
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

    // The reserve that was held against the contract the longest ago, with its newest key and one of the older ones.
    private IEnumerable<Call> InTurn(MarketRow row, BlockHeader head)
    {
        ushort? turn = null;
        var reserve = default(ReserveRow);
        for (ushort id = 0; id < row.ReserveCount; id++)
        {
            if (tables.Reserves.TryGet(id, out var candidate) && (turn is null || candidate.ReadBlock < reserve.ReadBlock))
            {
                (turn, reserve) = (id, candidate);
            }
        }

        if (turn is not { } number)
        {
            yield break;
        }

        yield return AaveV4Abi.GetReserve.Function.Call(market.Spoke, number);
        yield return AaveV4Abi.GetReserveSource.Function.Call(row.Oracle, number);
        yield return AaveV4Abi.GetSpokeConfig.Function.Call(reserve.Hub, reserve.Asset, market.Spoke);
        yield return AaveV4Abi.GetDynamicConfig.Function.Call(market.Spoke, number, reserve.LatestKey);
        var older = (uint)(head.Number / row.ReserveCount % Math.Max(reserve.LatestKey, 1));
        if (older != reserve.LatestKey && tables.Dynamics.Contains(new DynamicKey(number, older)))
        {
            yield return AaveV4Abi.GetDynamicConfig.Function.Call(market.Spoke, number, older);
        }

        if (tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset) && asset.IsRead)
        {
            yield return AaveV4Abi.GetAsset.Function.Call(reserve.Hub, reserve.Asset);
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
