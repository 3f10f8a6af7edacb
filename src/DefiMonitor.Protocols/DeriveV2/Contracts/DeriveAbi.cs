using System.Numerics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Every function and event that is used, bound to contracts-abi/derive-v2: derivexyz/v2-core at 7736900d.</summary>
internal static class DeriveAbi
{
    private static ContractAbi SubAccounts { get; } = EmbeddedAbi.Load("derive-v2/sub-accounts.json");

    private static ContractAbi Standard { get; } = EmbeddedAbi.Load("derive-v2/standard-manager.json");

    private static ContractAbi Pmrm2 { get; } = EmbeddedAbi.Load("derive-v2/pmrm-2.json");

    private static ContractAbi Library { get; } = EmbeddedAbi.Load("derive-v2/pmrm-lib-2.json");

    private static ContractAbi Cash { get; } = EmbeddedAbi.Load("derive-v2/cash-asset.json");

    private static ContractAbi Perp { get; } = EmbeddedAbi.Load("derive-v2/perp-asset.json");

    private static ContractAbi Feeds { get; } = EmbeddedAbi.Load("derive-v2/feeds.json");

    private static ContractAbi Auction { get; } = EmbeddedAbi.Load("derive-v2/dutch-auction.json");

    private static ContractAbi Token { get; } = EmbeddedAbi.Load("derive-v2/token.json");

    public static AbiResult<IReadOnlyList<AssetBalance>> GetAccountBalances { get; } = SubAccounts.Function("getAccountBalances(uint256)").Result<IReadOnlyList<AssetBalance>>();

    public static AbiResult<IReadOnlyList<Scenario>> GetScenarios { get; } = Pmrm2.Function("getScenarios()").Result<IReadOnlyList<Scenario>>();

    public static AbiResult<string> Symbol { get; } = Token.Function("symbol()").Result<string>();

    public static AbiFunction OwnerOf { get; } = SubAccounts.Function("ownerOf(uint256)");

    public static AbiFunction BalanceOf { get; } = SubAccounts.Function("balanceOf(address)");

    public static AbiFunction Manager { get; } = SubAccounts.Function("manager(uint256)");

    public static AbiFunction GetMargin { get; } = Standard.Function("getMargin(uint256,bool)");

    public static AbiFunction GetMarginAndMarkToMarket { get; } = Standard.Function("getMarginAndMarkToMarket(uint256,bool,uint256)");

    public static AbiFunction LastMarketId { get; } = Standard.Function("lastMarketId()");

    public static AbiFunction AssetMap { get; } = Standard.Function("assetMap(uint256,uint8)");

    public static AbiFunction GetMarketFeeds { get; } = Standard.Function("getMarketFeeds(uint256)");

    public static AbiFunction PerpMarginRequirements { get; } = Standard.Function("perpMarginRequirements(uint256)");

    public static AbiFunction OptionMarginParams { get; } = Standard.Function("optionMarginParams(uint256)");

    public static AbiFunction BaseMarginParams { get; } = Standard.Function("baseMarginParams(uint256)");

    public static AbiFunction OracleContingencyParams { get; } = Standard.Function("oracleContingencyParams(uint256)");

    public static AbiFunction DepegParams { get; } = Standard.Function("depegParams()");

    public static AbiFunction StableFeed { get; } = Standard.Function("stableFeed()");

    public static AbiFunction GetAccountLib { get; } = Pmrm2.Function("getAccountLib(uint256)");

    public static AbiFunction Lib { get; } = Pmrm2.Function("lib()");

    public static AbiFunction Option { get; } = Pmrm2.Function("option()");

    public static AbiFunction PerpOf { get; } = Pmrm2.Function("perp()");

    public static AbiFunction SpotFeed { get; } = Pmrm2.Function("spotFeed()");

    public static AbiFunction ForwardFeed { get; } = Pmrm2.Function("forwardFeed()");

    public static AbiFunction InterestRateFeed { get; } = Pmrm2.Function("interestRateFeed()");

    public static AbiFunction VolFeed { get; } = Pmrm2.Function("volFeed()");

    public static AbiFunction CollateralSpotFeeds { get; } = Pmrm2.Function("collateralSpotFeeds(address)");

    public static AbiFunction GetBasisContingencyParams { get; } = Library.Function("getBasisContingencyParams()");

    public static AbiFunction GetOtherContingencyParams { get; } = Library.Function("getOtherContingencyParams()");

    public static AbiFunction GetMarginParams { get; } = Library.Function("getMarginParams()");

    public static AbiFunction GetVolShockParams { get; } = Library.Function("getVolShockParams()");

    public static AbiFunction GetSkewShockParams { get; } = Library.Function("getSkewShockParams()");

    public static AbiFunction GetCollateralParameters { get; } = Library.Function("getCollateralParameters(address)");

    /// <summary>No view: it accrues interest, and lastTimestamp() answers the block's own second from then on.</summary>
    public static AbiFunction CalculateBalanceWithInterest { get; } = Cash.Function("calculateBalanceWithInterest(uint256)");

    /// <summary>The second at which interest was accrued last: every movement of cash does so first, and anybody may by accrueInterest().</summary>
    public static AbiFunction LastTimestamp { get; } = Cash.Function("lastTimestamp()");

    public static AbiFunction WrappedAsset { get; } = Cash.Function("wrappedAsset()");

    public static AbiFunction GetPerpPrice { get; } = Perp.Function("getPerpPrice()");

