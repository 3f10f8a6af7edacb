using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Every function and event that is used, bound to contracts-abi/morpho-blue. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class MorphoAbi
{
    public static ContractAbi Morpho { get; } = EmbeddedAbi.Load("morpho-blue/morpho.json");

    public static ContractAbi Irm { get; } = EmbeddedAbi.Load("morpho-blue/irm.json");

    public static ContractAbi Oracle { get; } = EmbeddedAbi.Load("morpho-blue/oracle.json");

    public static ContractAbi PreLiquidation { get; } = EmbeddedAbi.Load("morpho-blue/pre-liquidation.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("morpho-blue/token.json");

    public static AbiResult<MarketParamsAnswer> IdToMarketParams { get; } = Morpho.Function("idToMarketParams(bytes32)").Result<MarketParamsAnswer>();

    public static AbiResult<MarketAnswer> Market { get; } = Morpho.Function("market(bytes32)").Result<MarketAnswer>();

    public static AbiResult<PositionAnswer> Position { get; } = Morpho.Function("position(bytes32,address)").Result<PositionAnswer>();

    public static AbiResult<Int128> RateAtTarget { get; } = Irm.Function("rateAtTarget(bytes32)").Result<Int128>();

    public static AbiResult<UInt256> BorrowRateView { get; } = Irm.Function(
        "borrowRateView((address,address,address,address,uint256),(uint128,uint128,uint128,uint128,uint128,uint128))").Result<UInt256>();

    public static AbiResult<UInt256> Price { get; } = Oracle.Function("price()").Result<UInt256>();

    public static AbiResult<byte> Decimals { get; } = Token.Function("decimals()").Result<byte>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiResult<bool> IsAuthorized { get; } = Morpho.Function("isAuthorized(address,address)").Result<bool>();

    public static AbiResult<PreLiquidationTerms> PreLiquidationParams { get; } = PreLiquidation.Function("preLiquidationParams()").Result<PreLiquidationTerms>();

    /// <summary>The market that a pre-liquidation contract is for.</summary>
    public static AbiResult<Hash32> PreLiquidationMarket { get; } = PreLiquidation.Function("ID()").Result<Hash32>();

    public static AbiResult<Address> PreLiquidationMorpho { get; } = PreLiquidation.Function("MORPHO()").Result<Address>();

    public static AbiEvent<SetAuthorization> SetAuthorization { get; } = Morpho.Event<SetAuthorization>("SetAuthorization(address,address,address,bool)");

    public static AbiEvent<SetFee> SetFee { get; } = Morpho.Event<SetFee>("SetFee(bytes32,uint256)");

    /// <summary>Known, and not folded: whoever waits for the market asks for it at every block until it is there.</summary>
    public static AbiEvent CreateMarket { get; } = Morpho.Event("CreateMarket(bytes32,(address,address,address,address,uint256))");

    public static AbiEvent<Supply> Supply { get; } = Morpho.Event<Supply>("Supply(bytes32,address,address,uint256,uint256)");

    public static AbiEvent<Withdraw> Withdraw { get; } = Morpho.Event<Withdraw>("Withdraw(bytes32,address,address,address,uint256,uint256)");

    public static AbiEvent<Borrow> Borrow { get; } = Morpho.Event<Borrow>("Borrow(bytes32,address,address,address,uint256,uint256)");

    public static AbiEvent<Repay> Repay { get; } = Morpho.Event<Repay>("Repay(bytes32,address,address,uint256,uint256)");

    public static AbiEvent<SupplyCollateral> SupplyCollateral { get; } = Morpho.Event<SupplyCollateral>("SupplyCollateral(bytes32,address,address,uint256)");

    public static AbiEvent<WithdrawCollateral> WithdrawCollateral { get; } =
        Morpho.Event<WithdrawCollateral>("WithdrawCollateral(bytes32,address,address,address,uint256)");

    public static AbiEvent<Liquidate> Liquidate { get; } =
        Morpho.Event<Liquidate>("Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)");

    public static AbiEvent<AccrueInterest> AccrueInterest { get; } = Morpho.Event<AccrueInterest>("AccrueInterest(bytes32,uint256,uint256,uint256)");

    public static AbiEvent<BorrowRateUpdate> BorrowRateUpdate { get; } = Irm.Event<BorrowRateUpdate>("BorrowRateUpdate(bytes32,uint256,uint256)");

    /// <summary>What the rate model would charge from the market's last update to the block's time.</summary>
    public static Call RateOf(in MarketParameters market, in MarketTotals totals) => BorrowRateView.Function.Call(
        market.Irm,
        new object[] { market.LoanToken, market.CollateralToken, market.Oracle, market.Irm, market.Lltv },
        new object[] { totals.SupplyAssets, totals.SupplyShares, totals.BorrowAssets, totals.BorrowShares, (UInt128)totals.LastUpdate, totals.Fee });
}
