using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>The calls that need a contract of the deployment's.</summary>
internal sealed class DeriveCalls(DeriveV2Deployment deployment)
{
    /// <summary>Market ids are bits of a word in the contract's own viewer.</summary>
    public const ulong MostMarkets = 254;

    public Call LastMarketId { get; } = DeriveAbi.LastMarketId.Call(deployment.StandardManager);

    public Call DepegParams { get; } = DeriveAbi.DepegParams.Call(deployment.StandardManager);

    public Call CashToken { get; } = DeriveAbi.WrappedAsset.Call(deployment.Cash);

    /// <summary>When interest was accrued last. To be asked before <see cref="Interest"/> of anybody, which accrues it, in the same multicall for all that follow.</summary>
    public Call LastAccrued { get; } = DeriveAbi.LastTimestamp.Call(deployment.Cash);

    public Call AuctionParams { get; } = DeriveAbi.GetAuctionParams.Call(deployment.Auction);

    public Call MtmCutoff { get; } = DeriveAbi.MtmCutoff.Call(deployment.Auction);

    public Call OwnerOf(ulong id) => DeriveAbi.OwnerOf.Call(deployment.SubAccounts, (UInt256)id);

    public Call Manager(ulong id) => DeriveAbi.Manager.Call(deployment.SubAccounts, (UInt256)id);

    public Call Balances(ulong id) => DeriveAbi.GetAccountBalances.Function.Call(deployment.SubAccounts, (UInt256)id);

    /// <summary>How many sub-accounts an owner has.</summary>
    public Call CountOf(in Address owner) => DeriveAbi.BalanceOf.Call(deployment.SubAccounts, owner);

    public Call Interest(ulong id) => DeriveAbi.CalculateBalanceWithInterest.Call(deployment.Cash, (UInt256)id);

    public Call Auction(ulong id) => DeriveAbi.GetAuction.Call(deployment.Auction, (UInt256)id);

    public Call Whitelisted(in Address manager) => DeriveAbi.ManagerWhitelisted.Call(deployment.Auction, manager);

    public static Call Margin(in Address manager, ulong id, bool isInitial) => DeriveAbi.GetMargin.Call(manager, (UInt256)id, isInitial);

    /// <summary>The mark to market is its second word, whichever the scenario; a manager with scenarios works out one only.</summary>
    public static Call MarkToMarket(in Address manager, ulong id) => DeriveAbi.GetMarginAndMarkToMarket.Call(manager, (UInt256)id, false, UInt256.Zero);

    public Call AccountLib(in Address manager, ulong id) => DeriveAbi.GetAccountLib.Call(manager, (UInt256)id);

    public Call MarketFeeds(ulong marketId) => DeriveAbi.GetMarketFeeds.Call(deployment.StandardManager, (UInt256)marketId);

    public Call AssetMap(ulong marketId, AssetType type) => DeriveAbi.AssetMap.Call(deployment.StandardManager, (UInt256)marketId, (UInt256)(byte)type);

    public static Call Unsettled(in Address perp, ulong id) => DeriveAbi.GetUnsettledAndUnrealizedCash.Call(perp, (UInt256)id);

    public static Call Spot(in Address feed) => DeriveAbi.GetSpot.Call(feed);

    public static Call Forward(in Address feed, ulong expiry) => DeriveAbi.GetForwardPricePortions.Call(feed, expiry);

    public static Call Rate(in Address feed, ulong expiry) => DeriveAbi.GetInterestRate.Call(feed, expiry);

    public static Call Volatility(in Address feed, in UInt256 strike, ulong expiry) => DeriveAbi.GetVol.Call(feed, strike, expiry);

    public IEnumerable<Call> StandardTerms(ulong marketId)
    {
        yield return DeriveAbi.PerpMarginRequirements.Call(deployment.StandardManager, (UInt256)marketId);
        yield return DeriveAbi.OptionMarginParams.Call(deployment.StandardManager, (UInt256)marketId);
        yield return DeriveAbi.BaseMarginParams.Call(deployment.StandardManager, (UInt256)marketId);
        yield return DeriveAbi.OracleContingencyParams.Call(deployment.StandardManager, (UInt256)marketId);
    }

    public static IEnumerable<Call> PortfolioTerms(Address library)
    {
        yield return DeriveAbi.GetMarginParams.Call(library);
        yield return DeriveAbi.GetVolShockParams.Call(library);
        yield return DeriveAbi.GetBasisContingencyParams.Call(library);
        yield return DeriveAbi.GetOtherContingencyParams.Call(library);
        yield return DeriveAbi.GetSkewShockParams.Call(library);
    }

    /// <summary>What a manager of the kind PMRM_2 deals in and reads.</summary>
    public static IEnumerable<Call> PortfolioManager(Address manager)
    {
        yield return DeriveAbi.Option.Call(manager);
        yield return DeriveAbi.PerpOf.Call(manager);
        yield return DeriveAbi.SpotFeed.Call(manager);
        yield return DeriveAbi.StableFeed.Call(manager);
        yield return DeriveAbi.ForwardFeed.Call(manager);
        yield return DeriveAbi.InterestRateFeed.Call(manager);
        yield return DeriveAbi.VolFeed.Call(manager);
        yield return DeriveAbi.Lib.Call(manager);
        yield return DeriveAbi.GetScenarios.Function.Call(manager);
    }
}
