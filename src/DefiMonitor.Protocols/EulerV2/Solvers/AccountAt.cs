using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>One collateral at one instant.</summary>
/// <param name="Ltv">Of liquidation, bps.</param>
/// <param name="Shares">The account's.</param>
/// <param name="Value">Their quote, without LTV; 0 where it is not known, which matters only while the LTV is not 0.</param>
public readonly record struct LegAt(CollateralState State, QuoteChain Chain, ushort Ltv, UInt256 Shares, UInt256 Value)
{
    /// <summary>Shares in the asset that they stand for.</summary>
    public UInt256 ToAsset(in UInt256 shares) => State.ConvertsFirst ? Chain.First(shares) : shares;

    public LegAt With(QuoteChain chain, in UInt256 shares) => this with { Chain = chain, Shares = shares, Value = chain.Quote(shares) };
}

/// <summary>One account at one instant, interest, ramps and prices worked out: what the solvers ask.</summary>
public sealed class AccountAt
{
    /// <param name="shift">What the rate of an asset is to be taken for; null = as it was read.</param>
    /// <exception cref="ArithmeticException">The contract reverts.</exception>
    public AccountAt(EulerV2State state, ulong at, Func<Address, UInt256, UInt256>? shift = null)
    {
        State = state;
        At = at;
        Shift = shift;
        Totals = state.Totals.At(at);
        Debts = QuoteChain.Of(Shifted(state.Route, state.Asset, shift), at);
        var legs = new LegAt[state.Collaterals.Count];
        for (var i = 0; i < legs.Length; i++)
        {
            legs[i] = LegOf(state.Collaterals[i], at, shift);
        }

        Legs = legs;
        Debt = Owed.ToAssetsUp(Owed.At(state.Owed, Totals.InterestAccumulator, state.Accumulator));
        Health = HealthOf(Debt, legs);
    }

    public EulerV2State State { get; }

    public ulong At { get; }

    public Func<Address, UInt256, UInt256>? Shift { get; }

    /// <summary>Of the liability vault, with interest.</summary>
    public VaultTotals Totals { get; }

    /// <summary>Quotes the asset that is owed.</summary>
    public QuoteChain Debts { get; }

    public IReadOnlyList<LegAt> Legs { get; }

    /// <summary>Asset units, rounded up.</summary>
    public UInt256 Debt { get; }

    public AccountHealth Health { get; }

    /// <summary>Why the account can't be judged at the instant: a price that counts was not read.</summary>
    public string? Unknown
    {
        get
        {
            foreach (var leg in Legs)
            {
                if (leg.Ltv != 0 && leg.State.Unread is { } why)
                {
                    return why;
                }
            }

            return null;
        }
    }

    /// <summary>With another debt, and perhaps another leg in the place of one.</summary>
    public AccountHealth HealthOf(in UInt256 debt, IReadOnlyList<LegAt> legs)
    {
        var adjusted = UInt256.Zero;
        var raw = UInt256.Zero;
        foreach (var leg in legs)
        {
            raw = AccountHealth.Sum(raw, leg.Value);
            adjusted += AccountHealth.Adjusted(leg.Value, leg.Ltv);
        }

        return new AccountHealth(debt, debt.IsZero ? UInt256.Zero : Debts.Quote(debt), adjusted, raw);
    }

    /// <summary>The rate of the last step, which is where a price moves; null where there is no step but the vault's own conversion.</summary>
    public static UInt256? RateOf(IReadOnlyList<StageState> stages) => stages.Count > 0 && stages[^1].Kind == StageKind.Rate ? stages[^1].Rate : null;

    /// <summary>A collateral's steps with the rates that the account was made with.</summary>
    public IReadOnlyList<StageState> ShiftedRoute(int leg) => Shifted(State.Collaterals[leg].Route, State.Collaterals[leg].Asset, Shift);

    private static LegAt LegOf(CollateralState state, ulong at, Func<Address, UInt256, UInt256>? shift)
    {
        var ltv = state.Ltv.LiquidationAt(at);
        if (state.Unread is not null)
        {
            return new LegAt(state, QuoteChain.Identity, ltv, state.Shares, UInt256.Zero);
        }

        try
        {
            var chain = QuoteChain.Of(Shifted(state.Route, state.Asset, shift), at);
            return new LegAt(state, chain, ltv, state.Shares, chain.Quote(state.Shares));
        }
        catch (ArithmeticException error) when (ltv == 0)
        {
            // The contract asks for no quote of it.
            return new LegAt(state with { Unread = $"The price of {state.Face.Symbol} can't be computed: {error.Message}" }, QuoteChain.Identity, ltv, state.Shares, UInt256.Zero);
        }
    }

    private static IReadOnlyList<StageState> Shifted(IReadOnlyList<StageState> stages, in Address asset, Func<Address, UInt256, UInt256>? shift) =>
        shift is null || RateOf(stages) is not { } rate ? stages : [.. stages.Take(stages.Count - 1), stages[^1] with { Rate = shift(asset, rate) }];
}
