using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3.Fake;

internal sealed partial class FakeAave
{
    /// <summary>Of the last reserve's adapter: the ratio of now, where its cap began an hour before the first block, with a growth of 10 % a year from 1.2.</summary>
    public UInt256 RatioCap { get; set; } = UInt256.Pow10(18) * 12u / 10u;

    public bool IsBesideTheVerdict(Call call) => AaveAbi.Symbol.Function.IsCall(call) || AaveAbi.IsLiquidationAllowed.Function.IsCall(call);

    public CallResult Answer(Call call)
    {
        if (call.To == ProviderAddress)
        {
            return AbiWords.Answer(
                AaveAbi.GetPool.Function.IsCall(call) ? PoolAddress
                : AaveAbi.GetPoolConfigurator.Function.IsCall(call) ? ConfiguratorAddress
                : AaveAbi.GetPriceOracle.Function.IsCall(call) ? OracleAddress
                : Version >= AaveVersion.V37 ? Address.Zero : SentinelAddress);
        }

        if (Reserves.Find(reserve => SourceOf(reserve) == call.To) is { } priced)
        {
            // The last reserve's source is an adapter over the first one's feed.
            return priced == Reserves[^1]
                ? FeedAnswers.Capped(call, SourceOf(Reserves[0]), RatioCap, Header.Timestamp)
                : FeedAnswers.Feed(call, Header.Timestamp - 100 - priced.Id);
        }

        return call.To == PoolAddress ? Pool(call)
            : call.To == OracleAddress ? Oracle(call)
            : call.To == SentinelAddress ? AbiWords.Answer(LiquidationAllowed)
            : Token(call);
    }

    private CallResult Pool(Call call)
    {
        if (AaveAbi.PoolRevision.Function.IsCall(call))
        {
            return AbiWords.Answer(Revision);
        }

        if (AaveAbi.GetReservesList.Function.IsCall(call))
        {
            return AbiWords.List(Reserves.Where(reserve => !reserve.IsDropped).Select(reserve => (object)reserve.Asset));
        }

        if (IsOfCategory(call))
        {
            return Category(call);
        }

        var argument = CallArguments.Address(call);
        if (AaveAbi.GetUserConfiguration.Function.IsCall(call))
        {
            return AbiWords.Answer(User(argument).Configuration.Word);
        }

        if (AaveAbi.GetUserEMode.Function.IsCall(call))
        {
            return AbiWords.Answer(User(argument).EMode);
        }

        if (AaveAbi.GetUserAccountData.Function.IsCall(call))
        {
            return AbiWords.Answer(Truth(argument).Select(word => (object)word).ToArray());
        }

        var found = Reserves.Single(reserve => reserve.Asset == argument);
        if (AaveAbi.GetLiquidationGracePeriod.Function.IsCall(call))
        {
            return Version >= AaveVersion.V31 ? AbiWords.Answer(found.GraceUntil) : AbiWords.Reverted;
        }

        if (AaveAbi.GetVirtualUnderlyingBalance.Function.IsCall(call))
        {
            return Version >= AaveVersion.V31 ? AbiWords.Answer(found.Liquidity) : AbiWords.Reverted;
        }

        AaveAbi.GetReserveData.Function.IsCall(call).ShouldBeTrue($"the fake pool knows no {call}");
        var indexes = found.Indexes;
        return AbiWords.Answer(
            found.Configuration.Word, indexes.LiquidityIndex, indexes.LiquidityRate, indexes.BorrowIndex, indexes.BorrowRate, 0u, indexes.LastUpdate, found.Id,
            found.AToken.Address, Version <= AaveVersion.V31 ? StableToken(found) : Address.Zero, found.DebtToken.Address, Address.Zero, 0u, 0u, 0u);
    }

    private bool IsOfCategory(Call call) =>
        AaveAbi.GetEModeCategoryData.Function.IsCall(call) || AaveAbi.GetEModeCollateralConfig.Function.IsCall(call)
        || AaveAbi.GetEModeCollateralBitmap.Function.IsCall(call) || AaveAbi.GetEModeLtvzeroBitmap.Function.IsCall(call)
        || AaveAbi.GetEModeIsolated.Function.IsCall(call);

