using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Every function and event that is used, bound to contracts-abi/aave-v4. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class AaveV4Abi
{
    // As the ABI writes IHubBase.PremiumDelta.
    private const string Delta = "(int256,int256,uint256)";

    public static ContractAbi Spoke { get; } = EmbeddedAbi.Load("aave-v4/spoke.json");

    public static ContractAbi Hub { get; } = EmbeddedAbi.Load("aave-v4/hub.json");

    public static ContractAbi Oracle { get; } = EmbeddedAbi.Load("aave-v4/oracle.json");

    public static ContractAbi Proxy { get; } = EmbeddedAbi.Load("aave-v4/proxy.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("aave-v4/token.json");

    public static AbiResult<ulong> SpokeRevision { get; } = Spoke.Function("SPOKE_REVISION()").Result<ulong>();

    public static AbiResult<Address> OracleOf { get; } = Spoke.Function("ORACLE()").Result<Address>();

    public static AbiResult<UInt256> ReserveCount { get; } = Spoke.Function("getReserveCount()").Result<UInt256>();

    public static AbiResult<LiquidationConfigAnswer> GetLiquidationConfig { get; } = Spoke.Function("getLiquidationConfig()").Result<LiquidationConfigAnswer>();

    public static AbiResult<ReserveAnswer> GetReserve { get; } = Spoke.Function("getReserve(uint256)").Result<ReserveAnswer>();

    public static AbiResult<DynamicConfigAnswer> GetDynamicConfig { get; } =
        Spoke.Function("getDynamicReserveConfig(uint256,uint32)").Result<DynamicConfigAnswer>();

    public static AbiResult<UserPositionAnswer> GetUserPosition { get; } = Spoke.Function("getUserPosition(uint256,address)").Result<UserPositionAnswer>();

    public static AbiResult<UserStatusAnswer> GetUserStatus { get; } = Spoke.Function("getUserReserveStatus(uint256,address)").Result<UserStatusAnswer>();

    public static AbiResult<UserAccountDataAnswer> GetUserAccountData { get; } = Spoke.Function("getUserAccountData(address)").Result<UserAccountDataAnswer>();

    public static AbiResult<ulong> HubRevision { get; } = Hub.Function("HUB_REVISION()").Result<ulong>();

    public static AbiResult<HubAssetAnswer> GetAsset { get; } = Hub.Function("getAsset(uint256)").Result<HubAssetAnswer>();

    public static AbiResult<SpokeConfigAnswer> GetSpokeConfig { get; } = Hub.Function("getSpokeConfig(uint256,address)").Result<SpokeConfigAnswer>();

    /// <summary>What all users of a Spoke have drawn of an asset.</summary>
    public static AbiResult<UInt256> GetSpokeDrawnShares { get; } = Hub.Function("getSpokeDrawnShares(uint256,address)").Result<UInt256>();

    public static AbiResult<UInt256> GetReservePrice { get; } = Oracle.Function("getReservePrice(uint256)").Result<UInt256>();

    public static AbiResult<UInt256[]> GetReservesPrices { get; } = Oracle.Function("getReservesPrices(uint256[])").Result<UInt256[]>();

    public static AbiResult<Address> GetReserveSource { get; } = Oracle.Function("getReserveSource(uint256)").Result<Address>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiEvent<Upgraded> Upgraded { get; } = Proxy.Event<Upgraded>("Upgraded(address)");

    public static AbiEvent<Supply> Supply { get; } = Spoke.Event<Supply>("Supply(uint256,address,address,uint256,uint256)");

    public static AbiEvent<Withdraw> Withdraw { get; } = Spoke.Event<Withdraw>("Withdraw(uint256,address,address,uint256,uint256)");

    public static AbiEvent<Borrow> Borrow { get; } = Spoke.Event<Borrow>("Borrow(uint256,address,address,uint256,uint256)");

    public static AbiEvent<Repay> Repay { get; } = Spoke.Event<Repay>($"Repay(uint256,address,address,uint256,uint256,{Delta})");

    public static AbiEvent<LiquidationCall> LiquidationCall { get; } =
        Spoke.Event<LiquidationCall>($"LiquidationCall(uint256,uint256,address,address,bool,uint256,uint256,{Delta},uint256,uint256,uint256)");

    public static AbiEvent<ReportDeficit> ReportDeficit { get; } = Spoke.Event<ReportDeficit>($"ReportDeficit(uint256,address,uint256,{Delta})");

    public static AbiEvent<SetUsingAsCollateral> SetUsingAsCollateral { get; } =
        Spoke.Event<SetUsingAsCollateral>("SetUsingAsCollateral(uint256,address,address,bool)");

    public static AbiEvent<RefreshAllUserDynamicConfig> RefreshAll { get; } =
        Spoke.Event<RefreshAllUserDynamicConfig>("RefreshAllUserDynamicConfig(address)");

    public static AbiEvent<RefreshSingleUserDynamicConfig> RefreshSingle { get; } =
        Spoke.Event<RefreshSingleUserDynamicConfig>("RefreshSingleUserDynamicConfig(address,uint256)");

    public static AbiEvent<RefreshPremiumDebt> RefreshPremiumDebt { get; } = Spoke.Event<RefreshPremiumDebt>($"RefreshPremiumDebt(uint256,address,{Delta})");

    public static AbiEvent<UpdateLiquidationConfig> UpdateLiquidationConfig { get; } =
        Spoke.Event<UpdateLiquidationConfig>("UpdateLiquidationConfig((uint128,uint64,uint16))");

    public static AbiEvent<AddReserve> AddReserve { get; } = Spoke.Event<AddReserve>("AddReserve(uint256,uint256,address)");

    public static AbiEvent<UpdateReserveConfig> UpdateReserveConfig { get; } =
        Spoke.Event<UpdateReserveConfig>("UpdateReserveConfig(uint256,(uint24,bool,bool,bool,bool))");

    public static AbiEvent<UpdateReservePriceSource> UpdatePriceSource { get; } =
        Spoke.Event<UpdateReservePriceSource>("UpdateReservePriceSource(uint256,address)");

    public static AbiEvent<DynamicConfigSet> AddDynamicConfig { get; } =
        Spoke.Event<DynamicConfigSet>("AddDynamicReserveConfig(uint256,uint32,(uint16,uint32,uint16))");

    public static AbiEvent<DynamicConfigSet> UpdateDynamicConfig { get; } =
        Spoke.Event<DynamicConfigSet>("UpdateDynamicReserveConfig(uint256,uint32,(uint16,uint32,uint16))");

    public static AbiEvent<HubShares> Add { get; } = Hub.Event<HubShares>("Add(uint256,address,uint256,uint256)");

    public static AbiEvent<HubShares> Remove { get; } = Hub.Event<HubShares>("Remove(uint256,address,uint256,uint256)");

    public static AbiEvent<Draw> Draw { get; } = Hub.Event<Draw>("Draw(uint256,address,uint256,uint256)");

    public static AbiEvent<Restore> Restore { get; } = Hub.Event<Restore>($"Restore(uint256,address,uint256,{Delta},uint256,uint256)");

    public static AbiEvent<RefreshPremium> RefreshPremium { get; } = Hub.Event<RefreshPremium>($"RefreshPremium(uint256,address,{Delta})");

    public static AbiEvent<HubDeficit> HubDeficit { get; } = Hub.Event<HubDeficit>($"ReportDeficit(uint256,address,uint256,{Delta},uint256)");

    public static AbiEvent<EliminateDeficit> EliminateDeficit { get; } =
        Hub.Event<EliminateDeficit>("EliminateDeficit(uint256,address,address,uint256,uint256)");

    public static AbiEvent<MintFeeShares> MintFeeShares { get; } = Hub.Event<MintFeeShares>("MintFeeShares(uint256,address,uint256,uint256)");

    public static AbiEvent<Swept> Sweep { get; } = Hub.Event<Swept>("Sweep(uint256,address,uint256)");

    public static AbiEvent<Swept> Reclaim { get; } = Hub.Event<Swept>("Reclaim(uint256,address,uint256)");

    public static AbiEvent<UpdateAsset> UpdateAsset { get; } = Hub.Event<UpdateAsset>("UpdateAsset(uint256,uint256,uint256,uint256)");

    public static AbiEvent<UpdateAssetConfig> UpdateAssetConfig { get; } =
        Hub.Event<UpdateAssetConfig>("UpdateAssetConfig(uint256,(address,uint16,address,address))");

    public static AbiEvent<UpdateSpokeConfig> UpdateSpokeConfig { get; } =
        Hub.Event<UpdateSpokeConfig>("UpdateSpokeConfig(uint256,address,(uint40,uint40,uint24,bool,bool))");
}
