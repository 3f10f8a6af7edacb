using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Tests.Risk.Derive;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.DeriveV2.Fake;

/// <summary>What the contracts answer.</summary>
internal sealed partial class FakeDerive
{
    /// <summary>Functions that revert, whatever they are asked.</summary>
    public HashSet<AbiFunction> Refused { get; } = [];

    public CallResult Answer(Call call)
    {
        if (Refused.Any(function => function.IsCall(call)))
        {
            return AbiWords.Reverted;
        }

        var words = new AbiReader(call.Data[4..]);
        return AboutAccounts(call, words) ?? AboutMarkets(call, words) ?? AboutLibrary(call) ?? AboutFeeds(call, words) ?? AbiWords.Reverted;
    }

    private CallResult? AboutAccounts(Call call, AbiReader words)
    {
        if (DeriveAbi.BalanceOf.IsCall(call))
        {
            var owner = words.Address(0);
            return AbiWords.Answer(Accounts.Values.Count(account => account.Owner == owner));
        }

        AbiFunction[] known =
        [
            DeriveAbi.OwnerOf, DeriveAbi.Manager, DeriveAbi.GetAccountBalances.Function, DeriveAbi.CalculateBalanceWithInterest, DeriveAbi.GetAuction, DeriveAbi.GetMargin,
            DeriveAbi.GetMarginAndMarkToMarket, DeriveAbi.GetAccountLib, DeriveAbi.GetUnsettledAndUnrealizedCash,
        ];
        if (!known.Any(function => function.IsCall(call)))
        {
            return null;
        }

        if (!Accounts.TryGetValue(words.ULong(0), out var one))
        {
            return AbiWords.Reverted;
        }

        if (DeriveAbi.OwnerOf.IsCall(call) || DeriveAbi.Manager.IsCall(call))
        {
            return AbiWords.Answer(DeriveAbi.OwnerOf.IsCall(call) ? one.Owner : one.Manager);
        }

        if (DeriveAbi.GetAccountBalances.Function.IsCall(call))
        {
            return AbiWords.Answer([32u, one.Balances.Count, .. one.Balances.SelectMany(static held => new object[] { held.Asset, held.SubId, Word(held.Balance) })]);
        }

        if (DeriveAbi.CalculateBalanceWithInterest.IsCall(call))
        {
            isAccruedByCall = true;
            return AbiWords.Answer(Word(one[Cash, UInt256.Zero] + one.Interest));
        }

        if (DeriveAbi.GetAuction.IsCall(call))
        {
            return AbiWords.Answer(one.Id, 0u, one.IsInsolvent, one.AuctionSince != 0, 0u, one.AuctionSince, 0u);
        }

        if (DeriveAbi.GetAccountLib.IsCall(call))
        {
            return call.To == Portfolio2 ? AbiWords.Answer(Library) : AbiWords.Reverted;
        }

        if (DeriveAbi.GetUnsettledAndUnrealizedCash.IsCall(call))
        {
            var underlying = call.To == Ethereum.Perp ? Ethereum : Bitcoin;
            return IsStale(underlying) ? AbiWords.Reverted : AbiWords.Answer(Word(underlying.Unsettled(one[underlying.Perp, UInt256.Zero])));
        }

        // A manager asked for an account that is another's has nothing to say here; its feeds must all be fresh.
        if (call.To != one.Manager || IsStableStale || NeedsStale(one))
        {
            return AbiWords.Reverted;
        }

        var (maintenance, initial, mark) = Margin(one);
        return DeriveAbi.GetMargin.IsCall(call) ? AbiWords.Answer(Word(words.Bool(32) ? initial : maintenance)) : AbiWords.Answer(Word(maintenance), Word(mark));
    }

    private bool NeedsStale(FakeSubAccount account) => (account.Manager == Portfolio2 && IsStale(Ethereum)) || new[] { Ethereum, Bitcoin }.Any(underlying => account.Balances.Exists(
        one => (IsStale(underlying) && (one.Asset == underlying.Option || one.Asset == underlying.Perp || one.Asset == underlying.Base))
            || (one.Asset == underlying.Option && underlying.Missing.Contains(OptionSubId.From(one.SubId)!.Value.Expiry))));

