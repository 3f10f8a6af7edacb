namespace DefiMonitor.Core.Risk.Derive;

/// <summary>One expiry of a portfolio under one move: IPMRM_2.ExpiryHoldings with its precomputed values.</summary>
internal sealed class PortfolioExpiry
{
    private const double ThirtyDays = 30 * 86_400;

    private readonly PortfolioTerms terms;
    private readonly ExpiryLines lines;
    private readonly double years;
    private readonly double fixedForward;
    private readonly double variableForward;
    private readonly double volatilityFactor;
    private readonly double discount;
    private readonly double gainDiscount;
    private readonly double lossDiscount;
    private readonly double volUp;
    private readonly double volDown;

    public PortfolioExpiry(PortfolioTerms terms, ExpiryLines lines, in BookMove move, double factor, ulong at)
    {
        this.terms = terms;
        this.lines = lines;
        years = move.YearsTo(lines.Expiry, at);
        fixedForward = Wad(lines.FixedForward);
        variableForward = Wad(lines.VariableForward) * factor;
        volatilityFactor = move.VolatilityFactor;
        var rate = Math.Max(0, Wad(lines.Rate));
        discount = Math.Exp(-rate * years);

        // _addStaticDiscount
        gainDiscount = Wad(terms.LongBaseStaticDiscount) * Math.Exp(-years * ((rate * Wad(terms.LongRateMultScale)) + Wad(terms.LongRateAddScale)));
        lossDiscount = Math.Min(1 / discount, Wad(terms.ShortBaseStaticDiscount) / Math.Exp(-years * ((rate * Wad(terms.ShortRateMultScale)) + Wad(terms.ShortRateAddScale))));

        // _addVolShocks
        var seconds = years * BookNumbers.SecondsPerYear;
        var power = seconds <= ThirtyDays ? terms.ShortTermPower : terms.LongTermPower;
        var scale = Math.Pow(ThirtyDays / Math.Max(seconds, terms.DteFloor), Wad(power));
        volUp = 1 + (Wad(terms.VolRangeUp) * scale);
        volDown = Math.Max(0, 1 - (Wad(terms.VolRangeDown) * scale));

        Mark = Value(1, VolShock.None);
        Basis = Math.Min(0, Math.Min(Value(Wad(terms.ScenarioSpotUp), VolShock.None) - Mark, Value(Wad(terms.ScenarioSpotDown), VolShock.None) - Mark))
            * (Wad(terms.BasisContAddFactor) + (Wad(terms.BasisContMultFactor) * years));
        foreach (var option in lines.Options)
        {
            Size += Math.Abs(Wad(option.Quantity));
        }

        NakedShorts = Naked();
    }

    public double Mark { get; }

    public double Basis { get; }

    /// <summary>netOptions: all quantities, signs left away.</summary>
    public double Size { get; }

    /// <summary>Shorts that no long at the same strike covers, calls and puts together.</summary>
    public double NakedShorts { get; }

    public double Profit(double spotShock, VolShock shock)
    {
        var value = shock is VolShock.Linear or VolShock.Abs ? Skewed(shock == VolShock.Linear) : Value(spotShock, shock);
        value *= value >= 0 ? gainDiscount : lossDiscount;
        var profit = value - Mark;
        return shock is VolShock.Linear or VolShock.Abs ? -Math.Abs(profit) : profit;
    }

    // _getExpiryShockedMTM
    private double Value(double spotShock, VolShock shock)
    {
        var forward = (variableForward * spotShock) + fixedForward;
        var multiplier = shock switch { VolShock.Up => volUp, VolShock.Down => volDown, _ => 1 };
        var floor = shock == VolShock.Up ? Wad(terms.MinVolUpShock) : 0;
        var sum = 0.0;
        foreach (var option in lines.Options)
        {
            sum += Wad(option.Quantity) * BookPricing.Price(option, forward, Math.Max(floor, Wad(option.Volatility) * volatilityFactor * multiplier), years);
        }

        return sum * discount;
    }

    // _getExpirySkewedShockedMTM
    private double Skewed(bool isLinear)
    {
        var forward = variableForward + fixedForward;
        var root = Math.Sqrt(years);
        var cap = isLinear ? (Wad(terms.LinearCBase) * root) + Wad(terms.LinearBaseCap) : (Wad(terms.AbsCBase) * root) + Wad(terms.AbsBaseCap);
        var width = Math.Max(Wad(terms.MinKStar), root * Wad(terms.WidthScale) * (Wad(terms.VolParamStatic) + (root * Wad(terms.VolParamScale))));
        var sum = 0.0;
        foreach (var option in lines.Options)
        {
            var k = Math.Log(Wad(option.Strike) / forward);
            k = isLinear ? k : Math.Abs(k);
            var tilt = k >= 0 ? Math.Min(cap, k * cap / width) : Math.Max(-cap, k * cap / width);
            sum += Wad(option.Quantity) * BookPricing.Price(option, forward, Wad(option.Volatility) * volatilityFactor * Math.Max(0, 1 + tilt), years);
        }

        return sum * discount;
    }

    // _addOptionContingency: of each strike, what is short beyond what is long.
    private double Naked()
    {
        var sum = 0.0;
        foreach (var strike in lines.Options.GroupBy(static option => option.Strike))
        {
            sum += Math.Max(0, -strike.Sum(static option => Wad(option.Quantity)));
        }

        return sum;
    }

    private static double Wad(Int128 figure) => BookNumbers.Of(figure);
}
