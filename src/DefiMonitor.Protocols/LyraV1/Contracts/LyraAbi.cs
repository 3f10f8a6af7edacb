using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Every function and event that is used, bound to contracts-abi/lyra-v1. A record that does not fit its ABI is found when this is first touched.</summary>
internal static class LyraAbi
{
    /// <summary>OptionToken.PositionState.ACTIVE.</summary>
    public const byte Active = 1;

    /// <summary>OptionMarket.TradeDirection.LIQUIDATE.</summary>
    private const ulong Liquidate = 2;

    public static ContractAbi Market { get; } = EmbeddedAbi.Load("lyra-v1/option-market.json");

    public static ContractAbi Token { get; } = EmbeddedAbi.Load("lyra-v1/option-token.json");

    public static ContractAbi GreekCache { get; } = EmbeddedAbi.Load("lyra-v1/option-greek-cache.json");

    public static ContractAbi Adapter { get; } = EmbeddedAbi.Load("lyra-v1/synthetix-adapter.json");

    public static ContractAbi Asset { get; } = EmbeddedAbi.Load("lyra-v1/asset.json");

    public static AbiResult<StrikeAndBoard> GetStrikeAndBoard { get; } = Market.Function("getStrikeAndBoard(uint256)").Result<StrikeAndBoard>();

    public static AbiResult<IReadOnlyList<OptionPosition>> GetOwnerPositions { get; } = Token.Function("getOwnerPositions(address)").Result<IReadOnlyList<OptionPosition>>();

    public static AbiResult<PositionWithOwner> GetPositionWithOwner { get; } = Token.Function("getPositionWithOwner(uint256)").Result<PositionWithOwner>();

    public static AbiResult<UInt256> BalanceOf { get; } = Token.Function("balanceOf(address)").Result<UInt256>();

    public static AbiResult<MinCollateralParameters> GetMinCollatParams { get; } = GreekCache.Function("getMinCollatParams()").Result<MinCollateralParameters>();

    public static AbiResult<GreekCacheParameters> GetGreekCacheParams { get; } = GreekCache.Function("getGreekCacheParams()").Result<GreekCacheParameters>();

    public static AbiResult<UInt256> GetMinCollateral { get; } = GreekCache.Function("getMinCollateral(uint8,uint256,uint256,uint256,uint256)").Result<UInt256>();

    public static AbiResult<UInt256> GetSpotPriceForMarket { get; } = Adapter.Function("getSpotPriceForMarket(address)").Result<UInt256>();

    public static AbiResult<string> Symbol { get; } = Asset.Function("symbol()").Result<string>();

    public static AbiEvent<PositionUpdated> PositionUpdated { get; } = Token.Event<PositionUpdated>(
        "PositionUpdated(uint256,address,uint8,(uint256,uint256,uint8,uint256,uint256,uint8),uint256)");

    public static AbiEvent<BoardFrozen> BoardFrozen { get; } = Market.Event<BoardFrozen>("BoardFrozen(uint256,bool)");

    public static AbiEvent<BoardBaseIvSet> BoardBaseIvSet { get; } = Market.Event<BoardBaseIvSet>("BoardBaseIvSet(uint256,uint256)");

    public static AbiEvent<StrikeSkewSet> StrikeSkewSet { get; } = Market.Event<StrikeSkewSet>("StrikeSkewSet(uint256,uint256)");

    public static AbiEvent<BoardSettled> BoardSettled { get; } = Market.Event<BoardSettled>("BoardSettled(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256)");

    public static AbiEvent Trade { get; } = Market.Events.Single(static e => e.Name == "Trade");

    public static AbiEvent<MinCollateralParametersSet> MinCollateralParametersSet { get; } = GreekCache.Event<MinCollateralParametersSet>(
        "MinCollateralParametersSet((uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256))");

    public static AbiEvent<GreekCacheParametersSet> GreekCacheParametersSet { get; } = GreekCache.Event<GreekCacheParametersSet>(
        "GreekCacheParametersSet((uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,int256))");

    public static AbiEvent<BoardIvUpdated> BoardIvUpdated { get; } = GreekCache.Event<BoardIvUpdated>("BoardIvUpdated(uint256,uint256,uint256)");

    public static AbiEvent<StrikeSkewUpdated> StrikeSkewUpdated { get; } = GreekCache.Event<StrikeSkewUpdated>("StrikeSkewUpdated(uint256,uint256,uint256)");

    /// <exception cref="AbiException">The contract has no such type.</exception>
    public static OptionType TypeOf(in UInt256 word) =>
        word <= (UInt256)(byte)OptionType.ShortPutQuote ? (OptionType)(byte)(ulong)word : throw new AbiException($"{word} is no type of option.");

    /// <summary>What a liquidation took; null for any other trade. The event's words stand in fixed places up to the liquidation's.</summary>
    public static (Address Owner, OptionType Type, UInt256 Strike, ulong Expiry, UInt256 Amount, UInt256 Taken)? LiquidationIn(Log log)
    {
        if (log.Topics.Count != 4 || log.Topics[0] != Trade.Topic0)
        {
            return null;
        }

        // Trade: expiry, strikePrice, optionType, tradeDirection, amount and five more; the offset of the results; liquidation: caller, rewardBeneficiary,
        // returnCollateral, lpPremiums, lpFee, liquidatorFee, smFee, insolventAmount.
        var words = new AbiReader(log.Data);
        UInt256 At(int word) => words.UInt256(word * AbiReader.WordSize);
        return words.ULong(3 * AbiReader.WordSize) == Liquidate
            ? (new AbiReader(log.Topics[1].ToArray()).Address(0), TypeOf(At(2)), At(1), words.ULong(0), At(4), At(14) + At(15) + At(16) + At(17))
            : null;
    }
}