    private static bool IsStale(FakeUnderlying underlying) => underlying.IsStale;

    private CallResult? AboutMarkets(Call call, AbiReader words)
    {
        if (DeriveAbi.LastMarketId.IsCall(call))
        {
            return AbiWords.Answer(2u);
        }

        if (DeriveAbi.AssetMap.IsCall(call) || DeriveAbi.GetMarketFeeds.IsCall(call))
        {
            var underlying = words.ULong(0) == 1 ? Ethereum : Bitcoin;
            return DeriveAbi.GetMarketFeeds.IsCall(call) ? AbiWords.Answer(underlying.SpotFeed, underlying.ForwardFeed, underlying.VolFeed) : (AssetType)words.ULong(32) switch
            {
                AssetType.Option => AbiWords.Answer(underlying.Option),
                AssetType.Perpetual => AbiWords.Answer(underlying.Perp),
                _ => AbiWords.Answer(underlying.Base),
            };
        }

        if (DeriveAbi.WrappedAsset.IsCall(call))
        {
            return AbiWords.Answer(call.To == Cash ? CashToken : call.To == Ethereum.Base ? Ethereum.Token : Bitcoin.Token);
        }

        if (DeriveAbi.Symbol.Function.IsCall(call))
        {
            return AbiWords.Text(call.To == CashToken ? "USDC" : call.To == Ethereum.Token ? "WETH" : "WBTC");
        }

        if (DeriveAbi.GetAuctionParams.IsCall(call))
        {
            return AbiWords.Answer(W(AuctionStart), W(Books.Wad(0.7)), 900u, 43_200u, 3_600u, W(Books.Wad(0.1)), W(Books.Wad(0.15)));
        }

        if (DeriveAbi.MtmCutoff.IsCall(call))
        {
            return AbiWords.Answer(Word(MtmCutoff));
        }

        if (DeriveAbi.ManagerWhitelisted.IsCall(call))
        {
            return AbiWords.Answer(IsAccepted);
        }

        if (DeriveAbi.LastTimestamp.IsCall(call))
        {
            return AbiWords.Answer(isAccruedByCall ? Header.Timestamp : AccruedAt ?? Header.Timestamp);
        }

        if (DeriveAbi.DepegParams.IsCall(call))
        {
            return AbiWords.Answer(W(Books.Wad(0.98)), W(Books.Wad(1.2)));
        }

        var t = Books.StandardTerms;
        return DeriveAbi.PerpMarginRequirements.IsCall(call) ? AbiWords.Answer(W(t.MmPerpReq), W(t.ImPerpReq))
            : DeriveAbi.OptionMarginParams.IsCall(call) ? AbiWords.Answer(
                W(t.MaxSpotReq), W(t.MinSpotReq), W(t.MmCallSpotReq), W(t.MmPutSpotReq), W(t.MmPutMtmReq), W(t.UnpairedImScale), W(t.UnpairedMmScale), W(t.MmOffsetScale))
            : DeriveAbi.BaseMarginParams.IsCall(call) ? AbiWords.Answer(W(t.MarginFactor), W(t.ImScale))
            : DeriveAbi.OracleContingencyParams.IsCall(call) ? AbiWords.Answer(W(t.PerpThreshold), W(t.OptionThreshold), W(t.BaseThreshold), W(t.OcFactor))
            : null;
    }

