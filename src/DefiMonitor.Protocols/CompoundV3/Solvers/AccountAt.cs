using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>One account at one instant and its prices, interest worked out: what the solvers ask.</summary>
public sealed class AccountAt
{
    private readonly HeldAsset[] held;

    /// <param name="stored">The market's totals as stored.</param>
    public AccountAt(in MarketParameters parameters, in BaseTotals stored, Int128 principal, in UInt256 basePrice, ReadOnlySpan<HeldAsset> held, ulong at)
    {
        Parameters = parameters;
        Stored = stored;
        Principal = principal;
        BasePrice = basePrice;
        this.held = held.ToArray();
        At = at;
        Totals = stored.Accrue(parameters.Rates, at);
        Balance = BaseBalance.Of(principal, Totals);
        Health = HealthWith(Debt, basePrice, held);
    }

    public MarketParameters Parameters { get; }

    public BaseTotals Stored { get; }

    /// <summary>With interest up to <see cref="At"/>.</summary>
    public BaseTotals Totals { get; }

    /// <summary>Negative is debt.</summary>
    public Int128 Principal { get; }

    /// <summary>Of one whole base token, 8 decimals.</summary>
    public UInt256 BasePrice { get; }

    public ReadOnlySpan<HeldAsset> Held => held;

    public ulong At { get; }

    /// <summary>In base tokens' decimals, negative is debt.</summary>
    public Int128 Balance { get; }

    /// <summary>borrowBalanceOf.</summary>
    public UInt128 Debt => Balance < 0 ? (UInt128)(-Balance) : 0;

    public Health Health { get; }

    /// <summary>As the view isLiquidatable sees it, which takes the index as stored.</summary>
    public Health SeenHealth => HealthWith((UInt128)Int128.Max(0, -BaseBalance.Of(Principal, Stored)), BasePrice, held);

    /// <summary>The same account with another balance and other prices.</summary>
    public Health HealthWith(UInt128 debt, in UInt256 basePrice, ReadOnlySpan<HeldAsset> assets) => Health.Of(debt, basePrice, Parameters.BaseScale, assets);

    /// <summary>The sum that counts against absorb, without one of the assets.</summary>
    public UInt256 LiquidationValueWithout(int index) =>
        Health.LiquidationValue - Factors.Mul(held[index].Value, held[index].Terms.LiquidateFactor);

    /// <summary>A later second, nobody else acting.</summary>
    public AccountAt Later(ulong at) => new(Parameters, Stored, Principal, BasePrice, held, at);
}
