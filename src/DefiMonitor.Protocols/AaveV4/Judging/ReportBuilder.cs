using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>From an account's inputs, an instant and a shock to everything that is said of it. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    public MarginReport Build(AaveV4State state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            return Judge(AccountOf(state, instant.Seconds, shock), instant, shock);
        }
        catch (ArithmeticException error)
        {
            // Where a figure does not fit the contract reverts, and so there is nothing to be equal to.
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    public static AccountAt AccountOf(AaveV4State state, ulong at, Shock shock) =>
        new(state, at, !shock.MovesPrices ? null : reserve => shock.Apply(reserve.Asset, reserve.Price));

    public static NativeWord[] Words(in AccountData data)
    {
        var native = new NativeWord[AccountData.WordCount];
        for (var i = 0; i < native.Length; i++)
        {
            native[i] = new NativeWord(AccountData.WordNames[i], data.Word(i));
        }

        return native;
    }

    private MarginReport Judge(AccountAt account, Instant at, Shock shock)
    {
        var state = account.State;
        var sum = account.Sum;
        var verdict = Verdicts.Of(sum);
        var debt = ValueScale.Up(RayMath.FromRayUp(sum.DebtRay));
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = verdict.Status,
            UnitDecimals = ValueScale.Decimals,
            CollateralValue = ValueScale.Down(sum.Collateral),
            DebtValue = debt,
            MarginBalance = ValueScale.Down(sum.Weighted / FixedPoint.BpsOne),
            MaintenanceRequirement = debt,
            HealthFactor = sum.DebtRay.IsZero ? null : verdict.HealthFactor,
            Positions = Positions.Of(account, shock),
            NativeWords = Words(account.Data),
        };
        if (sum.DebtRay.IsZero)
        {
            return report;
        }

        // Edges and sizes are looked at only where something is told: see Computed.Later.
        var gate = report.IsBelowEdge ? LiquidationGate.Of(account) : null;
        return report with
        {
            NearestThreshold = AccountData.Threshold,
            Triggers = Computed.Later<Trigger>(() => [Triggers.Liquidation(account)]),
            Blocked = gate is null ? [] : gate.Blocked,
            Liquidations = gate is null ? [] : Computed.Later<LiquidationQuote>(() => Quotes.Of(account, gate)),
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(account, options.TargetHealth)),
            Actions = Computed.Later<ActionCheck>(() => Actions.Of(account)),
        };
    }

    private static MarginReport Unknown(AaveV4State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
        UnitDecimals = ValueScale.Decimals,
    };
}
