using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Every function and event that is used, bound to contracts-abi/compound-v3. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class CometAbi
{
    public static ContractAbi Comet { get; } = EmbeddedAbi.Load("compound-v3/comet.json");

    public static ContractAbi PriceFeed { get; } = EmbeddedAbi.Load("compound-v3/price-feed.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("compound-v3/token.json");

    public static AbiResult<TotalsBasicAnswer> TotalsBasic { get; } = Comet.Function("totalsBasic()").Result<TotalsBasicAnswer>();

    public static AbiResult<AssetInfoAnswer> GetAssetInfo { get; } = Comet.Function("getAssetInfo(uint8)").Result<AssetInfoAnswer>();

    public static AbiResult<TotalsCollateralAnswer> TotalsCollateral { get; } = Comet.Function("totalsCollateral(address)").Result<TotalsCollateralAnswer>();

    public static AbiResult<UserBasicAnswer> UserBasic { get; } = Comet.Function("userBasic(address)").Result<UserBasicAnswer>();

    public static AbiResult<UserCollateralAnswer> UserCollateral { get; } = Comet.Function("userCollateral(address,address)").Result<UserCollateralAnswer>();

    public static AbiResult<Address> BaseToken { get; } = Comet.Function("baseToken()").Result<Address>();

    public static AbiResult<Address> BaseTokenPriceFeed { get; } = Comet.Function("baseTokenPriceFeed()").Result<Address>();

    public static AbiResult<byte> NumAssets { get; } = Comet.Function("numAssets()").Result<byte>();

    public static AbiResult<UInt256> BaseScale { get; } = Number("baseScale");

    public static AbiResult<UInt256> BaseBorrowMin { get; } = Number("baseBorrowMin");

    public static AbiResult<UInt256> SupplyKink { get; } = Number("supplyKink");

    public static AbiResult<UInt256> SupplySlopeLow { get; } = Number("supplyPerSecondInterestRateSlopeLow");

    public static AbiResult<UInt256> SupplySlopeHigh { get; } = Number("supplyPerSecondInterestRateSlopeHigh");

    public static AbiResult<UInt256> SupplyRateBase { get; } = Number("supplyPerSecondInterestRateBase");

    public static AbiResult<UInt256> BorrowKink { get; } = Number("borrowKink");

    public static AbiResult<UInt256> BorrowSlopeLow { get; } = Number("borrowPerSecondInterestRateSlopeLow");

    public static AbiResult<UInt256> BorrowSlopeHigh { get; } = Number("borrowPerSecondInterestRateSlopeHigh");

    public static AbiResult<UInt256> BorrowRateBase { get; } = Number("borrowPerSecondInterestRateBase");

    // The contract's own views of an account. The first two with interest up to the block, the other two by the stored index.
    public static AbiResult<UInt256> BalanceOf { get; } = Comet.Function("balanceOf(address)").Result<UInt256>();

    public static AbiResult<UInt256> BorrowBalanceOf { get; } = Comet.Function("borrowBalanceOf(address)").Result<UInt256>();

    public static AbiResult<bool> IsLiquidatable { get; } = Comet.Function("isLiquidatable(address)").Result<bool>();

    public static AbiResult<bool> IsBorrowCollateralized { get; } = Comet.Function("isBorrowCollateralized(address)").Result<bool>();

    public static AbiResult<RoundAnswer> LatestRoundData { get; } = PriceFeed.Function("latestRoundData()").Result<RoundAnswer>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiEvent<Supply> Supply { get; } = Comet.Event<Supply>("Supply(address,address,uint256)");

    public static AbiEvent<Withdraw> Withdraw { get; } = Comet.Event<Withdraw>("Withdraw(address,address,uint256)");

    public static AbiEvent<Transfer> Transfer { get; } = Comet.Event<Transfer>("Transfer(address,address,uint256)");

    public static AbiEvent<SupplyCollateral> SupplyCollateral { get; } = Comet.Event<SupplyCollateral>("SupplyCollateral(address,address,address,uint256)");

    public static AbiEvent<TransferCollateral> TransferCollateral { get; } =
        Comet.Event<TransferCollateral>("TransferCollateral(address,address,address,uint256)");

    public static AbiEvent<WithdrawCollateral> WithdrawCollateral { get; } =
        Comet.Event<WithdrawCollateral>("WithdrawCollateral(address,address,address,uint256)");

    public static AbiEvent<AbsorbDebt> AbsorbDebt { get; } = Comet.Event<AbsorbDebt>("AbsorbDebt(address,address,uint256,uint256)");

    public static AbiEvent<AbsorbCollateral> AbsorbCollateral { get; } =
        Comet.Event<AbsorbCollateral>("AbsorbCollateral(address,address,address,uint256,uint256)");

    /// <summary>Of the proxy before the market (EIP-1967): configuration and code change only so.</summary>
    public static AbiEvent<Upgraded> Upgraded { get; } = Comet.Event<Upgraded>("Upgraded(address)");

    private static AbiResult<UInt256> Number(string name) => Comet.Function($"{name}()").Result<UInt256>();
}
