using System.Numerics;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>A live naked vault at one second.</summary>
/// <param name="Held">27 decimals.</param>
/// <param name="Required">At the oracle's price, 27 decimals.</param>
/// <param name="IsShort">At the oracle's price.</param>
/// <param name="Round">A known round that a liquidation may name and in which the vault is short, though not the only one; null = none.</param>
/// <param name="Factor">At the oracle's price, or at <paramref name="Round"/>'s where that is lower. Below 10^18 exactly when the vault is liquidatable.</param>
internal readonly record struct NakedMargin(VaultState Vault, BigInteger Held, BigInteger Required, bool IsShort, RoundState? Round, UInt256 Factor)
{
    /// <summary>True although no known round allows it yet: the next one of the feed will.</summary>
    public bool IsLiquidatable => IsShort || Round is not null;

    /// <summary>As far as the oracle's price goes: what an update of the vault is measured by.</summary>
    public UInt256 LiveFactor => VaultMargin.Factor(Held, Required);

    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public static NakedMargin Of(VaultState vault, ulong at)
    {
        var held = VaultMargin.Held(vault);
        var required = VaultMargin.NakedRequired(vault, vault.Short!.Underlying.Price, at);
        var factor = VaultMargin.Factor(held, required);
        RoundState? allowing = null;
        foreach (var candidate in (ReadOnlySpan<RoundState?>)[vault.Newest, vault.Lowest, vault.Highest])
        {
            if (candidate is { } round && round.UpdatedAt > vault.LatestUpdate)
            {
                var then = VaultMargin.NakedRequired(vault, round.Price, at);
                if (then > held)
                {
                    factor = UInt256.Min(factor, VaultMargin.Factor(held, then));
                    allowing ??= round;
                }
            }
        }

        return new NakedMargin(vault, held, required, required > held, allowing, factor);
    }
}
