using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>The managers' parameters, as they were read at the block.</summary>
internal static class Terms
{
    /// <exception cref="MissingAnswerException">One of them was not read.</exception>
    public static StandardTerms Standard(Address manager, ulong marketId, Sheet sheet)
    {
        var what = $"The margin parameters of market {marketId}";
        var perp = sheet.Row(DeriveAbi.PerpMarginRequirements.Call(manager, (UInt256)marketId), what);
        var option = sheet.Row(DeriveAbi.OptionMarginParams.Call(manager, (UInt256)marketId), what);
        var held = sheet.Row(DeriveAbi.BaseMarginParams.Call(manager, (UInt256)marketId), what);
        var oracle = sheet.Row(DeriveAbi.OracleContingencyParams.Call(manager, (UInt256)marketId), what);
        return new StandardTerms
        {
            MmPerpReq = perp(0),
            ImPerpReq = perp(1),
            MaxSpotReq = option(0),
            MinSpotReq = option(1),
            MmCallSpotReq = option(2),
            MmPutSpotReq = option(3),
            MmPutMtmReq = option(4),
            UnpairedImScale = option(5),
            UnpairedMmScale = option(6),
            MmOffsetScale = option(7),
            MarginFactor = held(0),
            ImScale = held(1),
            PerpThreshold = oracle(0),
            OptionThreshold = oracle(1),
            BaseThreshold = oracle(2),
            OcFactor = oracle(3),
        };
    }

    /// <exception cref="MissingAnswerException">One of them was not read.</exception>
    public static PortfolioTerms Portfolio(Address library, Sheet sheet)
    {
        const string What = "The library's parameters";
        var margin = sheet.Row(DeriveAbi.GetMarginParams.Call(library), What);
        var vol = sheet.Row(DeriveAbi.GetVolShockParams.Call(library), What);
        var basis = sheet.Row(DeriveAbi.GetBasisContingencyParams.Call(library), What);
        var other = sheet.Row(DeriveAbi.GetOtherContingencyParams.Call(library), What);
        var skew = sheet.Row(DeriveAbi.GetSkewShockParams.Call(library), What);
        return new PortfolioTerms
        {
            ImFactor = margin(0),
            MmFactor = margin(1),
            ShortRateMultScale = margin(2),
            LongRateMultScale = margin(3),
            ShortRateAddScale = margin(4),
            LongRateAddScale = margin(5),
            ShortBaseStaticDiscount = margin(6),
            LongBaseStaticDiscount = margin(7),
            VolRangeUp = vol(0),
            VolRangeDown = vol(1),
            ShortTermPower = vol(2),
            LongTermPower = vol(3),
            DteFloor = (ulong)Int128.Clamp(vol(4), 0, ulong.MaxValue),
            MinVolUpShock = vol(5),
            ScenarioSpotUp = basis(0),
            ScenarioSpotDown = basis(1),
            BasisContAddFactor = basis(2),
            BasisContMultFactor = basis(3),
            PegLossThreshold = other(0),
            PegLossFactor = other(1),
            ConfThreshold = other(2),
            ConfMargin = other(3),
            MmPerpPercent = other(4),
            ImPerpPercent = other(5),
            MmOptionPercent = other(6),
            ImOptionPercent = other(7),
            LinearBaseCap = skew(0),
            AbsBaseCap = skew(1),
            LinearCBase = skew(2),
            AbsCBase = skew(3),
            MinKStar = skew(4),
            WidthScale = skew(5),
            VolParamStatic = skew(6),
            VolParamScale = skew(7),
        };
    }
}
