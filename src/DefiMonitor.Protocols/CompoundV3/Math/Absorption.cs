using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>What absorb does to an account: it takes all collateral, and the reserves stand in for what that does not cover. Source: Comet.sol absorbInternal.</summary>
/// <param name="Principal">Afterwards; never negative.</param>
/// <param name="BasePaidOut">Base tokens by which the account's balance rises: the debt, and what is left over.</param>
public readonly record struct Absorption(Int128 Principal, UInt256 BasePaidOut)
{
    /// <param name="totals">With interest up to the absorb.</param>
    public static Absorption Of(Int128 principal, in BaseTotals totals, in UInt256 basePrice, ulong baseScale, ReadOnlySpan<HeldAsset> held)
    {
        var value = UInt256.Zero;
        foreach (ref readonly var asset in held)
        {
            value += Factors.Mul(asset.Value, asset.Terms.LiquidationFactor);
        }

        var before = BaseBalance.Of(principal, totals);
        var after = Int128.Max(0, before + (Int128)(UInt128)Factors.DivPrice(value, basePrice, baseScale));
        return new Absorption(BaseBalance.ToPrincipal(after, totals), (UInt128)(after - before));
    }
}
