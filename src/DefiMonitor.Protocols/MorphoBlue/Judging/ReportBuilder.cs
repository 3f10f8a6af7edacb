using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>From an account's inputs, an instant and a shock to everything that is said of it. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    public MarginReport Build(MorphoBlueState state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            var shocked = state with { PreLiquidations = [.. state.PreLiquidations.Select(pre => pre with { Price = Shocked(state, pre.Price, shock) })] };
            return Judge(shocked, PositionOf(state, instant.Seconds, shock), instant);
        }
        catch (ArithmeticException error)
        {
            // Where a figure does not fit the contract reverts, and so there is nothing to be equal to.
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    public static PositionAt PositionOf(MorphoBlueState state, ulong at, Shock shock) => new(
        state.Interest, state.BorrowShares, state.CollateralAmount, Shocked(state, state.Price, shock), state.Parameters.Lltv, at);

    public static NativeWord[] WordsOf(PositionAt position) => Words(position.Totals, position.BorrowShares, position.Collateral, position.Price, position.Health);

    /// <summary>The figures that the contract's verdict follows from, interest included. Sums in loan assets.</summary>
    public static NativeWord[] Words(in MarketTotals totals, UInt128 borrowShares, UInt128 collateral, in UInt256 price, in Health health) =>
    [
        new("totalSupplyAssets", totals.SupplyAssets),
        new("totalSupplyShares", totals.SupplyShares),
        new("totalBorrowAssets", totals.BorrowAssets),
        new("totalBorrowShares", totals.BorrowShares),
        new("borrowShares", borrowShares),
        new("collateral", collateral),
        new("price", price),
        new("borrowed", health.Debt),
        new("maxBorrow", health.MaxBorrow),
    ];

    // An oracle quotes the collateral in the loan token: a dearer loan token is a cheaper collateral.
    private static UInt256 Shocked(MorphoBlueState state, in UInt256 quoted, Shock shock) =>
        shock.ApplyQuote(state.Parameters.LoanToken, shock.Apply(state.Parameters.CollateralToken, quoted));

    private MarginReport Judge(MorphoBlueState state, PositionAt position, Instant at)
    {
        var health = position.Health;
        var verdict = Verdicts.Of(health);
        var scale = new ValueScale(state.Loan, state.Collateral);
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = verdict.Status,
            Tag = state.Interest.Kind == IrmKind.Unknown ? ResultTag.ChainView : ResultTag.Exact,
            Unit = TokenUnit.Of(state.Loan.Symbol.ToString()),
            UnitDecimals = scale.Decimals,
            CollateralValue = scale.OfLoan(health.CollateralValue),
            DebtValue = scale.OfLoan(health.Debt),
            MarginBalance = scale.OfLoan(health.MaxBorrow),
            MaintenanceRequirement = scale.OfLoan(health.Debt),
            HealthFactor = health.Debt.IsZero ? null : verdict.HealthFactor,
            Positions = Positions(state, position, scale),
            NativeWords = WordsOf(position),
            Actions = Computed.Later<ActionCheck>(() => Actions.Of(state, position)),
        };
        if (health.Debt.IsZero)
        {
            return report;
        }

        // Looked at only where something is told: see Computed.Later.
        return report with
        {
            NearestThreshold = PreLiquidationTriggers.Nearest(state, position),
            HasMovingThreshold = PreLiquidationTriggers.CanMove(state),
            Triggers = Computed.Later<Trigger>(() => [Triggers.Liquidation(state, position, scale), .. Computed.Later(() => PreLiquidationTriggers.Of(state, position, scale))]),
            Liquidations = report.IsBelowEdge ? Computed.Later<LiquidationQuote>(() => Quotes.Of(state, position, scale))
                : state.PreLiquidations.Count > 0 ? Computed.Later<LiquidationQuote>(() => PreLiquidationTriggers.Quotes(state, position, scale)) : [],
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(state, position, scale, options.TargetHealth)),
        };
    }

    private static List<Position> Positions(MorphoBlueState state, PositionAt position, in ValueScale scale)
    {
        var positions = new List<Position>();
        if (position.Collateral != 0)
        {
            positions.Add(new Position
            {
                Side = PositionSide.Collateral,
                Asset = state.Parameters.CollateralToken,
                Symbol = state.Collateral.Symbol.ToString(),
                Decimals = state.Collateral.Decimals,
                Amount = position.Collateral,
                Shares = position.Collateral,
                Price = scale.OfPrice(position.Price),
                Oracle = state.Parameters.Oracle,
                Value = scale.OfLoan(position.Health.CollateralValue),
                ThresholdBps = (uint)(position.Lltv * FixedPoint.BpsOne / FixedPoint.Wad),
            });
        }

        if (!position.Health.Debt.IsZero)
        {
            positions.Add(new Position
            {
                Side = PositionSide.Debt,
                Asset = state.Parameters.LoanToken,
                Symbol = state.Loan.Symbol.ToString(),
                Decimals = state.Loan.Decimals,
                Amount = position.Health.Debt,
                Shares = position.BorrowShares,
                Price = scale.One,
                Value = scale.OfLoan(position.Health.Debt),
            });
        }

        return positions;
    }

    private static MarginReport Unknown(MorphoBlueState state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
    };
}
