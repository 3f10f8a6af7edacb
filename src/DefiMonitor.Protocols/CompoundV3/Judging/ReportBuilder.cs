using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>From an account's inputs, an instant and a shock to everything that is said of it. Pure.</summary>
internal sealed class ReportBuilder(CompoundV3Deployment deployment, ProtocolOptions options)
{
    /// <summary>Of one bps in a factor.</summary>
    private const ulong FactorOfBps = 100_000_000_000_000;

    public MarginReport Build(CompoundV3State state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            var account = AccountOf(state, instant.Seconds, shock);
            return PriceOfNothing(state, account) is { } symbol
                ? Unknown(state, at, $"At a price of 0 for {symbol} the contract reverts.")
                : Judge(state, account, instant);
        }
        catch (ArithmeticException error)
        {
            // Where a figure does not fit the contract reverts, and so there is nothing to be equal to.
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    public static AccountAt AccountOf(CompoundV3State state, ulong at, Shock shock)
    {
        var held = new HeldAsset[state.Collaterals.Count];
        for (var i = 0; i < held.Length; i++)
        {
            var collateral = state.Collaterals[i];
            held[i] = collateral.Held with { Price = shock.Apply(collateral.Asset, collateral.Held.Price) };
        }

        return new AccountAt(state.Parameters, state.Totals, state.Principal, shock.Apply(state.Parameters.BaseToken, state.BasePrice), held, at);
    }

    public static NativeWord[] WordsOf(CompoundV3State state, AccountAt account) => Words(
        account.Principal, Held(state), account.Totals, (UInt128)Int128.Max(0, account.Balance), account.Debt, account.Health,
        account.SeenHealth.IsLiquidatable, account.SeenHealth.IsBorrowCollateralized);

    /// <summary>The contract's own words on an account, and the sums that its verdict follows from. The two flags are the views', which do not accrue.</summary>
    public static NativeWord[] Words(
        Int128 principal, uint held, in BaseTotals totals, in UInt256 balance, in UInt256 debt, in Health health, bool isLiquidatable, bool isBorrowCollateralized) =>
    [
        new("totalSupplyBase", totals.TotalSupply),
        new("totalBorrowBase", totals.TotalBorrow),
        new("supplyPrincipal", (UInt128)Int128.Max(0, principal)),
        new("borrowPrincipal", (UInt128)Int128.Max(0, -principal)),
        new("assetsIn", held),
        new("balanceOf", balance),
        new("borrowBalanceOf", debt),
        new("debtValue", health.DebtValue),
        new("liquidationValue", health.LiquidationValue),
        new("borrowValue", health.BorrowValue),
        new("isLiquidatable", isLiquidatable ? UInt256.One : UInt256.Zero),
        new("isBorrowCollateralized", isBorrowCollateralized ? UInt256.One : UInt256.Zero),
    ];

    private static uint Held(CompoundV3State state)
    {
        var held = 0u;
        foreach (var collateral in state.Collaterals)
        {
            held |= 1u << collateral.Offset;
        }

        return held;
    }

    private static string? PriceOfNothing(CompoundV3State state, AccountAt account)
    {
        for (var i = 0; i < account.Held.Length; i++)
        {
            if (account.Held[i].Price.IsZero)
            {
                return state.Collaterals[i].Symbol;
            }
        }

        return account.Principal != 0 && account.BasePrice.IsZero ? state.BaseSymbol : null;
    }

    private MarginReport Judge(CompoundV3State state, AccountAt account, Instant at)
    {
        var health = account.Health;
        var verdict = Verdicts.Of(health);
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = verdict.Status,
            Tag = state.IsCertain ? ResultTag.Exact : ResultTag.ChainView,
            Unit = deployment.Unit,
            UnitDecimals = 8,
            CollateralValue = health.CollateralValue,
            DebtValue = health.DebtValue,
            MarginBalance = health.LiquidationValue,
            MaintenanceRequirement = health.DebtValue,
            HealthFactor = health.DebtValue.IsZero ? null : verdict.HealthFactor,
            Positions = Positions(state, account),
            NativeWords = WordsOf(state, account),
            Actions = Computed.Later<ActionCheck>(() => Actions.Of(state, account)),
        };
        if (health.DebtValue.IsZero)
        {
            return report;
        }

        // Looked at only where something is told: see Computed.Later.
        return report with
        {
            Blocked = report.IsBelowEdge && (state.Totals.PauseFlags & PauseFlags.Absorb) != 0 ? [new Blocked("paused", "Absorbing is paused in this market.")] : [],
            NearestThreshold = FixedPoint.Wad,
            Triggers = Computed.Later<Trigger>(() => [Triggers.Liquidation(state, account)]),
            Liquidations = report.IsBelowEdge ? Computed.Later<LiquidationQuote>(() => Quotes.Of(state, account)) : [],
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(state, account, options.TargetHealth)),
        };
    }

    private static List<Position> Positions(CompoundV3State state, AccountAt account)
    {
        var positions = new List<Position>();
        for (var i = 0; i < state.Collaterals.Count; i++)
        {
            var held = account.Held[i];
            positions.Add(new Position
            {
                Side = PositionSide.Collateral,
                Asset = state.Collaterals[i].Asset,
                Symbol = state.Collaterals[i].Symbol,
                Decimals = Scales.Decimals(held.Terms.Scale),
                Amount = held.Balance,
                Shares = held.Balance,
                Price = held.Price,
                Value = held.Value,
                ThresholdBps = (uint)(held.Terms.LiquidateFactor / FactorOfBps),
            });
        }

        if (account.Balance != 0)
        {
            var amount = (UInt128)Int128.Abs(account.Balance);
            positions.Add(new Position
            {
                Side = account.Balance < 0 ? PositionSide.Debt : PositionSide.Collateral,
                Asset = state.Parameters.BaseToken,
                Symbol = state.BaseSymbol,
                Decimals = Scales.Decimals(state.Parameters.BaseScale),
                Amount = amount,
                Shares = (UInt128)Int128.Abs(account.Principal),
                Price = account.BasePrice,
                Value = Factors.MulPrice(amount, account.BasePrice, state.Parameters.BaseScale),

                // Who has lent the base token owes none of it: there is nothing for it to stand against.
                Counts = account.Balance < 0,
            });
        }

        return positions;
    }

    private static MarginReport Unknown(CompoundV3State state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
    };
}
