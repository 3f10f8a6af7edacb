using System.Numerics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Folds a Spoke's logs: positions, the keys that users are bound to, and its configuration.</summary>
internal sealed class SpokeFolder
{
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> byTopic;
    private readonly AaveV4Market market;
    private readonly AaveV4Tables tables;

    public SpokeFolder(AaveV4Market market)
    {
        this.market = market;
        tables = market.Tables;
        byTopic = new()
        {
            [AaveV4Abi.Supply.Topic0] = OnSupply,
            [AaveV4Abi.Withdraw.Topic0] = OnWithdraw,
            [AaveV4Abi.Borrow.Topic0] = OnBorrow,
            [AaveV4Abi.Repay.Topic0] = OnRepay,
            [AaveV4Abi.LiquidationCall.Topic0] = OnLiquidation,
            [AaveV4Abi.ReportDeficit.Topic0] = OnDeficit,
            [AaveV4Abi.SetUsingAsCollateral.Topic0] = OnCollateral,
            [AaveV4Abi.RefreshAll.Topic0] = OnRefreshAll,
            [AaveV4Abi.RefreshSingle.Topic0] = OnRefreshSingle,
            [AaveV4Abi.RefreshPremiumDebt.Topic0] = OnRefreshPremium,
            [AaveV4Abi.UpdateLiquidationConfig.Topic0] = (_, log, _) =>
                tables.Market = tables.Market with { Liquidation = AaveV4Abi.UpdateLiquidationConfig.Decode(log).Config.Config },
            [AaveV4Abi.AddReserve.Topic0] = (block, _, _) => market.Close(block.Number, MarketClosing.Reserves),
            [AaveV4Abi.UpdateReserveConfig.Topic0] = (_, log, _) => OnReserveConfig(AaveV4Abi.UpdateReserveConfig.Decode(log)),
            [AaveV4Abi.UpdatePriceSource.Topic0] = (_, log, _) => OnPriceSource(AaveV4Abi.UpdatePriceSource.Decode(log)),
            [AaveV4Abi.AddDynamicConfig.Topic0] = (_, log, _) => OnDynamic(AaveV4Abi.AddDynamicConfig.Decode(log), isLatest: true),
            [AaveV4Abi.UpdateDynamicConfig.Topic0] = (_, log, _) => OnDynamic(AaveV4Abi.UpdateDynamicConfig.Decode(log), isLatest: false),
            [AaveV4Abi.Upgraded.Topic0] = (block, log, _) => market.Upgrade(block.Number, log),
        };
    }

