using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>What the owner can do. Source: Spoke._validateRepay, _validateSupply, _validateWithdraw, _refreshAndValidateUserAccountData; Hub._validateAdd, _validateRemove, _validateRestore.</summary>
internal static class Actions
{
    /// <summary>MAX_ALLOWED_SPOKE_CAP: as good as none.</summary>
    private const ulong NoCap = (1UL << 40) - 1;

    public static List<ActionCheck> Of(AccountAt account)
    {
        var actions = new List<ActionCheck>();
        var health = account.Sum.DebtRay.IsZero ? null : HealthOf(account);
        foreach (var reserve in account.State.Reserves)
        {
            var position = reserve.Position;
            if (position.DrawnShares != 0)
            {
                actions.Add(Make(ActionKind.Repay, reserve, Closed(reserve)));
            }

            // What counts for nothing brings nobody away from his edge.
            if (position.IsCollateral && reserve.Terms.CollateralFactor != 0)
            {
                actions.Add(Make(ActionKind.Deposit, reserve, Closed(reserve), Frozen(reserve), Cap(reserve)));
            }

            if (position.SuppliedShares != 0)
            {
                actions.Add(Make(ActionKind.Withdraw, reserve, Closed(reserve), position.IsCollateral ? health : null, Liquidity(account, reserve)));
            }
        }

        return actions;
    }

    private static ActionCheck Make(ActionKind kind, AaveV4ReserveState reserve, params IEnumerable<ActionReason?> reasons) =>
        ActionCheck.Of(kind, reserve.Asset, reserve.Symbol, reserve.Decimals, reasons);

    private static ActionReason? Closed(AaveV4ReserveState reserve) =>
        (reserve.Flags & ReserveFlags.Paused) != 0 ? new ActionReason("paused", $"The {reserve.Symbol} reserve is paused.", Possibility.No)
        : !reserve.IsActive ? new ActionReason("inactive", $"The hub does not let this Spoke act in {reserve.Symbol}.", Possibility.No)
        : reserve.IsHalted ? new ActionReason("halted", $"The hub has halted this Spoke in {reserve.Symbol}.", Possibility.No)
        : null;

    private static ActionReason? Frozen(AaveV4ReserveState reserve) =>
        (reserve.Flags & ReserveFlags.Frozen) != 0 ? new ActionReason("frozen", $"The {reserve.Symbol} reserve is frozen: it takes no deposit.", Possibility.No) : null;

    private static ActionReason? Cap(AaveV4ReserveState reserve) => reserve.AddCap switch
    {
        NoCap => null,
        0 => new ActionReason("supply-cap", $"The hub takes no {reserve.Symbol} from this Spoke: its cap is 0.", Possibility.No, UInt256.Zero),
        _ => new ActionReason("supply-cap", $"The hub takes up to {reserve.AddCap} {reserve.Symbol} from this Spoke, and what that leaves was not read.", Possibility.Unknown),
    };

    // Withdrawing binds the account to the newest key of every collateral first, so these decide.
    private static ActionReason HealthOf(AccountAt account)
    {
        var newest = account.State with { Reserves = [.. account.State.Reserves.Select(static reserve => reserve with { Terms = reserve.NewestTerms })] };
        return Computed.OrNull<UInt256>(() => new AccountAt(newest, account.At, account.Price).Sum.HealthFactor) is { } health && health >= AccountData.Threshold
            ? new ActionReason("health", "As far as the health factor allows, by the newest configuration of every collateral.", Possibility.Limited)
            : new ActionReason("health", "By the newest configuration of its collaterals, to which a withdrawal binds the account, its health factor is below 1.", Possibility.No);
    }

    private static ActionReason? Liquidity(AccountAt account, AaveV4ReserveState reserve)
    {
        if (!reserve.IsRead)
        {
            return new ActionReason("liquidity", $"How much {reserve.Symbol} the hub has free was not read.", Possibility.Unknown);
        }

        UInt256 free = reserve.HubAsset.Liquidity;
        return Computed.OrNull<UInt256>(() => SharePrice.Of(reserve.HubAsset, account.At).ToAssets(reserve.Position.SuppliedShares, Rounding.Down)) is { } supplied && supplied <= free
            ? null
            : new ActionReason("liquidity", $"The hub has less {reserve.Symbol} free than the account has.", free.IsZero ? Possibility.No : Possibility.Limited, free);
    }
}
