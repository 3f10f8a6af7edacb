using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>From an owner's inputs, an instant and a shock to everything that is said of him. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    private const int Decimals = 18;

    public MarginReport Build(LyraV1State state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            return Judge(state, Requirements.Of(state, Shocked(state, shock), instant.Seconds), instant);
        }
        catch (ArithmeticException error)
        {
            // Where a figure does not fit the contract reverts, and so there is nothing to be equal to.
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    /// <summary>The spot, and of each position its size and collateral and, while it is a live short, what it must hold.</summary>
    public static NativeWord[] WordsOf(LyraV1State state, Requirements requirements) =>
    [
        new("spotPrice", requirements.Spot),
        .. state.Positions.SelectMany(position => Words(position, position.IsLiveShort(requirements.At) ? requirements.Of(position) : null)),
    ];

    public static IEnumerable<NativeWord> Words(PositionState position, UInt256? minimum)
    {
        yield return new NativeWord($"position {position.Id} amount", position.Amount);
        yield return new NativeWord($"position {position.Id} collateral", position.Collateral);
        if (minimum is { } required)
        {
            yield return new NativeWord($"position {position.Id} minCollateral", required);
        }
    }

    // The spot is quoted in the quote asset: a dearer quote is a cheaper base.
    private static UInt256 Shocked(LyraV1State state, Shock shock) => shock.ApplyQuote(state.QuoteAsset, shock.Apply(state.BaseAsset, state.Spot));

    private MarginReport Judge(LyraV1State state, Requirements requirements, Instant at)
    {
        var shorts = state.Positions.Where(position => position.IsLiveShort(at.Seconds))
            .Select(position => new ShortMargin(position, requirements.Of(position)))
            .OrderBy(static margin => margin.Factor)
            .ToList();
        var legs = new OptionLegs(state, requirements);
        var positions = legs.All();
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = shorts.Exists(static margin => margin.IsLiquidatable) ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            Unit = TokenUnit.Of(state.QuoteSymbol),
            UnitDecimals = Decimals,
            CollateralValue = Computed.Sum(positions, PositionSide.Collateral),
            DebtValue = Computed.Sum(positions, PositionSide.Debt),
            Positions = positions,
            NativeWords = WordsOf(state, requirements),
        };
        if (shorts.Count == 0)
        {
            return report;
        }

        var worst = shorts[0];
        var unit = worst.Position.Type == OptionType.ShortCallBase ? requirements.Spot : FixedPoint.Wad;
        var shocked = state with { Spot = requirements.Spot };
        return report with
        {
            MarginBalance = Computed.OrWorst(PositionSide.Collateral, () => FixedPoint.MulDivFloor(worst.Position.Collateral, unit, FixedPoint.Wad)),
            MaintenanceRequirement = Computed.OrWorst(PositionSide.Debt, () => FixedPoint.MulDivFloor(worst.Minimum, unit, FixedPoint.Wad)),
            HealthFactor = worst.Factor,
            Blocked = worst.IsLiquidatable && shorts.TrueForAll(static margin => !margin.IsLiquidatable || margin.Position.IsFrozen)
                ? [new Blocked("paused", "The board is frozen: nothing on it can be liquidated until it is thawed.")]
                : [],
            NearestThreshold = FixedPoint.Wad,
            HasMovingThreshold = true,
            NearEdges = Computed.Later<PriceEdge>(() => Triggers.NearEdges(shocked, shorts, at.Seconds)),
            Triggers = Computed.Later<Trigger>(() => [.. shorts.Select(margin => Triggers.Of(shocked, margin, at.Seconds))]),
            Liquidations = report.IsBelowEdge ? Computed.Later<LiquidationQuote>(() => [.. shorts.Where(static margin => margin.IsLiquidatable).Select(margin => Quotes.Of(shocked, margin, legs))]) : [],
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(shocked, shorts, options.TargetHealth)),
        };
    }

    private static MarginReport Unknown(LyraV1State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
    };
}
