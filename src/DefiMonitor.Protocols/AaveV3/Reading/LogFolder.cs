using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Folds logs into the tables. Which contract spoke decides, then the first topic; a log of anything else is passed over.</summary>
internal sealed class LogFolder
{
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> pool;
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> configurator = [];
    private readonly HashSet<Hash32> reopening = [.. AaveAbi.Reopening.Select(log => log.Topic0)];
    private readonly AaveMarket market;
    private readonly AaveTables tables;
    private readonly TokenFolder tokens;
    private readonly AccountWriter accounts;

    public LogFolder(AaveMarket market, TokenFolder tokens, AccountWriter accounts)
    {
        this.market = market;
        tables = market.Tables;
        this.tokens = tokens;
        this.accounts = accounts;
        pool = new()
        {
            [AaveAbi.Borrow.Topic0] = OnBorrow,
            [AaveAbi.LiquidationCall.Topic0] = OnLiquidation,
            [AaveAbi.ReserveDataUpdated.Topic0] = OnReserveData,
            [AaveAbi.CollateralEnabled.Topic0] = OnCollateralEnabled,
            [AaveAbi.CollateralDisabled.Topic0] = OnCollateralDisabled,
            [AaveAbi.UserEModeSet.Topic0] = OnUserEMode,
            [AaveAbi.IsolationDebt.Topic0] = OnIsolationDebt,
            [AaveAbi.SwapBorrowRateMode.Topic0] = (block, log, touched) => OnStable(AaveAbi.SwapBorrowRateMode.Decode(log).User, block, touched),
            [AaveAbi.RebalanceStable.Topic0] = (block, log, touched) => OnStable(AaveAbi.RebalanceStable.Decode(log).User, block, touched),
        };
        foreach (var log in AaveAbi.OneReserve)
        {
            configurator.Add(log.Topic0, OnReserveChanged);
        }

        configurator.Add(AaveAbi.RateData.Topic0, OnRateData);
        configurator.Add(AaveAbi.EModeCategoryAdded.Topic0, (block, log, touched) => OnCategoryChanged(AaveAbi.EModeCategoryAdded.Decode(log).CategoryId, block));
        configurator.Add(AaveAbi.EModeCollateral.Topic0, (block, log, touched) => OnCategoryChanged(AaveAbi.EModeCollateral.Decode(log).CategoryId, block));
        configurator.Add(AaveAbi.EModeLtvzero.Topic0, (block, log, touched) => OnCategoryChanged(AaveAbi.EModeLtvzero.Decode(log).CategoryId, block));
        configurator.Add(AaveAbi.EModeIsolation.Topic0, (block, log, touched) => OnCategoryChanged(AaveAbi.EModeIsolation.Decode(log).CategoryId, block));
    }

    public static IReadOnlyCollection<Hash32> OracleTopics { get; } = [AaveAbi.AssetSource.Topic0];

    public static IReadOnlyCollection<Hash32> ProviderTopics { get; } = [.. AaveAbi.Provider.Events.Select(log => log.Topic0)];

    public IReadOnlyCollection<Hash32> PoolTopics => [.. pool.Keys, AaveAbi.Upgraded.Topic0];

