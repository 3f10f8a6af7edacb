using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Every function and event that is used, bound to contracts-abi/aave-v3. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class AaveAbi
{
    public static ContractAbi Pool { get; } = EmbeddedAbi.Load("aave-v3/pool.json");

    public static ContractAbi Configurator { get; } = EmbeddedAbi.Load("aave-v3/pool-configurator.json");

    public static ContractAbi Provider { get; } = EmbeddedAbi.Load("aave-v3/pool-addresses-provider.json");

    public static ContractAbi Oracle { get; } = EmbeddedAbi.Load("aave-v3/aave-oracle.json");

    public static ContractAbi Sentinel { get; } = EmbeddedAbi.Load("aave-v3/price-oracle-sentinel.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("aave-v3/scaled-token.json");

    public static ContractAbi Proxy { get; } = EmbeddedAbi.Load("aave-v3/upgradeable-proxy.json");

    public static AbiResult<Address> GetPool { get; } = Provider.Function("getPool()").Result<Address>();

    public static AbiResult<Address> GetPoolConfigurator { get; } = Provider.Function("getPoolConfigurator()").Result<Address>();

    public static AbiResult<Address> GetPriceOracle { get; } = Provider.Function("getPriceOracle()").Result<Address>();

    public static AbiResult<Address> GetPriceOracleSentinel { get; } = Provider.Function("getPriceOracleSentinel()").Result<Address>();

    public static AbiResult<UInt256> PoolRevision { get; } = Pool.Function("POOL_REVISION()").Result<UInt256>();

    public static AbiResult<Address[]> GetReservesList { get; } = Pool.Function("getReservesList()").Result<Address[]>();

    public static AbiResult<ReserveData> GetReserveData { get; } = Pool.Function("getReserveData(address)").Result<ReserveData>();

    public static AbiResult<ulong> GetLiquidationGracePeriod { get; } = Pool.Function("getLiquidationGracePeriod(address)").Result<ulong>();

    public static AbiResult<ConfigurationMap> GetUserConfiguration { get; } = Pool.Function("getUserConfiguration(address)").Result<ConfigurationMap>();

    public static AbiResult<UInt256> GetUserEMode { get; } = Pool.Function("getUserEMode(address)").Result<UInt256>();

    public static AbiResult<UserAccountData> GetUserAccountData { get; } = Pool.Function("getUserAccountData(address)").Result<UserAccountData>();

    public static AbiResult<EModeCategoryData> GetEModeCategoryData { get; } = Pool.Function("getEModeCategoryData(uint8)").Result<EModeCategoryData>();

    public static AbiResult<CollateralConfig> GetEModeCollateralConfig { get; } =
        Pool.Function("getEModeCategoryCollateralConfig(uint8)").Result<CollateralConfig>();

    public static AbiResult<UInt128> GetEModeCollateralBitmap { get; } = Pool.Function("getEModeCategoryCollateralBitmap(uint8)").Result<UInt128>();

    public static AbiResult<UInt128> GetEModeLtvzeroBitmap { get; } = Pool.Function("getEModeCategoryLtvzeroBitmap(uint8)").Result<UInt128>();

    public static AbiResult<UInt128> GetVirtualUnderlyingBalance { get; } = Pool.Function("getVirtualUnderlyingBalance(address)").Result<UInt128>();

    public static AbiResult<bool> GetEModeIsolated { get; } = Pool.Function("getIsEModeCategoryIsolated(uint8)").Result<bool>();

    public static AbiResult<UInt256> BaseCurrencyUnit { get; } = Oracle.Function("BASE_CURRENCY_UNIT()").Result<UInt256>();

    public static AbiResult<UInt256> GetAssetPrice { get; } = Oracle.Function("getAssetPrice(address)").Result<UInt256>();

    public static AbiResult<UInt256[]> GetAssetsPrices { get; } = Oracle.Function("getAssetsPrices(address[])").Result<UInt256[]>();

    public static AbiResult<Address> GetSourceOfAsset { get; } = Oracle.Function("getSourceOfAsset(address)").Result<Address>();

    public static AbiResult<bool> IsLiquidationAllowed { get; } = Sentinel.Function("isLiquidationAllowed()").Result<bool>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiResult<UInt256> BalanceOf { get; } = Token.Function("balanceOf(address)").Result<UInt256>();

    public static AbiResult<UInt256> ScaledBalanceOf { get; } = Token.Function("scaledBalanceOf(address)").Result<UInt256>();

    public static AbiResult<UInt256> ScaledTotalSupply { get; } = Token.Function("scaledTotalSupply()").Result<UInt256>();

    public static AbiResult<UInt256> TotalSupply { get; } = Token.Function("totalSupply()").Result<UInt256>();

    public static AbiEvent<Borrow> Borrow { get; } = Pool.Event<Borrow>("Borrow(address,address,address,uint256,uint8,uint256,uint16)");

    public static AbiEvent<LiquidationCall> LiquidationCall { get; } =
        Pool.Event<LiquidationCall>("LiquidationCall(address,address,address,uint256,uint256,address,bool)");

    public static AbiEvent<ReserveDataUpdated> ReserveDataUpdated { get; } =
        Pool.Event<ReserveDataUpdated>("ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)");

    public static AbiEvent<ReserveUsedAsCollateralEnabled> CollateralEnabled { get; } =
        Pool.Event<ReserveUsedAsCollateralEnabled>("ReserveUsedAsCollateralEnabled(address,address)");

    public static AbiEvent<ReserveUsedAsCollateralDisabled> CollateralDisabled { get; } =
        Pool.Event<ReserveUsedAsCollateralDisabled>("ReserveUsedAsCollateralDisabled(address,address)");

    public static AbiEvent<UserEModeSet> UserEModeSet { get; } = Pool.Event<UserEModeSet>("UserEModeSet(address,uint8)");

    public static AbiEvent<IsolationModeTotalDebtUpdated> IsolationDebt { get; } =
        Pool.Event<IsolationModeTotalDebtUpdated>("IsolationModeTotalDebtUpdated(address,uint256)");

    public static AbiEvent<SwapBorrowRateMode> SwapBorrowRateMode { get; } = Pool.Event<SwapBorrowRateMode>("SwapBorrowRateMode(address,address,uint8)");

    public static AbiEvent<RebalanceStableBorrowRate> RebalanceStable { get; } =
        Pool.Event<RebalanceStableBorrowRate>("RebalanceStableBorrowRate(address,address)");

    public static AbiEvent<ReserveInitialized> ReserveInitialized { get; } =
        Configurator.Event<ReserveInitialized>("ReserveInitialized(address,address,address,address,address)");

    public static AbiEvent<EModeCategoryAdded> EModeCategoryAdded { get; } =
        Configurator.Event<EModeCategoryAdded>("EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)");

    public static AbiEvent<AssetCollateralInEModeChanged> EModeCollateral { get; } =
        Configurator.Event<AssetCollateralInEModeChanged>("AssetCollateralInEModeChanged(address,uint8,bool)");

    public static AbiEvent<AssetLtvzeroInEModeChanged> EModeLtvzero { get; } =
        Configurator.Event<AssetLtvzeroInEModeChanged>("AssetLtvzeroInEModeChanged(address,uint8,bool)");

    public static AbiEvent<EModeCategoryIsolationChanged> EModeIsolation { get; } =
        Configurator.Event<EModeCategoryIsolationChanged>("EModeCategoryIsolationChanged(uint8,bool)");

    public static AbiEvent<ReserveInterestRateDataChanged> RateData { get; } =
        Configurator.Event<ReserveInterestRateDataChanged>("ReserveInterestRateDataChanged(address,address,bytes)");

    public static AbiEvent<AssetSourceUpdated> AssetSource { get; } = Oracle.Event<AssetSourceUpdated>("AssetSourceUpdated(address,address)");

    public static AbiEvent<TokenMint> Mint { get; } = Token.Event<TokenMint>("Mint(address,address,uint256,uint256,uint256)");

    public static AbiEvent<TokenBurn> Burn { get; } = Token.Event<TokenBurn>("Burn(address,address,uint256,uint256,uint256)");

    public static AbiEvent<BalanceTransfer> BalanceTransfer { get; } = Token.Event<BalanceTransfer>("BalanceTransfer(address,address,uint256,uint256)");

    public static AbiEvent Upgraded { get; } = Proxy.Event("Upgraded(address)");

    /// <summary>A reserve appears or goes, or a contract is replaced: the market is read afresh.</summary>
    public static IReadOnlyList<AbiEvent> Reopening { get; } =
    [
        .. new[]
        {
            "PoolUpdated(address,address)", "PoolConfiguratorUpdated(address,address)", "PriceOracleUpdated(address,address)",
            "PriceOracleSentinelUpdated(address,address)",
        }.Select(Provider.Event),
        ReserveInitialized.Definition,
        Configurator.Event("ReserveDropped(address)"),
        Upgraded,
    ];

    /// <summary>A parameter of one reserve, which is the first topic, has changed: the reserve is read again.</summary>
    public static IReadOnlyList<AbiEvent> OneReserve { get; } =
    [
        .. new[]
        {
            "CollateralConfigurationChanged(address,uint256,uint256,uint256)", "ReserveBorrowing(address,bool)", "ReserveActive(address,bool)",
            "ReserveFrozen(address,bool)", "ReservePaused(address,bool)", "ReserveFactorChanged(address,uint256,uint256)",
            "SupplyCapChanged(address,uint256,uint256)", "LiquidationProtocolFeeChanged(address,uint256,uint256)",
            "LiquidationGracePeriodChanged(address,uint40)", "LiquidationGracePeriodDisabled(address)", "PendingLtvChanged(address,uint256)",
            "DebtCeilingChanged(address,uint256,uint256)", "BorrowCapChanged(address,uint256,uint256)", "ReserveInterestRateStrategyChanged(address,address,address)", "EModeAssetCategoryChanged(address,uint8,uint8)",
            "ATokenUpgraded(address,address,address)", "VariableDebtTokenUpgraded(address,address,address)", "StableDebtTokenUpgraded(address,address,address)",
        }.Select(Configurator.Event),
    ];
}