    public static AbiFunction GetUnsettledAndUnrealizedCash { get; } = Perp.Function("getUnsettledAndUnrealizedCash(uint256)");

    public static AbiFunction GetSpot { get; } = Feeds.Function("getSpot()");

    public static AbiFunction GetForwardPricePortions { get; } = Feeds.Function("getForwardPricePortions(uint64)");

    public static AbiFunction GetInterestRate { get; } = Feeds.Function("getInterestRate(uint64)");

    public static AbiFunction GetVol { get; } = Feeds.Function("getVol(uint128,uint64)");

    public static AbiFunction GetAuction { get; } = Auction.Function("getAuction(uint256)");

    public static AbiFunction GetAuctionParams { get; } = Auction.Function("getAuctionParams()");

    /// <summary>Below this mark to market a bid may take everything. Older deployments have no such view.</summary>
    public static AbiFunction MtmCutoff { get; } = Auction.Function("mtmCutoff()");

    public static AbiFunction ManagerWhitelisted { get; } = Auction.Function("managerWhitelisted(address)");

    public static AbiEvent<Transfer> Transfer { get; } = SubAccounts.Event<Transfer>("Transfer(address,address,uint256)");

    public static AbiEvent<BalanceAdjusted> BalanceAdjusted { get; } = SubAccounts.Event<BalanceAdjusted>("BalanceAdjusted(uint256,address,bytes32,int256,int256,int256,uint256)");

    public static AbiEvent<AccountManagerChanged> AccountManagerChanged { get; } = SubAccounts.Event<AccountManagerChanged>("AccountManagerChanged(uint256,address,address)");

    public static AbiEvent<AssetWhitelisted> AssetWhitelisted { get; } = Standard.Event<AssetWhitelisted>("AssetWhitelisted(address,uint256,uint8)");

    public static AbiEvent<OraclesSet> OraclesSet { get; } = Standard.Event<OraclesSet>("OraclesSet(uint256,address,address,address)");

    public static AbiEvent<Bid> Bid { get; } = Auction.Event<Bid>("Bid(uint256,uint256,uint256,uint256,uint256)");

    /// <summary>Views of what only governors change: asked when the market opens, and believed until an event closes it.</summary>
    public static IReadOnlyList<AbiFunction> Settings { get; } =
    [
        LastMarketId, AssetMap, GetMarketFeeds, WrappedAsset, StableFeed, Lib, Option, PerpOf, SpotFeed, ForwardFeed, InterestRateFeed, VolFeed,
    ];

    /// <summary>Each view of fixed size, and how many words it answers.</summary>
    public static IReadOnlyList<(AbiFunction Function, int Words)> Views { get; } =
    [
        (OwnerOf, 1), (BalanceOf, 1), (Manager, 1), (GetMargin, 1), (GetMarginAndMarkToMarket, 2), (LastMarketId, 1), (AssetMap, 1), (GetMarketFeeds, 3),
        (PerpMarginRequirements, 2), (OptionMarginParams, 8), (BaseMarginParams, 2), (OracleContingencyParams, 4), (DepegParams, 2), (StableFeed, 1),
        (GetAccountLib, 1), (Lib, 1), (Option, 1), (PerpOf, 1), (SpotFeed, 1), (ForwardFeed, 1), (InterestRateFeed, 1), (VolFeed, 1), (CollateralSpotFeeds, 1),
        (GetBasisContingencyParams, 4), (GetOtherContingencyParams, 8), (GetMarginParams, 8), (GetVolShockParams, 6), (GetSkewShockParams, 8),
        (GetCollateralParameters, 4), (CalculateBalanceWithInterest, 1), (LastTimestamp, 1), (WrappedAsset, 1), (GetPerpPrice, 2), (GetUnsettledAndUnrealizedCash, 1), (GetSpot, 2),
        (GetForwardPricePortions, 3), (GetInterestRate, 2), (GetVol, 2), (GetAuction, 7), (GetAuctionParams, 7), (MtmCutoff, 1), (ManagerWhitelisted, 1),
    ];

    /// <summary>Null where the log has other topics than the event, or data that are not its.</summary>
    public static T? Read<T>(AbiEvent<T> definition, Log log)
        where T : struct
    {
        try
        {
            return definition.Matches(log) ? definition.Decode(log) : null;
        }
        catch (AbiException)
        {
            return null;
        }
    }
}

internal readonly record struct AssetBalance(Address Asset, UInt256 SubId, Int128 Balance);

internal readonly record struct Scenario(UInt256 SpotShock, byte VolShock, UInt256 DampeningFactor);

internal readonly record struct Transfer(Address From, Address To, UInt256 TokenId);

/// <remarks>Anybody can make an account, a manager and an asset of his own, and with them any figure: they are taken as they come.</remarks>
internal readonly record struct BalanceAdjusted(UInt256 AccountId, Address Manager, Hash32 AssetAndSubId, BigInteger Amount, BigInteger PreBalance, BigInteger PostBalance, UInt256 TradeId);

internal readonly record struct AccountManagerChanged(UInt256 AccountId, Address OldManager, Address NewManager);

internal readonly record struct AssetWhitelisted(Address Asset, UInt256 MarketId, byte AssetType);

internal readonly record struct OraclesSet(UInt256 MarketId, Address SpotOracle, Address ForwardOracle, Address VolFeed);

internal readonly record struct Bid(UInt256 AccountId, UInt256 BidderId, UInt256 FinalPercentage, UInt256 CashFromBidder, UInt256 CashToBidder);
