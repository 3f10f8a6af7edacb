using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>From an account's inputs, an instant and a shock to everything that is said of it. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    public MarginReport Build(EulerV2State state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            var account = AccountOf(state, instant.Seconds, shock);
            return IsElsewhere(state) ? Empty(state, account, instant) : account.Unknown is { } why ? Unknown(state, at, why) : Judge(state, account, instant);
        }
        catch (ArithmeticException error)
        {
            // Where a figure does not fit the contract reverts, and so there is nothing to be equal to.
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    /// <summary>Every rate times its asset's factor; a dearer unit of account makes everything else cheaper.</summary>
    public static AccountAt AccountOf(EulerV2State state, ulong at, Shock shock) => new(
        IsElsewhere(state) ? state with { Collaterals = [] } : state,
        at,
        !shock.MovesPrices ? null : (asset, rate) => asset == state.Unit ? rate : shock.ApplyQuote(state.Unit, shock.Apply(asset, rate)));

    public static NativeWord[] WordsOf(AccountAt account) => Words(
        account.Health.CollateralValue, account.Health.LiabilityValue, account.Debt, account.Totals.InterestAccumulator);

    /// <summary>The words of accountLiquidity(account, true), debtOf and interestAccumulator. Values in the unit of account.</summary>
    public static NativeWord[] Words(in UInt256 collateralValue, in UInt256 liabilityValue, in UInt256 debt, in UInt256 accumulator) =>
    [
        new("collateralValue", collateralValue),
        new("liabilityValue", liabilityValue),
        new("debtOf", debt),
        new("interestAccumulator", accumulator),
    ];

    // Another vault controls the account, or none does: its collaterals stand for nothing here.
    private static bool IsElsewhere(EulerV2State state) => !state.IsController && state.Owed.IsZero;

    private MarginReport Judge(EulerV2State state, AccountAt account, Instant at)
    {
        var health = account.Health;
        var verdict = Verdicts.Of(health);
        var scale = new ValueScale(state.UnitFace);
        var report = Empty(state, account, at) with
        {
            Status = verdict.Status,
            CollateralValue = scale.Of(health.RawValue),
            DebtValue = scale.Of(health.LiabilityValue),
            MarginBalance = scale.Of(health.MarginBalance),
            MaintenanceRequirement = scale.Of(health.LiabilityValue),
            HealthFactor = health.LiabilityValue.IsZero ? null : verdict.HealthFactor,
            Positions = Positions(state, account, scale),
            Actions = Computed.Later<ActionCheck>(() => Actions.Of(account)),
        };
        if (health.LiabilityValue.IsZero)
        {
            return report;
        }

        // Looked at only where something is told: see Computed.Later.
        return report with
        {
            NearestThreshold = FixedPoint.Wad,
            Blocked = report.IsBelowEdge ? LiquidationGate.Of(account) : [],
            Triggers = Computed.Later<Trigger>(() => [Triggers.Liquidation(account, scale)]),
            Liquidations = report.IsBelowEdge ? Computed.Later<LiquidationQuote>(() => LiquidationQuotes.Of(account, scale)) : [],
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(account, scale, options.TargetHealth)),
        };
    }

    private static List<Position> Positions(EulerV2State state, AccountAt account, in ValueScale scale)
    {
        var positions = new List<Position>();
        foreach (var leg in account.Legs)
        {
            if (leg.State.Unread is not null)
            {
                continue;
            }

            var chain = leg.Chain;
            positions.Add(new Position
            {
                Side = PositionSide.Collateral,
                Asset = leg.State.Asset,
                Symbol = leg.State.Face.Symbol.ToString(),
                Decimals = leg.State.Face.Decimals,
                Amount = leg.State.ConvertsFirst ? chain.First(leg.Shares) : leg.Shares,
                Shares = leg.Shares,
                Holding = leg.State.Vault,
                Price = scale.PriceOf(chain, leg.State.ConvertsFirst ? 1 : 0, leg.State.Face),
                Value = scale.Of(leg.Value),
                ThresholdBps = leg.Ltv,
                Counts = leg.Ltv != 0,
            });
        }

        if (!account.Debt.IsZero)
        {
            positions.Add(new Position
            {
                Side = PositionSide.Debt,
                Asset = state.Asset,
                Symbol = state.Face.Symbol.ToString(),
                Decimals = state.Face.Decimals,
                Amount = account.Debt,

                // What it would have been when the vault began: it does not grow. Cut to whole units, because a later reading rounds the parts of one once more.
                Shares = UInt256.MulDiv(state.Owed, FixedPoint.Ray, state.Accumulator, Rounding.HalfUp) >> Owed.PrecisionShift,
                Price = scale.PriceOf(account.Debts, 0, state.Face),
                Value = scale.Of(account.Health.LiabilityValue),
            });
        }

        return positions;
    }

    private static MarginReport Empty(EulerV2State state, AccountAt account, Instant at) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Healthy,
        Tag = state.IsStored ? ResultTag.Exact : ResultTag.ChainView,
        Unit = UnitsOfAccount.IsCurrency(state.Unit) ? state.UnitFace.Symbol.ToString() : TokenUnit.Of(state.UnitFace.Symbol.ToString()),
        UnitDecimals = new ValueScale(state.UnitFace).Decimals,
        NativeWords = WordsOf(account),
    };

    private static MarginReport Unknown(EulerV2State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
    };
}
