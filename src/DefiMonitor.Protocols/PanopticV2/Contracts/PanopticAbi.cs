using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.PanopticV2;

// What the view calls answer and the events carry, shaped as their ABI says: panoptic-labs/panoptic-v2-core at d20b0aed.
internal readonly record struct AssetsAnswer(UInt256 Assets0, UInt256 Assets1);

internal readonly record struct OracleTicks(int CurrentTick, int SpotTick, int MedianTick, int LatestTick, UInt256 OraclePack);

internal readonly record struct FullPositionsData(
    UInt256 ShortPremium, UInt256 LongPremium, IReadOnlyList<UInt256> PositionBalances, IReadOnlyList<UInt256> CollateralRequirements, IReadOnlyList<System.Numerics.BigInteger> NetPremiaPerPosition);

internal readonly record struct MarginAnswer(UInt256 TokenData0, UInt256 TokenData1, UInt256 GlobalUtilizations);

internal readonly record struct OptionMinted(Address Recipient, UInt256 TokenId, UInt256 BalanceData);

internal readonly record struct OptionBurnt(Address Recipient, UInt128 PositionSize, UInt256 TokenId, IReadOnlyList<System.Numerics.BigInteger> PremiaByLeg);

internal readonly record struct AccountLiquidated(Address Liquidator, Address Liquidatee, System.Numerics.BigInteger BonusAmounts);

/// <summary>Every function and event that is used, bound to contracts-abi/panoptic-v2. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class PanopticAbi
{
    public static ContractAbi Pool { get; } = EmbeddedAbi.Load("panoptic-v2/panoptic-pool.json");

    public static ContractAbi Engine { get; } = EmbeddedAbi.Load("panoptic-v2/risk-engine.json");

    public static ContractAbi Tracker { get; } = EmbeddedAbi.Load("panoptic-v2/collateral-tracker.json");

    public static AbiResult<Address> RiskEngine { get; } = Pool.Function("riskEngine()").Result<Address>();

    public static AbiResult<Address> Collateral0 { get; } = Pool.Function("collateralToken0()").Result<Address>();

    public static AbiResult<Address> Collateral1 { get; } = Pool.Function("collateralToken1()").Result<Address>();

    public static AbiResult<ulong> PoolId { get; } = Pool.Function("poolId()").Result<ulong>();

    public static AbiResult<UInt256> NumberOfLegs { get; } = Pool.Function("numberOfLegs(address)").Result<UInt256>();

    public static AbiResult<AssetsAnswer> AssetsOf { get; } = Pool.Function("getAssetsOf(address)").Result<AssetsAnswer>();

    public static AbiResult<OracleTicks> OracleTicks { get; } = Pool.Function("getOracleTicks()").Result<OracleTicks>();

    public static AbiResult<int> Twap { get; } = Pool.Function("getTWAP()").Result<int>();

    public static AbiResult<FullPositionsData> FullPositionsData { get; } = Pool.Function("getFullPositionsData(address,bool,uint256[])").Result<FullPositionsData>();

    public static AbiFunction DispatchFrom { get; } = Pool.Function("dispatchFrom(uint256[],address,uint256[],uint256[],uint256)");

    public static AbiResult<UInt256> CrossBuffer0 { get; } = Engine.Function("CROSS_BUFFER_0()").Result<UInt256>();

    public static AbiResult<UInt256> CrossBuffer1 { get; } = Engine.Function("CROSS_BUFFER_1()").Result<UInt256>();

    public static AbiResult<bool> IsAccountSolvent { get; } =
        Engine.Function("isAccountSolvent(uint256[],uint256[],int24,address,uint256,uint256,address,address,uint256)").Result<bool>();

    public static AbiResult<MarginAnswer> GetMargin { get; } = Engine.Function("getMargin(uint256[],int24,address,uint256[],uint256,uint256,address,address)").Result<MarginAnswer>();

    public static AbiResult<Address> Asset { get; } = Tracker.Function("asset()").Result<Address>();

    public static AbiResult<string> Symbol { get; } = Tracker.Function("symbol()").Result<string>();

    public static AbiResult<byte> Decimals { get; } = Tracker.Function("decimals()").Result<byte>();

    public static AbiEvent<OptionMinted> OptionMinted { get; } = Pool.Event<OptionMinted>("OptionMinted(address,uint256,uint256)");

    public static AbiEvent<OptionBurnt> OptionBurnt { get; } = Pool.Event<OptionBurnt>("OptionBurnt(address,uint128,uint256,int256[4])");

    public static AbiEvent<AccountLiquidated> AccountLiquidated { get; } = Pool.Event<AccountLiquidated>("AccountLiquidated(address,address,int256)");
}