    private CallResult Category(Call call)
    {
        var fake = EModes.GetValueOrDefault(CallArguments.Byte(call)) ?? new FakeCategory(0, 0, 0);
        var category = fake.ToCategory();
        if (AaveAbi.GetEModeCategoryData.Function.IsCall(call))
        {
            return AbiWords.Answer(32u, category.Ltv, category.LiquidationThreshold, category.LiquidationBonus, fake.PriceSource, 160u, 5u, "label"u8.ToArray());
        }

        if (AaveAbi.GetEModeCollateralConfig.Function.IsCall(call))
        {
            return AbiWords.Answer(category.Ltv, category.LiquidationThreshold, category.LiquidationBonus);
        }

        return AaveAbi.GetEModeCollateralBitmap.Function.IsCall(call) ? AbiWords.Answer(category.CollateralBitmap)
            : AaveAbi.GetEModeLtvzeroBitmap.Function.IsCall(call) ? AbiWords.Answer(category.LtvzeroBitmap)
            : AbiWords.Answer(category.IsIsolated);
    }

    private CallResult Oracle(Call call)
    {
        if (AaveAbi.GetSourceOfAsset.Function.IsCall(call))
        {
            return AbiWords.Answer(SourceOf(Reserves.Single(reserve => reserve.Asset == CallArguments.Address(call))));
        }

        if (AaveAbi.BaseCurrencyUnit.Function.IsCall(call))
        {
            return AbiWords.Answer(100_000_000u);
        }

        var asked = AaveAbi.GetAssetPrice.Function.IsCall(call) ? [CallArguments.Address(call)] : CallArguments.Addresses(call);
        var prices = asked.Select(PriceOf).ToList();
        if (prices.Contains(null))
        {
            return AbiWords.Reverted;
        }

        return AaveAbi.GetAssetPrice.Function.IsCall(call) ? AbiWords.Answer(prices[0]!.Value) : AbiWords.List(prices.Select(price => (object)price!.Value));
    }

    private UInt256? PriceOf(Address source)
    {
        if (Reserves.Find(reserve => reserve.Asset == source) is { } reserve)
        {
            return reserve.FeedIsBroken ? null : reserve.Price;
        }

        return EModes.Values.Single(category => category.PriceSource == source).SourcePrice;
    }

    private CallResult Token(Call call)
    {
        if (Reserves.Find(reserve => reserve.Asset == call.To) is { } named)
        {
            return AaveAbi.BalanceOf.Function.IsCall(call) ? AbiWords.Answer(named.Liquidity + UInt256.One)
                : Symbols.TryGetValue(named.Symbol, out var answer) ? answer : AbiWords.Text(named.Symbol);
        }

        if (AaveAbi.ScaledTotalSupply.Function.IsCall(call))
        {
            var held = Reserves.Single(reserve => reserve.DebtToken.Address == call.To || reserve.AToken.Address == call.To);
            return AbiWords.Answer((held.AToken.Address == call.To ? held.AToken : held.DebtToken).Total);
        }

        if (AaveAbi.TotalSupply.Function.IsCall(call))
        {
            // By an average rate, as the contract does it: nobody's balances add up to it.
            var stable = Reserves.Single(reserve => StableToken(reserve) == call.To);
            return AbiWords.Answer(Owners.Aggregate(UInt256.One, (sum, owner) => sum + StableDebt(stable, owner)));
        }

        var user = CallArguments.Address(call);
        var found = Reserves.Single(reserve => reserve.AToken.Address == call.To || reserve.DebtToken.Address == call.To || StableToken(reserve) == call.To);
        if (AaveAbi.ScaledBalanceOf.Function.IsCall(call))
        {
            return AbiWords.Answer((found.AToken.Address == call.To ? found.AToken : found.DebtToken).Scaled(user));
        }

        return AbiWords.Answer(StableToken(found) == call.To ? StableDebt(found, user) : DebtOf(found, user));
    }

    private static Address SourceOf(FakeReserve reserve) => FakeAddress.Of(0xa7, reserve.Id);

    private static Address StableToken(FakeReserve reserve) => FakeAddress.Of(0xa3, reserve.Id);
}
