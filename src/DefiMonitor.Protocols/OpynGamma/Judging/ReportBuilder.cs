using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using Fpi = DefiMonitor.Protocols.OpynGamma.FixedPointInt256;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>From an owner's inputs, an instant and a shock to everything that is said of him. Pure.</summary>
internal sealed class ReportBuilder(ProtocolOptions options)
{
    public MarginReport Build(OpynGammaState state, Instant at, Shock shock)
    {
        if (state.Unknown is { } reason)
        {
            return Unknown(state, at, reason);
        }

        var instant = at + shock.Seconds;
        try
        {
            return Judge(Shocks.Of(state, shock), instant);
        }
        catch (ArithmeticException error)
        {
            return Unknown(state, at, $"The account can't be computed: {error.Message}");
        }
    }

    /// <summary>Of each vault what is in it, what may leave it (Controller.getProceed, where the contract tells it) and, while it is naked, what it must hold.</summary>
    public static NativeWord[] WordsOf(OpynGammaState state, ulong at) => [.. state.Vaults.SelectMany(vault => WordsOf(vault, at))];

    private static IEnumerable<NativeWord> WordsOf(VaultState vault, ulong at)
    {
        if (!vault.IsRead)
        {
            yield break;
        }

        yield return new NativeWord($"vault {vault.Id} shortAmount", vault.ShortAmount);
        yield return new NativeWord($"vault {vault.Id} longAmount", vault.LongAmount);
        yield return new NativeWord($"vault {vault.Id} collateralAmount", vault.CollateralAmount);
        if (vault.Gap is null && Computed.OrNull(() => VaultMargin.Proceed(vault, at)) is { } proceed)
        {
            yield return new NativeWord($"vault {vault.Id} proceed", proceed);
        }

        if (vault.IsLiveNaked(at) && Computed.OrNull<UInt256>(() => Required(vault, at)) is { } required)
        {
            yield return new NativeWord($"vault {vault.Id} nakedMarginRequired", required);
        }
    }

    /// <summary>MarginCalculator.getNakedMarginRequired at the oracle's price, in the series' collateral, rounded up.</summary>
    public static UInt256 Required(VaultState vault, ulong at) => Required(vault, vault.ShortAmount, vault.Short!.Underlying.Price, at);

    /// <summary>The same of so many oTokens (8 decimals) at another price.</summary>
    public static UInt256 Required(VaultState vault, in UInt256 amount, in UInt256 price, ulong at) =>
        Fpi.ToScaledUint(VaultMargin.NakedRequired(vault, amount, price, at), vault.Short!.Collateral.Decimals, roundDown: false);

    private MarginReport Judge(OpynGammaState state, Instant at)
    {
        var owner = OwnerMargin.Of(state, at.Seconds);
        if (owner.Unknown is { } why)
        {
            return Unknown(state, at, why);
        }

        var naked = owner.Naked;
        var legs = new VaultLegs(state, at.Seconds);
        var positions = legs.All();
        var report = new MarginReport
        {
            Account = state.Account,
            Block = state.Block,
            At = at,
            Status = naked.Exists(static margin => margin.IsLiquidatable) ? MarginStatus.Liquidatable : MarginStatus.Healthy,
            Tag = naked.Exists(static margin => margin.Vault.RoundsSince is not null) ? ResultTag.ChainView : ResultTag.Exact,
            CollateralValue = Computed.Sum(positions, PositionSide.Collateral),
            DebtValue = Computed.Sum(positions, PositionSide.Debt),
            IsDebtPartial = legs.IsDebtPartial(),
            Positions = positions,
            Missing = legs.Missing(),
            NativeWords = WordsOf(state, at.Seconds),
            Triggers = [.. owner.Gaps.Select(static one => Triggers.Of(one.Vault, one.Gap))],
        };
        if (naked.Count == 0)
        {
            return report;
        }

        var worst = naked[0];
        var token = worst.Vault.Collateral ?? worst.Vault.Short!.Collateral;
        return report with
        {
            MarginBalance = Computed.OrWorst(PositionSide.Collateral, () => VaultLegs.ValueOf(worst.Vault.CollateralAmount, token)),
            MaintenanceRequirement = Computed.OrWorst(PositionSide.Debt, () => VaultLegs.ValueOf(Required(worst.Vault, at.Seconds), worst.Vault.Short!.Collateral)),
            HealthFactor = worst.Factor,
            Blocked = BlockedOf(state, naked),
            NearestThreshold = FixedPoint.Wad,
            HasMovingThreshold = true,
            NearEdges = Computed.Later<PriceEdge>(() => Triggers.NearEdges(naked, at.Seconds)),
            Triggers = Computed.Later<Trigger>(() => [.. naked.Select(margin => Triggers.Of(margin, at.Seconds)), .. report.Triggers]),
            Liquidations = report.IsBelowEdge
                ? Computed.Later<LiquidationQuote>(() => [.. naked.Where(static margin => margin.IsLiquidatable).Select(margin => Quotes.Of(state, margin, legs, at.Seconds)).OrderByDescending(static quote => quote.Loss)])
                : [],
            Remedies = Computed.Later<Remedy>(() => Remedies.Of(naked, legs, at.Seconds, options.TargetHealth)),
        };
    }

    private static IReadOnlyList<Blocked> BlockedOf(OpynGammaState state, List<NakedMargin> naked)
    {
        var blocked = new List<Blocked>();
        if (naked[0].IsLiquidatable && state.IsPaused)
        {
            blocked.Add(new Blocked("paused", "The system is paused: nothing can be liquidated until it is not."));
        }

        if (naked.Exists(static margin => margin.IsLiquidatable) && naked.TrueForAll(static margin => !margin.IsLiquidatable || margin.Round is null))
        {
            blocked.Add(new Blocked("round", "A liquidation must name a round of the price feed that is later than the vault's last change, and there is none yet at which the vault is short."));
        }

        return blocked;
    }

    private static MarginReport Unknown(OpynGammaState state, Instant at, string reason) => new()
    {
        Account = state.Account,
        Block = state.Block,
        At = at,
        Status = MarginStatus.Unknown,
        UnknownReason = reason,
    };
}
