namespace DefiMonitor.Core.Risk.Derive;

/// <summary>StandardManager._getMarketMargin of one market under one move.</summary>
internal readonly struct StandardMarketMargin(StandardMarket market, BookMove move, double factor, ulong at)
{
    private readonly double spot = Wad(market.Spot) * factor;

    public BookMargin Of(double stable, double depeg)
    {
        var perp = Perp();
        var held = Base(stable);
        double maintenance = perp.Maintenance + held.Maintenance, initial = perp.Initial + held.Initial, mark = perp.MarkToMarket + held.MarkToMarket;
        var penalised = Math.Abs(Wad(market.Perp.Quantity));
        foreach (var expiry in market.Expiries)
        {
            var one = Expiry(expiry, out var shorts);
            maintenance += one.Maintenance;
            initial += one.Initial;
            mark += one.MarkToMarket;
            penalised += shorts;
        }

        return new BookMargin(maintenance, initial - (penalised * depeg * spot), mark);
    }

    // _getNetPerpMargin, and the profit that a settlement would pay.
    private BookMargin Perp()
    {
        var perp = market.Perp;
        if (perp.Quantity == 0)
        {
            return default;
        }

        var (quantity, price) = (Wad(perp.Quantity), Wad(perp.Price));
        var notional = Math.Abs(quantity) * price * factor;
        var profit = Wad(perp.Unsettled) + (quantity * price * (factor - 1));
        var penalty = Contingency(Int128.Min(perp.Confidence, market.SpotConfidence), market.Terms.PerpThreshold) * spot * Math.Abs(quantity);
        return new BookMargin(
            profit - (notional * Wad(market.Terms.MmPerpReq)), profit - (notional * Wad(market.Terms.ImPerpReq)) - penalty, profit);
    }

    // _getBaseMarginAndMtM
    private BookMargin Base(double stable)
    {
        if (market.Base == 0)
        {
            return default;
        }

        var notional = Wad(market.Base) * spot;
        var margin = notional * Wad(market.Terms.MarginFactor);
        var initial = margin * Wad(market.Terms.ImScale);
        if (initial != 0)
        {
            initial -= Contingency(market.SpotConfidence, market.Terms.BaseThreshold) * notional;
        }

        return new BookMargin(margin, initial, notional / stable);
    }

    // _calcNetBasicMarginSingleExpiry, for maintenance and initial at once, and the contingency of _getNetOptionMarginAndMtM
    private BookMargin Expiry(ExpiryLines expiry, out double shorts)
    {
        var years = move.YearsTo(expiry.Expiry, at);
        var forward = Wad(expiry.FixedForward) + (Wad(expiry.VariableForward) * factor);
        double maintenance = 0, initial = 0, mark = 0, netCalls = 0;
        var worst = WorstPayoff(expiry, 0);
        shorts = 0;
        foreach (var option in expiry.Options)
        {
            var quantity = Wad(option.Quantity);
            var value = quantity * BookPricing.Price(option, forward, Wad(option.Volatility) * move.VolatilityFactor, years);
            mark += value;
            netCalls += option.IsCall ? quantity : 0;
            worst = Math.Min(worst, WorstPayoff(expiry, Wad(option.Strike)));
            if (quantity <= 0)
            {
                var alone = option.IsCall ? Call(option, quantity, value) : Put(option, quantity, value);
                maintenance += alone.Maintenance;
                initial += alone.Initial;
                shorts -= quantity;
            }
        }

        var unpaired = Math.Min(0, netCalls) * forward;
        var confidence = Int128.Min(expiry.Confidence, market.SpotConfidence);
        return new BookMargin(
            Math.Max(maintenance, worst + (unpaired * Wad(market.Terms.UnpairedMmScale))),
            Math.Max(initial, worst + (unpaired * Wad(market.Terms.UnpairedImScale)))
                - (Contingency(confidence, market.Terms.OptionThreshold) * spot * shorts),
            mark);
    }

    private (double Maintenance, double Initial) Call(OptionLine option, double quantity, double value) =>
        (value + (Wad(market.Terms.MmCallSpotReq) * spot * quantity), (InitialShare(Wad(option.Strike) - spot) * spot * quantity) + value);

    private (double Maintenance, double Initial) Put(OptionLine option, double quantity, double value)
    {
        var maintenance = Math.Min(Wad(market.Terms.MmPutSpotReq) * spot * quantity, Wad(market.Terms.MmPutMtmReq) * value) + value;
        var initial = Math.Min((InitialShare(spot - Wad(option.Strike)) * spot * quantity) + value, maintenance * Wad(market.Terms.MmOffsetScale));
        return (maintenance, initial);
    }

    // Of the spot, less the further out of the money.
    private double InitialShare(double outOfTheMoney) =>
        Math.Max(Wad(market.Terms.MaxSpotReq) - (Math.Max(0, outOfTheMoney) / spot), Wad(market.Terms.MinSpotReq));

    private static double WorstPayoff(ExpiryLines expiry, double price)
    {
        var sum = 0.0;
        foreach (var option in expiry.Options)
        {
            var gap = price - Wad(option.Strike);
            sum += Wad(option.Quantity) * Math.Max(0, option.IsCall ? gap : -gap);
        }

        return Math.Min(0, sum);
    }

    private double Contingency(Int128 confidence, Int128 threshold) =>
        threshold != 0 && confidence < threshold ? (1 - Wad(confidence)) * Wad(market.Terms.OcFactor) : 0;

    private static double Wad(Int128 figure) => BookNumbers.Of(figure);
}
