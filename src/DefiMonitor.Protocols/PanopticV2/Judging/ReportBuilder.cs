using System.Numerics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>From a user's inputs and a shock to everything that is said of him. Pure. The verdict is the pool's at the block, whatever the instant.</summary>
internal sealed class ReportBuilder
{
    public MarginReport Build(PanopticV2State state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        try
        {
            var instant = at + shock.Seconds;
            return shock.MovesPrices ? Shocked(state, instant, shock) : Judge(state, instant);
        }
        catch (Exception error) when (error is ArithmeticException or ArgumentOutOfRangeException)
        {
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    public static NativeWord[] WordsOf(PanopticV2State state) =>
    [
        new("numberOfLegs", state.Legs), new("assets0", state.Assets0), new("assets1", state.Assets1),
        .. state.Positions.Count == 0 ? (NativeWord[])[] : [new("shortPremium", state.ShortPremium), new("longPremium", state.LongPremium), new("poolVerdict", (uint)state.Verdict)],
    ];

    private static MarginReport Judge(PanopticV2State state, Instant at)
    {
        var units = new PoolUnits(state);
        var positions = new PoolLegs(state, units).All();
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = state.Verdict == PoolVerdict.Insolvent && state.Positions.Count > 0 ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            Tag = ResultTag.ChainView,
            Unit = TokenUnit.Of(state.Token1.Symbol),
            UnitDecimals = PoolUnits.Decimals,
            CollateralValue = units.ValueOf0(state.Assets0, state.Ticks.Current) + units.ValueOf1(state.Assets1),
            Positions = positions,
            NativeWords = WordsOf(state),
        };
        if (state.Positions.Count == 0)
        {
            return report;
        }

        var (balance, requirement, inToken0) = Solvency.Weakest(state.Margin, state.CrossBuffer0, state.CrossBuffer1);
        UInt256 Value(in BigInteger amount) => inToken0 ? units.ValueOf0((UInt256)amount, state.Margin.Tick) : units.ValueOf1((UInt256)amount);
        return report with
        {
            MarginBalance = Value(balance),
            MaintenanceRequirement = Value(requirement),
            HealthFactor = PoolMargin.Health(state),
            NearestThreshold = FixedPoint.Wad,
            HasMovingThreshold = true,
            NearEdges = state.Probes.Count == 0 ? null : Computed.Later<PriceEdge>(() => Edges(state, units)),
            Triggers = Computed.Later<Trigger>(() => [TriggerOf(state, units)]),
        };
    }

    // By the block's own probes, so an estimate in time: the premia and the interest stand still. Beyond the outermost of them, and from a verdict that is not clear, nothing is known.
    private static MarginReport Shocked(PanopticV2State state, Instant at, Shock shock)
    {
        var report = Judge(state, at) with { Tag = ResultTag.Model };
        if (state.Positions.Count == 0)
        {
            return report;
        }

        var units = new PoolUnits(state);
        var now = units.PriceAt(state.Ticks.Current);
        var price = shock.ApplyQuote(state.Token1.Address, shock.Apply(state.Token0.Address, now));
        if (price == now)
        {
            return report with { Tag = ResultTag.ChainView };
        }

        if (state.Verdict != PoolVerdict.Solvent || state.Probes.Count == 0)
        {
            return Unknown(state, at, "What another price would change is told of solvent accounts only, by probes of the block.");
        }

        var crossed = Edges(state, units).Any(edge => edge.Side == EdgeSide.Falls ? price <= edge.Price : price >= edge.Price);
        if (!crossed && (price < units.PriceAt(state.Probes.Min(static probe => probe.Tick)) || price > units.PriceAt(state.Probes.Max(static probe => probe.Tick))))
        {
            return Unknown(state, at, "The price lies beyond all that was probed.");
        }

        return report with
        {
            Status = crossed ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            HealthFactor = crossed ? UInt256.Min(report.HealthFactor ?? FixedPoint.Wad, FixedPoint.Wad - UInt256.One) : UInt256.Max(report.HealthFactor ?? FixedPoint.Wad, FixedPoint.Wad),
        };
    }

    private static Trigger TriggerOf(PanopticV2State state, PoolUnits units)
    {
        var edges = Edges(state, units);
        var falls = edges.FirstOrDefault(static edge => edge.Side == EdgeSide.Falls);
        return new Trigger
        {
            Kind = TriggerKind.Liquidation,
            Threshold = FixedPoint.Wad,
            Active = state.Verdict == PoolVerdict.Insolvent,
            UniformFallPpm = state.Verdict == PoolVerdict.Insolvent ? 0 : falls is null ? null : Shock.FallTo(falls.Price, falls.CurrentPrice),
            Edges = edges,
        };
    }

    private static List<PriceEdge> Edges(PanopticV2State state, PoolUnits units)
    {
        var edges = new List<PriceEdge>();
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            if (ProbePlan.Edge(state.Ticks.Current, state.Probes, side) is { } edge)
            {
                edges.Add(new PriceEdge(
                    state.Token0.Address, state.Token0.Symbol, side < 0 ? EdgeSide.Falls : EdgeSide.Rises, units.PriceAt(edge.Insolvent), units.PriceAt(state.Ticks.Current)));
            }
        }

        return edges;
    }

    private static MarginReport Unknown(PanopticV2State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
        Tag = ResultTag.ChainView,
    };
}
