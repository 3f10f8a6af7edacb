using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Every function and event that is used, bound to contracts-abi/euler-v2. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class EulerAbi
{
    public static ContractAbi Vault { get; } = EmbeddedAbi.Load("euler-v2/evault.json");

    public static ContractAbi Evc { get; } = EmbeddedAbi.Load("euler-v2/evc.json");

    public static ContractAbi PriceOracle { get; } = EmbeddedAbi.Load("euler-v2/price-oracle.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("euler-v2/token.json");

    public static AbiResult<Address> Asset { get; } = Vault.Function("asset()").Result<Address>();

    public static AbiResult<Address> EvcOf { get; } = Vault.Function("EVC()").Result<Address>();

    public static AbiResult<Address> Oracle { get; } = Vault.Function("oracle()").Result<Address>();

    public static AbiResult<Address> UnitOfAccount { get; } = Vault.Function("unitOfAccount()").Result<Address>();

    /// <summary>Every collateral that the vault has ever had an LTV for.</summary>
    public static AbiResult<Address[]> LtvList { get; } = Vault.Function("LTVList()").Result<Address[]>();

    public static AbiResult<LtvFullAnswer> LtvFull { get; } = Vault.Function("LTVFull(address)").Result<LtvFullAnswer>();

    public static AbiResult<ushort> MaxLiquidationDiscount { get; } = Vault.Function("maxLiquidationDiscount()").Result<ushort>();

    public static AbiResult<ushort> LiquidationCoolOffTime { get; } = Vault.Function("liquidationCoolOffTime()").Result<ushort>();

    public static AbiResult<HookConfigAnswer> HookConfig { get; } = Vault.Function("hookConfig()").Result<HookConfigAnswer>();

    public static AbiResult<ushort> InterestFee { get; } = Vault.Function("interestFee()").Result<ushort>();

    public static AbiResult<UInt256> Cash { get; } = Vault.Function("cash()").Result<UInt256>();

    public static AbiResult<UInt256> TotalSupply { get; } = Vault.Function("totalSupply()").Result<UInt256>();

    public static AbiResult<UInt256> TotalBorrowsExact { get; } = Vault.Function("totalBorrowsExact()").Result<UInt256>();

    public static AbiResult<UInt256> InterestAccumulator { get; } = Vault.Function("interestAccumulator()").Result<UInt256>();

    public static AbiResult<UInt256> InterestRate { get; } = Vault.Function("interestRate()").Result<UInt256>();

    public static AbiResult<UInt256> BalanceOf { get; } = Vault.Function("balanceOf(address)").Result<UInt256>();

    public static AbiResult<UInt256> DebtOf { get; } = Vault.Function("debtOf(address)").Result<UInt256>();

    public static AbiResult<UInt256> DebtOfExact { get; } = Vault.Function("debtOfExact(address)").Result<UInt256>();

    public static AbiResult<AccountLiquidityAnswer> AccountLiquidity { get; } = Vault.Function("accountLiquidity(address,bool)").Result<AccountLiquidityAnswer>();

    public static AbiResult<UInt256> ConvertToAssets { get; } = Vault.Function("convertToAssets(uint256)").Result<UInt256>();

    public static AbiResult<Address[]> GetCollaterals { get; } = Evc.Function("getCollaterals(address)").Result<Address[]>();

    public static AbiResult<Address[]> GetControllers { get; } = Evc.Function("getControllers(address)").Result<Address[]>();

    public static AbiResult<UInt256> LastStatusCheck { get; } = Evc.Function("getLastAccountStatusCheckTimestamp(address)").Result<UInt256>();

    public static AbiResult<string> Name { get; } = PriceOracle.Function("name()").Result<string>();

    public static AbiResult<UInt256> GetQuote { get; } = PriceOracle.Function("getQuote(uint256,address,address)").Result<UInt256>();

    public static AbiResult<Address> ConfiguredOracle { get; } = PriceOracle.Function("getConfiguredOracle(address,address)").Result<Address>();

    public static AbiResult<Address> ResolvedVault { get; } = PriceOracle.Function("resolvedVaults(address)").Result<Address>();

    public static AbiResult<Address> FallbackOracle { get; } = PriceOracle.Function("fallbackOracle()").Result<Address>();

    public static AbiResult<Address> Base { get; } = PriceOracle.Function("base()").Result<Address>();

    public static AbiResult<Address> Cross { get; } = PriceOracle.Function("cross()").Result<Address>();

    public static AbiResult<Address> Quote { get; } = PriceOracle.Function("quote()").Result<Address>();

    public static AbiResult<Address> OracleBaseCross { get; } = PriceOracle.Function("oracleBaseCross()").Result<Address>();

    public static AbiResult<Address> OracleCrossQuote { get; } = PriceOracle.Function("oracleCrossQuote()").Result<Address>();

    public static AbiResult<byte> Decimals { get; } = Token.Function("decimals()").Result<byte>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiEvent<Transfer> Transfer { get; } = Vault.Event<Transfer>("Transfer(address,address,uint256)");

    public static AbiEvent<Borrow> Borrow { get; } = Vault.Event<Borrow>("Borrow(address,uint256)");

    public static AbiEvent<Repay> Repay { get; } = Vault.Event<Repay>("Repay(address,uint256)");

    public static AbiEvent<PullDebt> PullDebt { get; } = Vault.Event<PullDebt>("PullDebt(address,address,uint256)");

    public static AbiEvent<DebtSocialized> DebtSocialized { get; } = Vault.Event<DebtSocialized>("DebtSocialized(address,uint256)");

    public static AbiEvent<Liquidate> Liquidate { get; } = Vault.Event<Liquidate>("Liquidate(address,address,address,uint256,uint256)");

    public static AbiEvent<VaultStatus> VaultStatus { get; } = Vault.Event<VaultStatus>("VaultStatus(uint256,uint256,uint256,uint256,uint256,uint256,uint256)");

    public static AbiEvent<GovSetLTV> GovSetLtv { get; } = Vault.Event<GovSetLTV>("GovSetLTV(address,uint16,uint16,uint16,uint48,uint32)");

    public static AbiEvent<GovSetMaxLiquidationDiscount> GovSetMaxLiquidationDiscount { get; } =
        Vault.Event<GovSetMaxLiquidationDiscount>("GovSetMaxLiquidationDiscount(uint16)");

    public static AbiEvent<GovSetLiquidationCoolOffTime> GovSetLiquidationCoolOffTime { get; } =
        Vault.Event<GovSetLiquidationCoolOffTime>("GovSetLiquidationCoolOffTime(uint16)");

    public static AbiEvent<GovSetHookConfig> GovSetHookConfig { get; } = Vault.Event<GovSetHookConfig>("GovSetHookConfig(address,uint32)");

    public static AbiEvent<GovSetInterestFee> GovSetInterestFee { get; } = Vault.Event<GovSetInterestFee>("GovSetInterestFee(uint16)");

    public static AbiEvent<CollateralStatus> CollateralStatus { get; } = Evc.Event<CollateralStatus>("CollateralStatus(address,address,bool)");

    public static AbiEvent<ControllerStatus> ControllerStatus { get; } = Evc.Event<ControllerStatus>("ControllerStatus(address,address,bool)");

    public static AbiEvent<AccountStatusCheck> AccountStatusCheck { get; } = Evc.Event<AccountStatusCheck>("AccountStatusCheck(address,address)");

    public static AbiEvent<ConfigSet> ConfigSet { get; } = PriceOracle.Event<ConfigSet>("ConfigSet(address,address,address)");

    public static AbiEvent<ResolvedVaultSet> ResolvedVaultSet { get; } = PriceOracle.Event<ResolvedVaultSet>("ResolvedVaultSet(address,address)");

    public static AbiEvent<FallbackOracleSet> FallbackOracleSet { get; } = PriceOracle.Event<FallbackOracleSet>("FallbackOracleSet(address)");
}