    public IReadOnlyCollection<Hash32> Topics => byTopic.Keys;

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (byTopic.TryGetValue(log.Topics[0], out var apply))
        {
            apply(block, log, touched);
        }
    }

    private static UInt128 Half(in UInt256 value) => (UInt128)value;

    private static UInt128 Add(UInt128 value, BigInteger delta) => (UInt128)((BigInteger)value + delta);

    private static PositionRow With(in PositionRow row, in PremiumDelta delta) => row with
    {
        PremiumShares = Add(row.PremiumShares, delta.SharesDelta),
        PremiumOffsetRay = row.PremiumOffsetRay + SignedRay.From(delta.OffsetRayDelta),
    };

    private void OnSupply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var supply = AaveV4Abi.Supply.Decode(log);
        Change(block, supply.User, supply.ReserveId, row => row with { SuppliedShares = checked(row.SuppliedShares + Half(supply.SuppliedShares)) }, touched);
    }

    private void OnWithdraw(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var withdraw = AaveV4Abi.Withdraw.Decode(log);
        Change(block, withdraw.User, withdraw.ReserveId, row => row with { SuppliedShares = checked(row.SuppliedShares - Half(withdraw.WithdrawnShares)) }, touched);
    }

    private void OnBorrow(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var borrow = AaveV4Abi.Borrow.Decode(log);
        Change(block, borrow.User, borrow.ReserveId, row => row with { DrawnShares = checked(row.DrawnShares + Half(borrow.DrawnShares)) }, touched);
    }

    private void OnRepay(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var repay = AaveV4Abi.Repay.Decode(log);
        Repaid(block, repay.User, repay.ReserveId, repay.DrawnShares, repay.PremiumDelta, touched);
    }

    private void OnDeficit(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var deficit = AaveV4Abi.ReportDeficit.Decode(log);
        Repaid(block, deficit.User, deficit.ReserveId, deficit.DrawnShares, deficit.PremiumDelta, touched);
    }

    private void OnRefreshPremium(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var refresh = AaveV4Abi.RefreshPremiumDebt.Decode(log);
        Change(block, refresh.User, refresh.ReserveId, row => With(row, refresh.PremiumDelta), touched);
    }

    // A liquidator who takes shares gets them by no other event.
    private void OnLiquidation(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var call = AaveV4Abi.LiquidationCall.Decode(log);
        Change(
            block, call.User, call.CollateralReserveId, row => row with { SuppliedShares = checked(row.SuppliedShares - Half(call.CollateralSharesLiquidated)) }, touched);
        Repaid(block, call.User, call.DebtReserveId, call.DrawnSharesLiquidated, call.PremiumDelta, touched);
        if (call.ReceiveShares)
        {
            Change(
                block,
                call.Liquidator,
                call.CollateralReserveId,
                row => row with { SuppliedShares = checked(row.SuppliedShares + Half(call.CollateralSharesToLiquidator)) },
                touched);
        }
    }

    private void Repaid(BlockHeader block, in Address user, in UInt256 reserve, UInt256 drawnShares, PremiumDelta delta, ISet<MarginAccountId> touched) =>
        Change(block, user, reserve, row => With(row with { DrawnShares = checked(row.DrawnShares - Half(drawnShares)) }, delta), touched);

    private void OnCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var set = AaveV4Abi.SetUsingAsCollateral.Decode(log);
        Change(block, set.User, set.ReserveId, row => row with { IsCollateral = set.UsingAsCollateral }, touched);
    }

    // It comes before SetUsingAsCollateral tells the flag.
    private void OnRefreshSingle(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var refresh = AaveV4Abi.RefreshSingle.Decode(log);
        if (IdOf(refresh.ReserveId) is { } id && tables.Reserves.TryGet(id, out var reserve) && IsKnown(reserve))
        {
            Change(block, refresh.User, refresh.ReserveId, row => row with { Key = reserve.LatestKey, IsCollateral = true }, touched);
        }
        else
        {
            Doubt(block, refresh.User, touched);
        }
    }

    // Bound to whatever is the latest at this place among the logs.
    private void OnRefreshAll(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var user = AaveV4Abi.RefreshAll.Decode(log).User;
        if (!IsFollowed(block, user, touched))
        {
            return;
        }

        for (ushort id = 0; id < tables.Market.ReserveCount; id++)
        {
            var row = tables.Position(user, id);
            if (!row.IsCollateral)
            {
                continue;
            }

            if (tables.Reserves.TryGet(id, out var reserve) && IsKnown(reserve))
            {
                tables.SetPosition(user, id, row with { Key = reserve.LatestKey });
            }
            else
            {
                tables.MarkPending(user, block.Number);
            }
        }
    }

    private void OnReserveConfig(UpdateReserveConfig update)
    {
        if (IdOf(update.ReserveId) is { } id && tables.Reserves.TryGet(id, out var row))
        {
            tables.Reserves.Set(id, row with { CollateralRisk = update.Config.CollateralRisk, Flags = update.Config.Flags });
        }
    }

    private void OnPriceSource(UpdateReservePriceSource update)
    {
        if (IdOf(update.ReserveId) is { } id && tables.Reserves.TryGet(id, out var row))
        {
            tables.Reserves.Set(id, row with { PriceSource = update.PriceSource });
        }
    }

    private void OnDynamic(DynamicConfigSet set, bool isLatest)
    {
        if (IdOf(set.ReserveId) is not { } id)
        {
            return;
        }

        tables.Dynamics.Set(new DynamicKey(id, set.DynamicConfigKey), set.Config.Config);
        if (isLatest && tables.Reserves.TryGet(id, out var row))
        {
            tables.Reserves.Set(id, row with { LatestKey = set.DynamicConfigKey });
        }
    }

    private void Change(BlockHeader block, in Address user, in UInt256 reserve, Func<PositionRow, PositionRow> change, ISet<MarginAccountId> touched)
    {
        if (!IsFollowed(block, user, touched))
        {
            return;
        }

        if (IdOf(reserve) is not { } id || id >= tables.Market.ReserveCount)
        {
            Stray(block, user);
            return;
        }

        try
        {
            tables.SetPosition(user, id, change(tables.Position(user, id)));
        }
        catch (ArithmeticException)
        {
            // The event does not follow from the position that we have, so that is wrong: read it.
            tables.MarkPending(user, block.Number);
        }
    }

    // False where the user is not in, or what his logs mean is not known; then he is read again.
    private bool IsFollowed(BlockHeader block, in Address user, ISet<MarginAccountId> touched)
    {
        if (!tables.HasEntered(user))
        {
            return false;
        }

        touched.Add(market.IdOf(user));
        if (market.IsUpgraded)
        {
            tables.MarkPending(user, block.Number);
            return false;
        }

        return true;
    }

    private void Doubt(BlockHeader block, in Address user, ISet<MarginAccountId> touched)
    {
        if (IsFollowed(block, user, touched))
        {
            Stray(block, user);
        }
    }

    // A reserve that we do not have: reading the user again by the list that we have would leave it out, so the list is read first.
    private void Stray(BlockHeader block, in Address user)
    {
        tables.MarkPending(user, block.Number);
        market.Close(block.Number, MarketClosing.Reserves);
    }

    private static bool IsKnown(in ReserveRow reserve) => (reserve.Fields & ReserveFields.Data) != 0;

    private static ushort? IdOf(in UInt256 reserve) => reserve < (UInt256)ushort.MaxValue ? (ushort)(ulong)reserve : null;
}