    public IReadOnlyCollection<Hash32> ConfiguratorTopics =>
        [.. configurator.Keys, .. AaveAbi.Reopening.Where(log => AaveAbi.Configurator.Events.Contains(log)).Select(log => log.Topic0)];

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count == 0)
        {
            return;
        }

        var topic = log.Topics[0];
        var row = tables.Market;
        if (topic == AaveAbi.Upgraded.Topic0 && log.Topics.Count > 1 && (tables.Tokens.Contains(log.Address) || IsOfMarket(log.Address, row)))
        {
            tables.Implementations.Set(log.Address, FirstTopic(log));
        }

        if (tables.Tokens.TryGet(log.Address, out var token))
        {
            if (topic == AaveAbi.Upgraded.Topic0)
            {
                Unread(token.Reserve, block);
            }
            else
            {
                tokens.Apply(block, log, token, touched);
            }
        }
        else if (reopening.Contains(topic) && IsOfMarket(log.Address, row))
        {
            market.Close(block.Number, topic == AaveAbi.Upgraded.Topic0 ? MarketClosing.Upgraded
                : log.Address == row.Configurator ? MarketClosing.Reserves : MarketClosing.Addresses);
            if (topic == AaveAbi.ReserveInitialized.Topic0)
            {
                Announce(AaveAbi.ReserveInitialized.Decode(log));
            }
        }
        else if (log.Address == row.Pool && pool.TryGetValue(topic, out var onPool))
        {
            onPool(block, log, touched);
        }
        else if (log.Address == row.Configurator && configurator.TryGetValue(topic, out var onConfigurator))
        {
            onConfigurator(block, log, touched);
        }
        else if (log.Address == row.Oracle && topic == AaveAbi.AssetSource.Topic0)
        {
            var update = AaveAbi.AssetSource.Decode(log);
            tables.Backgrounds.TryGet(update.Asset, out var background);
            tables.Backgrounds.Set(update.Asset, background with { PriceSource = update.Source });
        }
    }

    private static Address FirstTopic(Log log) => new AbiReader(log.Topics[1].ToArray()).Address(0);

    private bool IsOfMarket(in Address address, in MarketRow row) =>
        address == row.Pool || address == row.Configurator || address == market.Deployment.PoolAddressesProvider;

    // Its tokens are listened to from this very block on; who moves them before the reserve has been read is read again.
    private void Announce(in ReserveInitialized reserve)
    {
        if (!tables.Assets.Contains(reserve.Asset))
        {
            tables.Assets.Set(reserve.Asset, new AssetRow(AssetRow.NoId, 0));
        }

        tables.Tokens.Set(reserve.AToken, new TokenRow(AssetRow.NoId, TokenSide.Supply));
        tables.Tokens.Set(reserve.VariableDebtToken, new TokenRow(AssetRow.NoId, TokenSide.Debt));
    }

    // Discovery has its own door; here only the borrowing at a stable rate matters, which no token event of ours tells.
    private void OnBorrow(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var borrow = AaveAbi.Borrow.Decode(log);
        const byte stable = 1;
        if (borrow.InterestRateMode == stable)
        {
            OnStable(borrow.OnBehalfOf, block, touched);
        }
    }

    private void OnStable(in Address user, BlockHeader block, ISet<MarginAccountId> touched)
    {
        if (market.Version <= AaveVersion.V31 && tables.Accounts.Contains(user))
        {
            tables.MarkPending(user, block.Number);
            touched.Add(market.IdOf(user));
        }
    }

    // From 3.5 on a liquidation paid out in aTokens advances the collateral's stored indexes without an event (LiquidationLogic.executeLiquidationCall).
    private void OnLiquidation(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var call = AaveAbi.LiquidationCall.Decode(log);
        if (call.ReceiveAToken && call.CollateralAsset != call.DebtAsset && market.Version >= AaveVersion.V35
            && tables.Assets.TryGet(call.CollateralAsset, out var asset))
        {
            Unread(asset.Reserve, block);
        }

        if (tables.Accounts.Contains(call.User))
        {
            touched.Add(market.IdOf(call.User));
        }
    }

    private void OnReserveData(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var data = AaveAbi.ReserveDataUpdated.Decode(log);
        if (tables.Assets.TryGet(data.Reserve, out var asset) && tables.Reserves.TryGet(asset.Reserve, out var row))
        {
            tables.Reserves.Set(asset.Reserve, row with
            {
                Indexes = new ReserveIndexes(
                    Narrow(data.LiquidityIndex), Narrow(data.LiquidityRate), Narrow(data.VariableBorrowIndex), Narrow(data.VariableBorrowRate), block.Timestamp),
            });
        }
    }

    private void OnCollateralEnabled(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var enabled = AaveAbi.CollateralEnabled.Decode(log);
        SetCollateral(block, enabled.Reserve, enabled.User, true, touched);
    }

    private void OnCollateralDisabled(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var disabled = AaveAbi.CollateralDisabled.Decode(log);
        SetCollateral(block, disabled.Reserve, disabled.User, false, touched);
    }

    private void SetCollateral(BlockHeader block, in Address reserve, in Address user, bool on, ISet<MarginAccountId> touched)
    {
        if (!tables.Accounts.TryGet(user, out var row))
        {
            return;
        }

        touched.Add(market.IdOf(user));
        if (tables.Assets.TryGet(reserve, out var asset) && asset.Reserve != AssetRow.NoId)
        {
            tables.Accounts.Set(user, row with { Configuration = row.Configuration.WithCollateral(asset.Reserve, on) });
        }
        else
        {
            tables.MarkPending(user, block.Number);
        }
    }

    private void OnUserEMode(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var set = AaveAbi.UserEModeSet.Decode(log);
        if (tables.Accounts.TryGet(set.User, out var row))
        {
            tables.Accounts.Set(set.User, row with { EMode = set.CategoryId });
            accounts.Know(set.CategoryId);
            touched.Add(market.IdOf(set.User));
        }
    }

    private void OnIsolationDebt(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var update = AaveAbi.IsolationDebt.Decode(log);
        if (tables.Assets.TryGet(update.Asset, out var asset) && tables.Reserves.TryGet(asset.Reserve, out var row))
        {
            tables.Reserves.Set(asset.Reserve, row with { IsolationDebt = Narrow(update.TotalDebt) });
        }
    }

    private void OnReserveChanged(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count < 2)
        {
            throw new AbiException($"The log {log.LogIndex} of {log.TransactionHash.Short} does not say which reserve it changes.");
        }

        if (tables.Assets.TryGet(FirstTopic(log), out var asset))
        {
            Unread(asset.Reserve, block);
        }
    }

    private void OnRateData(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        const int words = 4;
        var update = AaveAbi.RateData.Decode(log);
        if (update.Data.Length != words * Hash32.Size)
        {
            return;
        }

        var packed = UInt128.Zero;
        for (var i = 0; i < words; i++)
        {
            packed = (packed << 32) | (uint)Hash32.FromBytes(update.Data.AsSpan(i * Hash32.Size, Hash32.Size)).ToUInt256().ExtractBits(0, 32);
        }

        tables.Backgrounds.TryGet(update.Asset, out var background);
        tables.Backgrounds.Set(update.Asset, background with { RateData = packed });
    }

    private void Unread(ushort reserve, BlockHeader block)
    {
        if (tables.Reserves.TryGet(reserve, out var row))
        {
            tables.Reserves.Set(reserve, row with { Fields = ReserveFields.None, ChangedBlock = block.Number });
        }
    }

    private void OnCategoryChanged(byte category, BlockHeader block)
    {
        tables.EModes.TryGet(category, out var row);
        tables.EModes.Set(category, row with { Fields = EModeFields.None, ChangedBlock = block.Number });
    }

    // The contract stores 128 bits; it reverts where they do not suffice, so no event has more.
    private static UInt128 Narrow(in UInt256 value) => (UInt128)value;
}
