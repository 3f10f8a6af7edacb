using System.Numerics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.AaveV4.Fake;

internal sealed partial class FakeAaveV4
{
    public CallResult Answer(Call call) =>
        call.To == Spoke ? OfSpoke(call)
        : call.To == Oracle ? OfOracle(call)
        : call.To == Core.Address ? OfHub(Core, call)
        : call.To == Prime.Address ? OfHub(Prime, call)
        : Prices.ContainsKey(call.To) ? FeedAnswers.Feed(call, Header.Timestamp - 100)
        : AaveV4Abi.Symbol.Function.IsCall(call) ? AbiWords.Text(call.To == Weth ? "WETH" : call.To == Wbtc ? "WBTC" : "USDC")
        : AbiWords.Reverted;

    private static UInt256 Word(in SignedRay value) => value.IsNegative ? (UInt256)((BigInteger.One << 256) - (BigInteger)value.Magnitude) : value.Magnitude;

    private static UInt256 Word(BigInteger value) => (UInt256)(value.Sign < 0 ? value + (BigInteger.One << 256) : value);

    private CallResult OfSpoke(Call call)
    {
        if (AaveV4Abi.SpokeRevision.Function.IsCall(call))
        {
            return AbiWords.Answer(Revision);
        }

        if (AaveV4Abi.OracleOf.Function.IsCall(call))
        {
            return AbiWords.Answer(Oracle);
        }

        if (AaveV4Abi.ReserveCount.Function.IsCall(call))
        {
            return AbiWords.Answer(Reserves.Count);
        }

        if (AaveV4Abi.GetLiquidationConfig.Function.IsCall(call))
        {
            return AbiWords.Answer(Liquidation.TargetHealthFactor, Liquidation.HealthFactorForMaxBonus, Liquidation.LiquidationBonusFactor);
        }

        if (AaveV4Abi.GetUserAccountData.Function.IsCall(call))
        {
            return Broken.Count > 0 ? AbiWords.Reverted : AbiWords.Answer([.. Truth(CallArguments.First(call)).Select(static word => (object)word)]);
        }

        if (CallArguments.Id(call) >= Reserves.Count)
        {
            return AbiWords.Reverted;
        }

        var reserve = Reserves[CallArguments.Id(call)];
        if (AaveV4Abi.GetReserve.Function.IsCall(call))
        {
            return AbiWords.Answer(
                reserve.Underlying, reserve.Hub.Address, reserve.Asset, reserve.Decimals, reserve.Risk, (byte)reserve.Flags, reserve.Keys.Count - 1);
        }

        if (AaveV4Abi.GetDynamicConfig.Function.IsCall(call))
        {
            var key = CallArguments.Key(call);
            var terms = key < reserve.Keys.Count ? reserve.Keys[(int)key] : default;
            return AbiWords.Answer(terms.CollateralFactor, terms.MaxLiquidationBonus, terms.LiquidationFee);
        }

        var position = PositionOf(CallArguments.Second(call), reserve);
        return AaveV4Abi.GetUserStatus.Function.IsCall(call) ? AbiWords.Answer(position.IsCollateral, position.DrawnShares != 0)
            : AaveV4Abi.GetUserPosition.Function.IsCall(call)
                ? AbiWords.Answer(position.DrawnShares, position.PremiumShares, Word(position.PremiumOffsetRay), position.SuppliedShares, position.Key)
            : AbiWords.Reverted;
    }

    private CallResult OfOracle(Call call)
    {
        if (AaveV4Abi.GetReservesPrices.Function.IsCall(call))
        {
            var sources = CallArguments.Ids(call).Select(id => Reserves[id].Source).ToList();
            return sources.Any(Broken.Contains) ? AbiWords.Reverted : AbiWords.List(sources.Select(source => (object)Prices[source]));
        }

        if (CallArguments.Id(call) >= Reserves.Count)
        {
            return AbiWords.Reverted;
        }

        var reserve = Reserves[CallArguments.Id(call)];
        return AaveV4Abi.GetReserveSource.Function.IsCall(call) ? AbiWords.Answer(reserve.Source)
            : AaveV4Abi.GetReservePrice.Function.IsCall(call) && !Broken.Contains(reserve.Source) ? AbiWords.Answer(Prices[reserve.Source])
            : AbiWords.Reverted;
    }

    private static CallResult OfHub(FakeHub hub, Call call)
    {
        if (AaveV4Abi.HubRevision.Function.IsCall(call))
        {
            return AbiWords.Answer(hub.Revision);
        }

        var id = CallArguments.Id(call);
        var asset = hub.Assets[id];
        return AaveV4Abi.GetAsset.Function.IsCall(call)
            ? AbiWords.Answer(
                asset.Liquidity, asset.RealizedFees, 18, asset.AddedShares, asset.Swept, Word(asset.PremiumOffsetRay), asset.DrawnShares, asset.PremiumShares,
                asset.LiquidityFee, asset.DrawnIndex, asset.DrawnRate, asset.LastUpdate, Weth, Weth, Weth, Weth, asset.DeficitRay)
            : AaveV4Abi.GetSpokeConfig.Function.IsCall(call) ? AbiWords.Answer(hub.SpokeConfigs[id].AddCap, FakeHub.NoCap, hub.SpokeConfigs[id].Premium, hub.SpokeConfigs[id].Active, hub.SpokeConfigs[id].Halted)
            : AaveV4Abi.GetSpokeDrawnShares.Function.IsCall(call) ? AbiWords.Answer(CallArguments.Second(call) == Spoke ? hub.SpokeDrawn[id] : 0)
            : AbiWords.Reverted;
    }
}
