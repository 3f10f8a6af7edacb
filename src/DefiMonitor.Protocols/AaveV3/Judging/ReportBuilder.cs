using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>From an account's inputs, an instant and a shock to everything that is said of it. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    public MarginReport Build(AaveV3State state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            var used = state.Reserves.Where(reserve => state.Configuration.Uses(reserve.Id)).ToList();
            var account = AccountOf(state, used, instant.Seconds, shock);
            return Judge(state, used, account, instant, shock);
        }
        catch (ArithmeticException error)
        {
            // Where a sum does not fit 256 bits the contract reverts, and so there is nothing to be equal to.
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    public static AccountAt AccountOf(AaveV3State state, IReadOnlyList<AaveReserveState> used, ulong at, Shock shock)
    {
        var inputs = new LegInputs[used.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = InputsOf(used[i], shock);
        }

        return new AccountAt(state.Version, inputs, at);
    }

    public static AccountData WordsOf(AaveV3State state, ulong at)
    {
        var used = state.Reserves.Where(reserve => state.Configuration.Uses(reserve.Id)).ToList();
        return AccountData.Of(state.Version, AccountOf(state, used, at, Shock.None).Sum);
    }

    private static LegInputs InputsOf(AaveReserveState reserve, Shock shock) => new(
        reserve.Id,
        reserve.PriceSource,
        shock.Apply(reserve.PriceSource, reserve.Price),
        reserve.Configuration.Unit,
        reserve.Indexes,
        reserve.ScaledSupply,
        reserve.ScaledDebt,
        reserve.OtherDebt,
        reserve.Terms);

    private MarginReport Judge(AaveV3State state, List<AaveReserveState> used, AccountAt account, Instant at, Shock shock)
    {
        var words = AccountData.Of(state.Version, account.Sum);
        var verdict = Verdicts.Of(account.Sum, account.HealthFactor);
        var hasDebt = !account.Sum.Debt.IsZero;
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = verdict.Status,
            Tag = state.IsTentative ? ResultTag.ChainView : ResultTag.Exact,
            Unit = state.BaseDecimals == 8 ? "USD" : "base",
            UnitDecimals = state.BaseDecimals,
            CollateralValue = account.Sum.Collateral,
            DebtValue = account.Sum.Debt,
            MarginBalance = account.Sum.Backing(state.Version),
            MaintenanceRequirement = account.Sum.Debt,
            HealthFactor = hasDebt ? account.HealthFactor : null,
            Positions = Positions.Of(state, account, shock),
            NativeWords = WordsAsNative(words),
            Actions = Computed.Later<ActionCheck>(() => Actions.Of(state, used, account)),
        };
        if (!hasDebt)
        {
            return report;
        }

        var isBelowEdge = report.IsBelowEdge;
        var gate = isBelowEdge ? LiquidationGate.Of(state, used, account) : null;
        return report with
        {
            NearestThreshold = AccountData.LiquidationThresholdHealth,
            Triggers = Computed.Later<Trigger>(() => [Triggers.Liquidation(used, account)]),
            Blocked = gate is null ? [] : gate.Blocked,
            Liquidations = gate is null ? [] : Computed.Later<LiquidationQuote>(() => Quotes.Of(used, account, gate)),
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(used, account, options.TargetHealth)),
        };
    }

    private static NativeWord[] WordsAsNative(in AccountData words)
    {
        var native = new NativeWord[AccountData.WordCount];
        for (var i = 0; i < native.Length; i++)
        {
            native[i] = new NativeWord(AccountData.WordNames[i], words.Word(i));
        }

        return native;
    }

    private static MarginReport Unknown(AaveV3State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
        UnitDecimals = state.BaseDecimals,
    };
}
