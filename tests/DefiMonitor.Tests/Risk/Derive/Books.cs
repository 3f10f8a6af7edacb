using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Tests.Risk.Derive;

/// <summary>Books with the parameters that Derive's own unit tests set up (derivexyz/v2-core at 7736900d, test/config-test.sol and the portfolio cases).</summary>
internal static class Books
{
    public const ulong Now = 1_700_000_000;

    /// <summary>A figure with 18 decimals.</summary>
    public static Int128 Wad(double figure) => (Int128)((decimal)figure * 1_000_000_000_000_000_000m);

    public static StandardTerms StandardTerms { get; } = new()
    {
        MmPerpReq = Wad(0.05),
        ImPerpReq = Wad(0.065),
        MaxSpotReq = Wad(0.15),
        MinSpotReq = Wad(0.10),
        MmCallSpotReq = Wad(0.075),
        MmPutSpotReq = Wad(0.075),
        MmPutMtmReq = Wad(0.075),
        UnpairedImScale = Wad(1.2),
        UnpairedMmScale = Wad(1.1),
        MmOffsetScale = Wad(1.05),
        MarginFactor = Wad(0.8),
        ImScale = Wad(1),
        PerpThreshold = Wad(0.4),
        OptionThreshold = Wad(0.4),
        BaseThreshold = Wad(0.4),
        OcFactor = Wad(0.4),
    };

    public static PortfolioTerms PortfolioTerms { get; } = new()
    {
        ImFactor = Wad(1),
        MmFactor = Wad(0.8),
        ShortRateMultScale = Wad(0.5),
        LongRateMultScale = Wad(1),
        ShortRateAddScale = Wad(0.08),
        LongRateAddScale = Wad(0.08),
        ShortBaseStaticDiscount = Wad(1.04),
        LongBaseStaticDiscount = Wad(0.95),
        VolRangeUp = Wad(0.5),
        VolRangeDown = Wad(0.275),
        ShortTermPower = Wad(0.3),
        LongTermPower = Wad(0.13),
        DteFloor = 86_400,
        MinVolUpShock = Wad(0.45),
        ScenarioSpotUp = Wad(1.045),
        ScenarioSpotDown = Wad(0.955),
        BasisContAddFactor = Wad(0.5),
        BasisContMultFactor = Wad(2),
        PegLossThreshold = Wad(0.98),
        PegLossFactor = Wad(2),
        ConfThreshold = Wad(0.55),
        ConfMargin = Wad(1),
        MmPerpPercent = Wad(0.015),
        ImPerpPercent = Wad(0.005),
        MmOptionPercent = Wad(0.003),
        ImOptionPercent = Wad(0.002),
        LinearBaseCap = Wad(0.15),
        AbsBaseCap = Wad(0.15),
        LinearCBase = Wad(-0.05),
        AbsCBase = Wad(-0.05),
        MinKStar = Wad(0.01),
        WidthScale = Wad(4),
        VolParamStatic = Wad(0.6),
        VolParamScale = Wad(-0.1),
    };

    public static IReadOnlyList<PortfolioScenario> Scenarios { get; } =
    [
        Scenario(1.18, VolShock.Up), Scenario(1.135, VolShock.Down), Scenario(1.135, VolShock.None), Scenario(1.135, VolShock.Up), Scenario(1, VolShock.Up),
        Scenario(0.865, VolShock.Down), Scenario(0.865, VolShock.None), Scenario(0.865, VolShock.Up), Scenario(0.82, VolShock.Up),
        Scenario(4, VolShock.Up, 0.012), Scenario(1, VolShock.Linear), Scenario(1, VolShock.Abs),
    ];

    public static OptionLine Call(double strike, double quantity, double volatility = 0.5) => new(true, Wad(strike), Wad(quantity), Wad(volatility));

    public static OptionLine Put(double strike, double quantity, double volatility = 0.5) => new(false, Wad(strike), Wad(quantity), Wad(volatility));

    public static ExpiryLines Expiry(ulong seconds, double forward, params OptionLine[] options) => new(Now + seconds, 0, Wad(forward), 0, Wad(1), options);

    public static StandardMarket Market(double spot, params ExpiryLines[] expiries) => new(Wad(spot), Wad(1), default, 0, expiries, StandardTerms);

    public static StandardBook Standard(double cash, params StandardMarket[] markets) => new()
    {
        At = Now,
        Cash = Wad(cash),
        StablePrice = Wad(1),
        DepegThreshold = Wad(0.98),
        DepegFactor = Wad(1.2),
        Markets = markets,
    };

    public static PortfolioBook PortfolioOf(double cash, double spot, params ExpiryLines[] expiries) => new()
    {
        At = Now,
        Cash = Wad(cash),
        StablePrice = Wad(1),
        Spot = Wad(spot),
        SpotConfidence = Wad(1),
        Perp = default,
        Collaterals = [],
        Lines = expiries,
        Terms = PortfolioTerms,
        Scenarios = Scenarios,
    };

    private static PortfolioScenario Scenario(double spot, VolShock shock, double dampening = 1) => new(Wad(spot), shock, Wad(dampening));
}
