using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly AaveMarket market;

    public ReadWriter(AaveMarket market, MarketWriter markets, AccountWriter accounts, PriceWriter prices, AgreementWriter agreements)
    {
        this.market = market;
        On(AaveAbi.GetPool.Function, markets.Pool);
        On(AaveAbi.GetPoolConfigurator.Function, markets.Configurator);
        On(AaveAbi.GetPriceOracle.Function, markets.Oracle);
        On(AaveAbi.GetPriceOracleSentinel.Function, markets.Sentinel);
        On(AaveAbi.PoolRevision.Function, markets.Revision);
        On(AaveAbi.GetReservesList.Function, markets.List);
        On(AaveAbi.BaseCurrencyUnit.Function, markets.BaseUnit);
        On(AaveAbi.IsLiquidationAllowed.Function, markets.LiquidationAllowed);
        On(AaveAbi.GetReserveData.Function, markets.Reserve);
        On(AaveAbi.GetLiquidationGracePeriod.Function, markets.Grace);
        On(AaveAbi.Symbol.Function, markets.Symbol);
        On(AaveAbi.GetEModeCategoryData.Function, markets.CategoryData);
        On(AaveAbi.GetEModeCollateralConfig.Function, markets.CategoryParameters);
        On(AaveAbi.GetEModeCollateralBitmap.Function, markets.CategoryCollateral);
        On(AaveAbi.GetEModeLtvzeroBitmap.Function, markets.CategoryLtvzero);
        On(AaveAbi.GetEModeIsolated.Function, markets.CategoryIsolated);
        On(AaveAbi.GetAssetsPrices.Function, prices.All);
        On(AaveAbi.GetAssetPrice.Function, prices.One);
        On(AaveAbi.GetUserConfiguration.Function, accounts.Configuration);
        On(AaveAbi.GetUserEMode.Function, accounts.EMode);
        On(AaveAbi.ScaledBalanceOf.Function, accounts.Scaled);
        On(AaveAbi.BalanceOf.Function, accounts.Balance);
        On(AaveAbi.GetUserAccountData.Function, agreements.AccountData);
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

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), write);
}