    private static CallResult? AboutLibrary(Call call)
    {
        var t = Books.PortfolioTerms;
        return DeriveAbi.GetMarginParams.IsCall(call) ? AbiWords.Answer(
                W(t.ImFactor), W(t.MmFactor), W(t.ShortRateMultScale), W(t.LongRateMultScale), W(t.ShortRateAddScale), W(t.LongRateAddScale), W(t.ShortBaseStaticDiscount), W(t.LongBaseStaticDiscount))
            : DeriveAbi.GetVolShockParams.IsCall(call) ? AbiWords.Answer(W(t.VolRangeUp), W(t.VolRangeDown), W(t.ShortTermPower), W(t.LongTermPower), t.DteFloor, W(t.MinVolUpShock))
            : DeriveAbi.GetBasisContingencyParams.IsCall(call) ? AbiWords.Answer(W(t.ScenarioSpotUp), W(t.ScenarioSpotDown), W(t.BasisContAddFactor), W(t.BasisContMultFactor))
            : DeriveAbi.GetOtherContingencyParams.IsCall(call) ? AbiWords.Answer(
                W(t.PegLossThreshold), W(t.PegLossFactor), W(t.ConfThreshold), W(t.ConfMargin), W(t.MmPerpPercent), W(t.ImPerpPercent), W(t.MmOptionPercent), W(t.ImOptionPercent))
            : DeriveAbi.GetSkewShockParams.IsCall(call) ? AbiWords.Answer(
                W(t.LinearBaseCap), W(t.AbsBaseCap), W(t.LinearCBase), W(t.AbsCBase), W(t.MinKStar), W(t.WidthScale), W(t.VolParamStatic), W(t.VolParamScale))
            : DeriveAbi.GetCollateralParameters.IsCall(call) ? AbiWords.Answer(true, true, W(Books.Wad(0.1)), W(Books.Wad(0.05)))
            : DeriveAbi.GetScenarios.Function.IsCall(call) ? AbiWords.Answer(
                [32u, Books.Scenarios.Count, .. Books.Scenarios.SelectMany(static one => new object[] { W(one.SpotShock), (byte)one.VolShock, W(one.Dampening) })])
            : null;
    }

    private CallResult? AboutFeeds(Call call, AbiReader words)
    {
        if (DeriveAbi.CollateralSpotFeeds.IsCall(call))
        {
            return AbiWords.Answer(words.Address(0) == Ethereum.Base ? Ethereum.SpotFeed : Address.Zero);
        }

        if (DeriveAbi.Option.IsCall(call) || DeriveAbi.PerpOf.IsCall(call) || DeriveAbi.SpotFeed.IsCall(call) || DeriveAbi.ForwardFeed.IsCall(call) || DeriveAbi.VolFeed.IsCall(call)
            || DeriveAbi.InterestRateFeed.IsCall(call) || DeriveAbi.StableFeed.IsCall(call) || DeriveAbi.Lib.IsCall(call))
        {
            return AbiWords.Answer(
                DeriveAbi.Option.IsCall(call) ? Ethereum.Option : DeriveAbi.PerpOf.IsCall(call) ? Ethereum.Perp : DeriveAbi.SpotFeed.IsCall(call) ? Ethereum.SpotFeed
                : DeriveAbi.ForwardFeed.IsCall(call) ? Ethereum.ForwardFeed : DeriveAbi.VolFeed.IsCall(call) ? Ethereum.VolFeed : DeriveAbi.InterestRateFeed.IsCall(call) ? RateFeed
                : DeriveAbi.StableFeed.IsCall(call) ? StableFeed : Library);
        }

        if (call.To == StableFeed)
        {
            return IsStableStale ? AbiWords.Reverted : AbiWords.Answer(W(StablePrice), W(Wad(1)));
        }

        if (DeriveAbi.GetInterestRate.IsCall(call))
        {
            return AbiWords.Answer(W(Books.Wad(0.04)), W(Wad(1)));
        }

        var underlying = new[] { Ethereum, Bitcoin }.FirstOrDefault(one => call.To == one.SpotFeed || call.To == one.ForwardFeed || call.To == one.VolFeed || call.To == one.Perp);
        if (underlying is null || IsStale(underlying))
        {
            return AbiWords.Reverted;
        }

        if (DeriveAbi.GetForwardPricePortions.IsCall(call))
        {
            var expiry = words.ULong(0);
            var forward = ForwardOf(underlying, expiry);
            return underlying.Missing.Contains(expiry) ? AbiWords.Reverted : AbiWords.Answer(W(forward.Fixed), W(forward.Variable), W(underlying.Confidence));
        }

        return DeriveAbi.GetSpot.IsCall(call) ? AbiWords.Answer(W(underlying.Spot), W(underlying.Confidence))
            : DeriveAbi.GetPerpPrice.IsCall(call) ? AbiWords.Answer(W(underlying.PerpPrice), W(underlying.Confidence))
            : DeriveAbi.GetVol.IsCall(call) ? AbiWords.Answer(W(underlying.Volatilities[words.ULong(32)]), W(underlying.Confidence))
            : null;
    }

    private static UInt256 W(Int128 figure) => Word(figure);
}
