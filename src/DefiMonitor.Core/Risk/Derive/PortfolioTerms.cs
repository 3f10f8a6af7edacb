namespace DefiMonitor.Core.Risk.Derive;

/// <summary>IPMRM_2.VolShockDirection.</summary>
public enum VolShock
{
    None,
    Up,
    Down,

    /// <summary>The smile tilted.</summary>
    Linear,

    /// <summary>The wings raised.</summary>
    Abs,
}

/// <summary>IPMRM_2.Scenario; 18 decimals.</summary>
/// <param name="Dampening">What part of the change counts.</param>
public sealed record PortfolioScenario(Int128 SpotShock, VolShock VolShock, Int128 Dampening);

/// <param name="Balance">Units of the asset.</param>
/// <param name="MovesWithSpot">isRiskCancelling: the scenarios shock it with the underlying.</param>
public sealed record CollateralLine(Int128 Balance, Int128 Price, Int128 Confidence, bool MovesWithSpot, Int128 MmHaircut, Int128 ImHaircut);

/// <summary>Parameters of PMRMLib_2 by their names there; 18 decimals, <see cref="DteFloor"/> in seconds.</summary>
public sealed record PortfolioTerms
{
    public required Int128 ImFactor { get; init; }

    public required Int128 MmFactor { get; init; }

    public required Int128 ShortRateMultScale { get; init; }

    public required Int128 LongRateMultScale { get; init; }

    public required Int128 ShortRateAddScale { get; init; }

    public required Int128 LongRateAddScale { get; init; }

    public required Int128 ShortBaseStaticDiscount { get; init; }

    public required Int128 LongBaseStaticDiscount { get; init; }

    public required Int128 VolRangeUp { get; init; }

    public required Int128 VolRangeDown { get; init; }

    public required Int128 ShortTermPower { get; init; }

    public required Int128 LongTermPower { get; init; }

    public required ulong DteFloor { get; init; }

    public required Int128 MinVolUpShock { get; init; }

    public required Int128 ScenarioSpotUp { get; init; }

    public required Int128 ScenarioSpotDown { get; init; }

    public required Int128 BasisContAddFactor { get; init; }

    public required Int128 BasisContMultFactor { get; init; }

    public required Int128 PegLossThreshold { get; init; }

    public required Int128 PegLossFactor { get; init; }

    public required Int128 ConfThreshold { get; init; }

    public required Int128 ConfMargin { get; init; }

    public required Int128 MmPerpPercent { get; init; }

    public required Int128 ImPerpPercent { get; init; }

    public required Int128 MmOptionPercent { get; init; }

    public required Int128 ImOptionPercent { get; init; }

    public required Int128 LinearBaseCap { get; init; }

    public required Int128 AbsBaseCap { get; init; }

    public required Int128 LinearCBase { get; init; }

    public required Int128 AbsCBase { get; init; }

    public required Int128 MinKStar { get; init; }

    public required Int128 WidthScale { get; init; }

    public required Int128 VolParamStatic { get; init; }

    public required Int128 VolParamScale { get; init; }
}
