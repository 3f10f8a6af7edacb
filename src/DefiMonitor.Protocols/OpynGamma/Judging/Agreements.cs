using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Our words against the contracts' own vaults, proceeds, requirements and verdicts, at the block's own time; out of the state alone, since the tables may stand at a later block by now.</summary>
internal sealed class Agreements(GammaMarket market)
{
    public Agreement Compare(OpynGammaState state, CallResults results)
    {
        if ((state.Unknown ?? OwnerMargin.Of(state, state.Block.Timestamp).Unknown) is { } reason)
        {
            return new Agreement(AgreementKind.Unreadable, reason, [], null);
        }

        var owner = market.UserOf(state.Account);
        if (!results.TryGet(VenueCalls.Counter(state.Controller, owner), out var answer) || !GammaAbi.VaultCounter.TryDecode(answer, out var count, out _))
        {
            return new Agreement(AgreementKind.Unreadable, "The contract's own number of vaults was not read.", [], null);
        }

        var comparison = new Comparison();
        comparison.Same("number of vaults", state.Counter, count);
        comparison.IsEveryRoundAsked = state.Unfollowed is null;
        var isPartly = state.Vaults.Count > VenueCalls.MostConfirmed;
        foreach (var vault in state.Vaults)
        {
            if (Compare(state, owner, vault, isPartly, results, comparison) is { } missing)
            {
                return new Agreement(AgreementKind.Unreadable, missing, comparison.Words, null);
            }
        }

        return new Agreement(
            comparison.Differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", comparison.Differences), comparison.Words, comparison.IsLiquidatable);
    }

    // What was not read, or null.
    private static string? Compare(OpynGammaState state, in Address owner, VaultState vault, bool isPartly, CallResults results, Comparison comparison)
    {
        var key = new VaultKey(owner, vault.Id);
        var name = $"vault {vault.Id}";
        if (!vault.IsRead || (isPartly && !results.Contains(VenueCalls.Vault(state.Controller, key))))
        {
            comparison.IsEveryRoundAsked &= vault.IsRead && !vault.IsLiveNaked(state.Block.Timestamp);
            return null;
        }

        if (!results.TryGet(VenueCalls.Vault(state.Controller, key), out var answer))
        {
            return $"The contract's own {name} was not read.";
        }

        if (!GammaAbi.Vault.TryDecode(answer, out var theirs, out var error) || !theirs.IsWellFormed)
        {
            comparison.Differ($"{name}: ours can be read, the chain's can't ({error})");
            return null;
        }

        comparison.Same($"{name} type", vault.Type, theirs.VaultType);
        if (vault.IsLiveNaked(state.Block.Timestamp))
        {
            // Of others it says nothing, and Controller.sync may change it unheard.
            comparison.Same($"{name} latest update", vault.LatestUpdate, theirs.LatestUpdate);
        }

        var (sold, soldAmount) = VaultWithDetails.Only(theirs.Vault.ShortOtokens, theirs.Vault.ShortAmounts);
        var (bought, boughtAmount) = VaultWithDetails.Only(theirs.Vault.LongOtokens, theirs.Vault.LongAmounts);
        var (collateral, amount) = VaultWithDetails.Only(theirs.Vault.CollateralAssets, theirs.Vault.CollateralAmounts);
        if (vault.Gap is { } gap)
        {
            // Only what lies in it is known.
            comparison.IsEveryRoundAsked &= !gap.MayBeLiquidated;
            comparison.Word($"{name} shortAmount", vault.ShortAmount, soldAmount);
            comparison.Word($"{name} longAmount", vault.LongAmount, boughtAmount);
            comparison.Word($"{name} collateralAmount", vault.CollateralAmount, amount);
            return null;
        }

        comparison.Same($"{name} short", vault.Short?.Otoken ?? default, sold);
        comparison.Same($"{name} long", vault.Long?.Otoken ?? default, bought);
        comparison.Same($"{name} collateral", vault.Collateral?.Address ?? default, collateral);
        comparison.Word($"{name} shortAmount", vault.ShortAmount, soldAmount);
        comparison.Word($"{name} longAmount", vault.LongAmount, boughtAmount);
        comparison.Word($"{name} collateralAmount", vault.CollateralAmount, amount);

        var at = state.Block.Timestamp;
        var ours = Computed.OrNull(() => VaultMargin.Proceed(vault, at));
        if (results.TryGet(VenueCalls.Proceed(state.Controller, key), out var proceedAnswer) && GammaAbi.GetProceed.TryDecode(proceedAnswer, out var proceed, out _))
        {
            comparison.Word($"{name} proceed", ours, proceed);
        }
        else if (ours is not null)
        {
            comparison.Differ($"{name} proceed: ours {ours}, the chain's reverts");
        }

        return vault.IsLiveNaked(at) ? Naked(state, key, vault, results, comparison) : null;
    }

    // The requirement at the price that it was asked at, ours and the contract's; its verdict in every round that a liquidation may name. What was not read, or null.
    private static string? Naked(OpynGammaState state, in VaultKey key, VaultState vault, CallResults results, Comparison comparison)
    {
        var at = state.Block.Timestamp;
        var series = vault.Short!;
        var row = new SeriesRow(series.Underlying.Address, series.Strike.Address, series.Collateral.Address, series.StrikePrice, series.Expiry, series.IsPut);
        if (VenueCalls.RequirementIn(results, state.Calculator, row, vault.ShortAmount, series.Underlying.Price, series.Collateral.Decimals) is not { } asked)
        {
            return $"The contract's own requirement of vault {vault.Id} was not read.";
        }

        var required = Computed.OrNull<UInt256>(() => ReportBuilder.Required(vault, asked.Amount, asked.Price, at));
        if (asked.Required is not { } theirs)
        {
            comparison.Same($"vault {vault.Id} nakedMarginRequired", required?.ToString() ?? "reverts", "reverts");
        }
        else if (asked.Amount == vault.ShortAmount && asked.Price == series.Underlying.Price)
        {
            comparison.Word($"vault {vault.Id} nakedMarginRequired", required, theirs);
        }
        else
        {
            comparison.Same($"vault {vault.Id} nakedMarginRequired of {asked.Amount} at {asked.Price}", required, theirs);
        }

        foreach (var round in VenueCalls.Usable(vault.LatestUpdate, vault.Newest, vault.Lowest, vault.Highest))
        {
            var ours = Computed.OrNull<bool>(() => VaultMargin.IsShort(vault, round.Price, at));
            if (!results.TryGet(VenueCalls.IsLiquidatable(state.Controller, key, round.RoundId), out var answer))
            {
                comparison.IsEveryRoundAsked = false;
            }
            else if (GammaAbi.IsLiquidatable.TryDecode(answer, out var verdict, out _))
            {
                Verdict(state, vault, round, ours, verdict, comparison);
            }
            else if (ours is not null)
            {
                comparison.Differ($"vault {vault.Id} isLiquidatable in round {round.RoundId}: ours {ours}, the chain's reverts");
            }
        }

        return null;
    }

    private static void Verdict(OpynGammaState state, VaultState vault, RoundState round, bool? ours, LiquidationAnswer theirs, Comparison comparison)
    {
        var at = state.Block.Timestamp;
        comparison.IsAnyLiquidatable |= theirs.IsLiquidatable;
        comparison.Same($"vault {vault.Id} isLiquidatable in round {round.RoundId}", ours, (bool?)theirs.IsLiquidatable);
        if (ours == true && theirs.IsLiquidatable)
        {
            comparison.Word($"vault {vault.Id} auction price in round {round.RoundId}", Computed.OrNull<UInt256>(() => Quotes.AuctionPrice(state, vault, round, at)), theirs.Price);
        }
    }

    private sealed class Comparison
    {
        public List<string> Differences { get; } = [];

        public List<NativeWord> Words { get; } = [];

        public bool IsAnyLiquidatable { get; set; }

        /// <summary>False where the contract was not asked about a round that a liquidation may name.</summary>
        public bool IsEveryRoundAsked { get; set; } = true;

        /// <summary>The chain's verdict; null where a round that it was not asked about may be the one.</summary>
        public bool? IsLiquidatable => IsAnyLiquidatable ? true : IsEveryRoundAsked ? false : null;

        public void Differ(string text) => Differences.Add(text);

        public void Same<T>(string name, T ours, T theirs)
        {
            if (!EqualityComparer<T>.Default.Equals(ours, theirs))
            {
                Differ($"{name}: ours {ours}, the chain's {theirs}");
            }
        }

        public void Word(string name, UInt256? ours, UInt256 theirs)
        {
            Words.Add(new NativeWord(name, theirs));
            Same(name, ours, theirs);
        }
    }
}
