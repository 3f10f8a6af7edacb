using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly AaveV4Market market;
    private readonly AaveV4Tables tables;

    public ReadWriter(AaveV4Market market, AccountWriter accounts)
    {
        this.market = market;
        tables = market.Tables;
        On(AaveV4Abi.SpokeRevision.Function, (block, _, result) =>
        {
            market.Begin(block.Number);
            SetMarket(AaveV4Abi.SpokeRevision, result, MarketFields.Revision, static (row, value) => row with { Revision = value });
        });
        OnMarket(AaveV4Abi.OracleOf, MarketFields.Oracle, static (row, value) => row with { Oracle = value });
        OnMarket(AaveV4Abi.GetLiquidationConfig, MarketFields.Liquidation, static (row, value) => row with { Liquidation = value.Config });
        bySelector.Add(Key(AaveV4Abi.ReserveCount.Function.Selector.Span), (block, _, result, touched) => Count(block, result, touched));
        bySelector.Add(Key(AaveV4Abi.GetReserve.Function.Selector.Span), (block, call, result, touched) => Reserve(block, CallArguments.Id(call), result, touched));
        On(AaveV4Abi.GetReserveSource.Function, (_, call, result) => SetReserve(
            CallArguments.Id(call), AaveV4Abi.GetReserveSource, result, ReserveFields.Source, static (row, value) => row with { PriceSource = value }));
        On(AaveV4Abi.GetDynamicConfig.Function, (_, call, result) => Dynamic(new DynamicKey(CallArguments.Id(call), CallArguments.Key(call)), result));
        On(AaveV4Abi.HubRevision.Function, (_, call, result) => HubRevision(call.To, result));
        On(AaveV4Abi.GetAsset.Function, (block, call, result) => Asset(block, new HubAssetKey(call.To, CallArguments.Id(call)), result));
        On(AaveV4Abi.GetSpokeConfig.Function, (_, call, result) => SpokeConfig(call, result));
        On(AaveV4Abi.Symbol.Function, (_, call, result) => Symbol(call, result));
        On(AaveV4Abi.GetReservesPrices.Function, (block, call, result) => Prices(block, CallArguments.Ids(call), result));
        On(AaveV4Abi.GetReservePrice.Function, (block, call, result) => Price(block, CallArguments.Id(call), result));
        bySelector.Add(Key(AaveV4Abi.GetUserStatus.Function.Selector.Span), accounts.Status);
        bySelector.Add(Key(AaveV4Abi.GetUserPosition.Function.Selector.Span), accounts.Position);
        On(AaveV4Abi.GetUserAccountData.Function, static (_, _, _) => { });
    }

    public void Write(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (call.Data.Length < 4 || !bySelector.TryGetValue(Key(call.Data.Span), out var write))
        {
            throw new ArgumentException($"{call} is no call that {market.Deployment.Id} asks for.", nameof(call));
        }

        write(block, call, result, touched);
        market.TryOpen(block.Number);
    }

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult> write) =>
        bySelector.Add(Key(function.Selector.Span), (block, call, result, _) => write(block, call, result));

    private void OnMarket<T>(AbiResult<T> shape, MarketFields field, Func<MarketRow, T, MarketRow> set) =>
        On(shape.Function, (_, _, result) => SetMarket(shape, result, field, set));

    // While the market is open its logs tell what changes: an answer that did not come says nothing.
    private void SetMarket<T>(AbiResult<T> shape, CallResult result, MarketFields field, Func<MarketRow, T, MarketRow> set)
    {
        var row = tables.Market;
        tables.Market = shape.TryDecode(result, out var value, out _) ? set(row, value) with { Fields = row.Fields | field }
            : row.IsOpen ? row
            : row with { Fields = row.Fields & ~field };
    }

    private void SetReserve<T>(ushort id, AbiResult<T> shape, CallResult result, ReserveFields field, Func<ReserveRow, T, ReserveRow> set)
    {
        tables.Reserves.TryGet(id, out var row);
        tables.Reserves.Set(id, shape.TryDecode(result, out var value, out _) ? set(row, value) with { Fields = row.Fields | field }
            : tables.Market.IsOpen ? row
            : row with { Fields = row.Fields & ~field });
    }

    private void Count(BlockHeader block, CallResult result, ISet<MarginAccountId> touched)
    {
        var count = AaveV4Abi.ReserveCount.TryDecode(result, out var read, out _) ? MarketOpening.CountOf(read) : (ushort)0;
        var row = tables.Market;
        if (row.IsOpen)
        {
            if (count > row.ReserveCount)
            {
                // The log of a new reserve never came.
                ReadAgain(block, touched);
            }

            return;
        }

        // A Spoke only ever adds reserves: fewer than before is a node that is behind.
        tables.Market = count > 0 && count >= row.OpenedCount
            ? row with { ReserveCount = count, Fields = row.Fields | MarketFields.Count }
            : row with { Fields = row.Fields & ~MarketFields.Count };
    }

    private void Reserve(BlockHeader block, ushort id, CallResult result, ISet<MarginAccountId> touched)
    {
        tables.Reserves.TryGet(id, out var before);
        SetReserve(id, AaveV4Abi.GetReserve, result, ReserveFields.Data, static (row, read) => row with
        {
            Underlying = read.Underlying,
            Hub = read.Hub,
            Asset = read.AssetId,
            Decimals = read.Decimals,
            CollateralRisk = read.CollateralRisk,
            Flags = (ReserveFlags)read.Flags,
            LatestKey = read.DynamicConfigKey,
        });
        tables.Reserves.TryGet(id, out var row);
        row = row with { ReadBlock = block.Number };
        tables.Reserves.Set(id, row);
        if (tables.Market.IsOpen && !IsSame(before, row))
        {
            // The log of a new key never came, and users may have been bound to it since; or the reserve is another altogether.
            ReadAgain(block, touched);
        }

        if (row.Decimals > 18)
        {
            // The contract refuses it, and so no value of it exists.
            tables.Reserves.Set(id, row with { Fields = row.Fields & ~ReserveFields.Data });
        }
        else if ((row.Fields & ReserveFields.Data) != 0 && !tables.Hubs.Contains(row.Hub))
        {
            // From here on its logs are listened to.
            tables.Hubs.Set(row.Hub, default);
        }
    }

    private static bool IsSame(in ReserveRow a, in ReserveRow b) =>
        a.Underlying == b.Underlying && a.Hub == b.Hub && a.Asset == b.Asset && a.Decimals == b.Decimals && a.LatestKey == b.LatestKey;

    private void ReadAgain(BlockHeader block, ISet<MarginAccountId> touched)
    {
        market.Close(block.Number, MarketClosing.Reserves);
        market.DoubtAll(block.Number, touched);
    }

    private void HubRevision(in Address hub, CallResult result) =>
        tables.Hubs.Set(hub, AaveV4Abi.HubRevision.TryDecode(result, out var revision, out _) ? new HubRow(revision, true) : default);

    // A key that was never used answers zeros, which no used one can: its bonus is at least 10000.
    private void Dynamic(in DynamicKey key, CallResult result)
    {
        if (AaveV4Abi.GetDynamicConfig.TryDecode(result, out var read, out _) && read.MaxLiquidationBonus >= FixedPoint.BpsOne)
        {
            tables.Dynamics.Set(key, read.Config);
        }
        else if (!tables.Market.IsOpen)
        {
            tables.Dynamics.Remove(key);
        }
    }

    private void Asset(BlockHeader block, in HubAssetKey key, CallResult result)
    {
        tables.HubAssets.TryGet(key, out var row);
        tables.HubAssets.Set(key, AaveV4Abi.GetAsset.TryDecode(result, out var read, out _) && read.DrawnIndex != 0
            ? new HubAssetRow(read.Asset, true, 0)
            : row with { IsRead = false, Since = row.Since == 0 ? block.Number : row.Since });
    }

    private void SpokeConfig(Call call, CallResult result)
    {
        var asset = CallArguments.Id(call);
        for (ushort id = 0; id < tables.Market.ReserveCount; id++)
        {
            if (tables.Reserves.TryGet(id, out var row) && row.Hub == call.To && row.Asset == asset)
            {
                SetReserve(id, AaveV4Abi.GetSpokeConfig, result, ReserveFields.SpokeConfig, static (row, read) => read.Into(row));
            }
        }
    }

    private void Symbol(Call call, CallResult result)
    {
        for (ushort id = 0; id < tables.Market.ReserveCount; id++)
        {
            if (tables.Reserves.TryGet(id, out var row) && row.Underlying == call.To)
            {
                tables.Reserves.Set(id, row with { Symbol = TokenSymbol.From(call.To, AaveV4Abi.Symbol, result) });
            }
        }
    }

    /// <summary>One broken feed makes the whole call revert: from the next block on each price is asked for on its own as well.</summary>
    private void Prices(BlockHeader block, ushort[] ids, CallResult result)
    {
        var isRead = AaveV4Abi.GetReservesPrices.TryDecode(result, out var prices, out _) && prices.Length == ids.Length;
        for (var i = 0; i < ids.Length; i++)
        {
            SetPrice(block, ids[i], isRead ? prices![i] : UInt256.Zero);
        }

        var row = tables.Market;
        if (row.AskPricesOneByOne == isRead)
        {
            tables.Market = row with { AskPricesOneByOne = !isRead };
        }
    }

    private void Price(BlockHeader block, ushort id, CallResult result) =>
        SetPrice(block, id, AaveV4Abi.GetReservePrice.TryDecode(result, out var price, out _) ? price : UInt256.Zero);

    // The oracle reverts rather than answer 0.
    private void SetPrice(BlockHeader block, ushort id, in UInt256 price) => tables.Prices.Set(id, new PriceRow(price, block.Number, !price.IsZero));
}
