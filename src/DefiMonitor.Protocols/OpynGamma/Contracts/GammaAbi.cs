using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Every function and event that is used, bound to contracts-abi/opyn-gamma. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class GammaAbi
{
    public static ContractAbi AddressBook { get; } = EmbeddedAbi.Load("opyn-gamma/address-book.json");

    public static ContractAbi Controller { get; } = EmbeddedAbi.Load("opyn-gamma/controller.json");

    public static ContractAbi Calculator { get; } = EmbeddedAbi.Load("opyn-gamma/margin-calculator.json");

    public static ContractAbi Oracle { get; } = EmbeddedAbi.Load("opyn-gamma/oracle.json");

    public static ContractAbi Otoken { get; } = EmbeddedAbi.Load("opyn-gamma/otoken.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("opyn-gamma/token.json");

    public static AbiResult<Address> GetController { get; } = AddressBook.Function("getController()").Result<Address>();

    public static AbiResult<Address> CalculatorOf { get; } = Controller.Function("calculator()").Result<Address>();

    public static AbiResult<bool> PartiallyPaused { get; } = Controller.Function("systemPartiallyPaused()").Result<bool>();

    public static AbiResult<bool> FullyPaused { get; } = Controller.Function("systemFullyPaused()").Result<bool>();

    public static AbiResult<UInt256> VaultCounter { get; } = Controller.Function("getAccountVaultCounter(address)").Result<UInt256>();

    public static AbiResult<VaultWithDetails> Vault { get; } = Controller.Function("getVaultWithDetails(address,uint256)").Result<VaultWithDetails>();

    public static AbiResult<LiquidationAnswer> IsLiquidatable { get; } = Controller.Function("isLiquidatable(address,uint256,uint256)").Result<LiquidationAnswer>();

    public static AbiResult<UInt256> GetProceed { get; } = Controller.Function("getProceed(address,uint256)").Result<UInt256>();

    public static AbiResult<Address> OracleOf { get; } = Calculator.Function("oracle()").Result<Address>();

    public static AbiResult<UInt256> OracleDeviation { get; } = Calculator.Function("getOracleDeviation()").Result<UInt256>();

    public static AbiResult<UInt256> SpotShock { get; } = Calculator.Function("getSpotShock(address,address,address,bool)").Result<UInt256>();

    public static AbiResult<IReadOnlyList<UInt256>> TimesToExpiry { get; } = Calculator.Function("getTimesToExpiry(address,address,address,bool)").Result<IReadOnlyList<UInt256>>();

    public static AbiResult<UInt256> MaxPrice { get; } = Calculator.Function("getMaxPrice(address,address,address,bool,uint256)").Result<UInt256>();

    public static AbiResult<UInt256> CollateralDust { get; } = Calculator.Function("getCollateralDust(address)").Result<UInt256>();

    public static AbiResult<UInt256> NakedMarginRequired { get; } = Calculator
        .Function("getNakedMarginRequired(address,address,address,uint256,uint256,uint256,uint256,uint256,bool)").Result<UInt256>();

    public static AbiResult<UInt256> GetPrice { get; } = Oracle.Function("getPrice(address)").Result<UInt256>();

    public static AbiResult<PastRound> GetRound { get; } = Oracle.Function("getChainlinkRoundData(address,uint80)").Result<PastRound>();

    public static AbiResult<ExpiryPrice> GetExpiryPrice { get; } = Oracle.Function("getExpiryPrice(address,uint256)").Result<ExpiryPrice>();

    public static AbiResult<Address> GetPricer { get; } = Oracle.Function("getPricer(address)").Result<Address>();

    public static AbiResult<Address> Aggregator { get; } = EmbeddedAbi.Load("opyn-gamma/pricer.json").Function("aggregator()").Result<Address>();

    public static AbiResult<OtokenDetails> GetOtokenDetails { get; } = Otoken.Function("getOtokenDetails()").Result<OtokenDetails>();

    public static AbiResult<Address> CollateralAsset { get; } = Otoken.Function("collateralAsset()").Result<Address>();

    public static AbiResult<Address> UnderlyingAsset { get; } = Otoken.Function("underlyingAsset()").Result<Address>();

    public static AbiResult<Address> StrikeAsset { get; } = Otoken.Function("strikeAsset()").Result<Address>();

    public static AbiResult<UInt256> StrikePrice { get; } = Otoken.Function("strikePrice()").Result<UInt256>();

    public static AbiResult<UInt256> ExpiryTimestamp { get; } = Otoken.Function("expiryTimestamp()").Result<UInt256>();

    public static AbiResult<bool> IsPut { get; } = Otoken.Function("isPut()").Result<bool>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiResult<byte> Decimals { get; } = Token.Function("decimals()").Result<byte>();

    public static AbiEvent<AddressAdded> AddressAdded { get; } = AddressBook.Event<AddressAdded>("AddressAdded(bytes32,address)");

    public static AbiEvent<Upgraded> Upgraded { get; } = Controller.Event<Upgraded>("Upgraded(address)");

    public static AbiEvent<VaultOpened> VaultOpened { get; } = Controller.Event<VaultOpened>("VaultOpened(address,uint256,uint256)");

    public static AbiEvent<LongOtokenDeposited> LongDeposited { get; } = Controller.Event<LongOtokenDeposited>("LongOtokenDeposited(address,address,address,uint256,uint256)");

    public static AbiEvent<LongOtokenWithdrawed> LongWithdrawn { get; } = Controller.Event<LongOtokenWithdrawed>("LongOtokenWithdrawed(address,address,address,uint256,uint256)");

    public static AbiEvent<CollateralAssetDeposited> Deposited { get; } =
        Controller.Event<CollateralAssetDeposited>("CollateralAssetDeposited(address,address,address,uint256,uint256)");

    public static AbiEvent<CollateralAssetWithdrawed> Withdrawn { get; } =
        Controller.Event<CollateralAssetWithdrawed>("CollateralAssetWithdrawed(address,address,address,uint256,uint256)");

    public static AbiEvent<ShortOtokenMinted> ShortMinted { get; } = Controller.Event<ShortOtokenMinted>("ShortOtokenMinted(address,address,address,uint256,uint256)");

    public static AbiEvent<ShortOtokenBurned> ShortBurned { get; } = Controller.Event<ShortOtokenBurned>("ShortOtokenBurned(address,address,address,uint256,uint256)");

    public static AbiEvent<VaultSettled> VaultSettled { get; } = Controller.Event<VaultSettled>("VaultSettled(address,address,address,uint256,uint256,uint256)");

    public static AbiEvent<VaultLiquidated> VaultLiquidated { get; } =
        Controller.Event<VaultLiquidated>("VaultLiquidated(address,address,address,uint256,uint256,uint256,uint256,uint256)");

    public static AbiEvent<SystemPaused> SystemPartiallyPaused { get; } = Controller.Event<SystemPaused>("SystemPartiallyPaused(bool)");

    public static AbiEvent<SystemPaused> SystemFullyPaused { get; } = Controller.Event<SystemPaused>("SystemFullyPaused(bool)");

    public static AbiEvent<CollateralDustUpdated> CollateralDustUpdated { get; } = Calculator.Event<CollateralDustUpdated>("CollateralDustUpdated(address,uint256)");

    public static AbiEvent<MaxPriceAdded> MaxPriceAdded { get; } = Calculator.Event<MaxPriceAdded>("MaxPriceAdded(bytes32,uint256,uint256)");

    public static AbiEvent<MaxPriceUpdated> MaxPriceUpdated { get; } = Calculator.Event<MaxPriceUpdated>("MaxPriceUpdated(bytes32,uint256,uint256,uint256)");

    public static AbiEvent<SpotShockUpdated> SpotShockUpdated { get; } = Calculator.Event<SpotShockUpdated>("SpotShockUpdated(bytes32,uint256)");

    public static AbiEvent<OracleDeviationUpdated> OracleDeviationUpdated { get; } = Calculator.Event<OracleDeviationUpdated>("OracleDeviationUpdated(uint256)");

    public static AbiEvent<PricerUpdated> PricerUpdated { get; } = Oracle.Event<PricerUpdated>("PricerUpdated(address,address)");
}
