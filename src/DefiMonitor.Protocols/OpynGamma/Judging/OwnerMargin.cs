namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// An owner's vaults at one second. The contract liquidates each on its own, so one that can be is told whatever is not known of the others; that none can be is said only where
/// all that may be are known.
/// </summary>
/// <param name="Naked">Those that can be judged and liquidated, the worst first.</param>
/// <param name="Gaps">Those of which something is not known.</param>
/// <param name="Unknown">Why there is no verdict; null where there is one.</param>
internal sealed record OwnerMargin(List<NakedMargin> Naked, List<(VaultState Vault, VaultGap Gap)> Gaps, string? Unknown)
{
    public static OwnerMargin Of(OpynGammaState state, ulong at)
    {
        var naked = new List<NakedMargin>();
        var gaps = new List<(VaultState Vault, VaultGap Gap)>();
        foreach (var vault in state.Vaults)
        {
            if (vault.Gap is { } gap)
            {
                gaps.Add((vault, gap));
            }
            else if (vault.IsLiveNaked(at))
            {
                try
                {
                    naked.Add(NakedMargin.Of(vault, at));
                }
                catch (ArithmeticException error)
                {
                    // Where a figure does not fit, or the product's table does not reach so far, the contract reverts, and so there is nothing to be equal to.
                    gaps.Add((vault, new VaultGap($"The account can't be computed: {error.Message}", MayBeLiquidated: true)));
                }
            }
        }

        var unknown = gaps.Find(static one => one.Gap.MayBeLiquidated).Gap?.Why ?? state.Unfollowed;
        return new OwnerMargin([.. naked.OrderBy(static margin => margin.Factor)], gaps, naked.Exists(static margin => margin.IsLiquidatable) ? null : unknown);
    }
}
