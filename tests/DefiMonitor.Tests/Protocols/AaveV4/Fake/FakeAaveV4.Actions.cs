using System.Numerics;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;

namespace DefiMonitor.Tests.Protocols.AaveV4.Fake;

/// <summary>What people do, each action as Spoke and hub write and emit it, in the order of the real code. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeAaveV4
{
    public void Supply(Address user, FakeReserve reserve, in UInt256 amount)
    {
        var shares = HubAdd(reserve, Spoke, amount);
        Set(user, reserve, row => row with { SuppliedShares = row.SuppliedShares + shares });
        Emit(Spoke, AaveV4Abi.Supply.Definition, [(int)reserve.Id, user, user], shares, amount);
    }

    public void Withdraw(Address user, FakeReserve reserve, UInt256 amount)
    {
        var row = PositionOf(user, reserve);
        amount = UInt256.Min(amount, PriceOf(reserve).ToAssets(row.SuppliedShares, Rounding.Down));
        if (amount.IsZero || amount > reserve.State.Liquidity)
        {
            return;
        }

        var shares = HubRemove(reserve, amount);
        Set(user, reserve, before => before with { SuppliedShares = before.SuppliedShares - shares });
        if (row.IsCollateral)
        {
            RefreshAll(user);
            ApplyRiskPremium(user);
        }

        Emit(Spoke, AaveV4Abi.Withdraw.Definition, [(int)reserve.Id, user, user], shares, amount);
    }

    public void Borrow(Address user, FakeReserve reserve, in UInt256 amount)
    {
        if (amount.IsZero || amount > reserve.State.Liquidity)
        {
            return;
        }

        Accrue(reserve);
        var shares = (UInt128)FixedPoint.RayDiv(amount, reserve.State.DrawnIndex, Rounding.Up);
        reserve.State = reserve.State with { Liquidity = (UInt128)(reserve.State.Liquidity - amount), DrawnShares = reserve.State.DrawnShares + shares };
        reserve.Hub.SpokeDrawn[reserve.Asset] += shares;
        Updated(reserve);
        Emit(reserve.Hub.Address, AaveV4Abi.Draw.Definition, [(int)reserve.Asset, Spoke], shares, amount);
        Set(user, reserve, row => row with { DrawnShares = row.DrawnShares + shares });
        RefreshAll(user);
        ApplyRiskPremium(user);
        Emit(Spoke, AaveV4Abi.Borrow.Definition, [(int)reserve.Id, user, user], shares, amount);
    }

    public void Repay(Address user, FakeReserve reserve, in UInt256 amount)
    {
        var row = PositionOf(user, reserve);
        if (row.DrawnShares == 0 || amount.IsZero)
        {
            return;
        }

        var index = PriceOf(reserve).Index;
        var premiumRay = PremiumRay(row, index);
        var (drawn, premium) = (FixedPoint.RayMul(row.DrawnShares, index, Rounding.Up), RayMath.FromRayUp(premiumRay));
        var (drawnPaid, premiumPaid) = amount >= drawn + premium ? (drawn, premiumRay)
            : amount < premium ? (UInt256.Zero, amount * FixedPoint.Ray) : (amount - premium, premiumRay);
        var shares = (UInt128)FixedPoint.RayDiv(drawnPaid, index, Rounding.Down);
        var delta = DeltaOf(row, shares, index, riskPremiums.GetValueOrDefault(user), premiumPaid);
        HubRestore(reserve, shares, drawnPaid, delta);
        Set(user, reserve, before => With(before with { DrawnShares = before.DrawnShares - shares }, delta));
        Emit(Spoke, AaveV4Abi.Repay.Definition, [(int)reserve.Id, user, user], [shares, drawnPaid + RayMath.FromRayUp(premiumPaid), .. Words(delta)]);
    }

    public void SetCollateral(Address user, FakeReserve reserve, bool on)
    {
        if (PositionOf(user, reserve).IsCollateral == on)
        {
            return;
        }

        Set(user, reserve, row => row with { IsCollateral = on });
        if (on)
        {
            Set(user, reserve, row => row with { Key = (uint)reserve.Keys.Count - 1 });
            Emit(Spoke, AaveV4Abi.RefreshSingle.Definition, [user], (int)reserve.Id);
        }
        else
        {
            RefreshAll(user);
            ApplyRiskPremium(user);
        }

        Emit(Spoke, AaveV4Abi.SetUsingAsCollateral.Definition, [(int)reserve.Id, user, user], on);
    }

    public void RefreshAll(Address user)
    {
        foreach (var reserve in Reserves)
        {
            if (PositionOf(user, reserve).IsCollateral)
            {
                Set(user, reserve, row => row with { Key = (uint)reserve.Keys.Count - 1 });
            }
        }

        Emit(Spoke, AaveV4Abi.RefreshAll.Definition, [user]);
    }

    public void ApplyRiskPremium(Address user)
    {
        var premium = (uint)(ulong)DataOf(user).RiskPremium;
        if (premium == 0 && riskPremiums.GetValueOrDefault(user) == 0)
        {
            return;
        }

        riskPremiums[user] = premium;
        foreach (var reserve in Reserves)
        {
            var row = PositionOf(user, reserve);
            if (row.DrawnShares == 0)
            {
                continue;
            }

            var delta = DeltaOf(row, 0, PriceOf(reserve).Index, premium, UInt256.Zero);
            Accrue(reserve);
            reserve.State = With(reserve.State, delta);
            Updated(reserve);
            Emit(reserve.Hub.Address, AaveV4Abi.RefreshPremium.Definition, [(int)reserve.Asset, Spoke], Words(delta));
            Set(user, reserve, before => With(before, delta));
            Emit(Spoke, AaveV4Abi.RefreshPremiumDebt.Definition, [(int)reserve.Id, user], Words(delta));
        }
    }

    /// <summary>A liquidationCall that covers whatever it takes; nothing happens where it would be refused.</summary>
    public void Liquidate(Address user, Address liquidator, FakeReserve collateral, FakeReserve debt, bool receiveShares)
    {
        var data = DataOf(user);
        var (from, owed) = (PositionOf(user, collateral), PositionOf(user, debt));
        if (data.HealthFactor >= FixedPoint.Wad || !from.IsCollateral || from.SuppliedShares == 0 || owed.DrawnShares == 0 || user == liquidator
            || collateral.Keys[(int)from.Key].CollateralFactor == 0)
        {
            return;
        }

        var price = PriceOf(collateral);
        var index = PriceOf(debt).Index;
        var pair = new LiquidationPair(
            price, from.SuppliedShares, collateral.Decimals, Prices[collateral.Source], owed.DrawnShares, PremiumRay(owed, index), index, debt.Decimals,
            Prices[debt.Source], data.TotalDebtValueRay, data.HealthFactor, collateral.Keys[(int)from.Key], Liquidation);
        if (Liquidations.Of(pair, UInt256.MaxValue) is not { } amounts || (!receiveShares && price.ToAssets(amounts.SharesToLiquidator, Rounding.Down) > collateral.State.Liquidity))
        {
            return;
        }

        var (taken, given) = ((UInt128)amounts.SharesTaken, (UInt128)amounts.SharesToLiquidator);
        Set(user, collateral, row => row with { SuppliedShares = row.SuppliedShares - taken });
        if (receiveShares)
        {
            Set(liquidator, collateral, row => row with { SuppliedShares = row.SuppliedShares + given });
        }
        else if (price.ToAssets(given, Rounding.Down) is { IsZero: false } paid)
        {
            HubRemove(collateral, paid);
        }

        var delta = DeltaOf(PositionOf(user, debt), (UInt128)amounts.DrawnShares, index, riskPremiums.GetValueOrDefault(user), amounts.PremiumRay);
        HubRestore(debt, (UInt128)amounts.DrawnShares, FixedPoint.RayMul(amounts.DrawnShares, index, Rounding.Up), delta);
        Set(user, debt, row => With(row with { DrawnShares = row.DrawnShares - (UInt128)amounts.DrawnShares }, delta));
        Emit(
            Spoke,
            AaveV4Abi.LiquidationCall.Definition,
            [(int)collateral.Id, (int)debt.Id, user],
            [liquidator, receiveShares, amounts.DebtRepaid, amounts.DrawnShares, .. Words(delta), price.ToAssets(taken, Rounding.Down), taken, given]);
        var isEmpty = PositionOf(user, collateral).SuppliedShares == 0;
        if (isEmpty && data.ActiveCollateralCount <= UInt256.One && (PositionOf(user, debt).DrawnShares != 0 || data.BorrowCount > UInt256.One))
        {
            ReportDeficit(user);
        }
        else
        {
            ApplyRiskPremium(user);
        }
    }

    private void ReportDeficit(Address user)
    {
        riskPremiums[user] = 0;
        foreach (var reserve in Reserves)
        {
            var row = PositionOf(user, reserve);
            if (row.DrawnShares == 0)
            {
                continue;
            }

            Accrue(reserve);
            UInt256 index = reserve.State.DrawnIndex;
            var premiumRay = PremiumRay(row, index);
            var delta = DeltaOf(row, row.DrawnShares, index, 0, premiumRay);
            var deficit = (row.DrawnShares * index) + premiumRay;
            reserve.State = With(reserve.State, delta) with
            {
                DrawnShares = reserve.State.DrawnShares - row.DrawnShares, DeficitRay = reserve.State.DeficitRay + deficit,
            };
            reserve.Hub.SpokeDrawn[reserve.Asset] -= row.DrawnShares;
            Updated(reserve);
            Emit(reserve.Hub.Address, AaveV4Abi.HubDeficit.Definition, [(int)reserve.Asset, Spoke], [row.DrawnShares, .. Words(delta), deficit]);
            Set(user, reserve, before => With(before with { DrawnShares = 0 }, delta));
            Emit(Spoke, AaveV4Abi.ReportDeficit.Definition, [(int)reserve.Id, user], [row.DrawnShares, .. Words(delta)]);
        }
    }

    private static PremiumDelta DeltaOf(in PositionRow row, UInt128 taken, in UInt256 index, uint riskPremium, in UInt256 restored)
    {
        var shares = FixedPoint.PercentMul(row.DrawnShares - taken, riskPremium, Rounding.Up);
        var offset = (BigInteger)(shares * index) - (BigInteger)(PremiumRay(row, index) - restored);
        return new PremiumDelta((BigInteger)shares - (BigInteger)row.PremiumShares, offset - row.PremiumOffsetRay.ToBigInteger(), restored);
    }

    private static object[] Words(in PremiumDelta delta) => [Word(delta.SharesDelta), Word(delta.OffsetRayDelta), delta.RestoredPremiumRay];

    private static PositionRow With(in PositionRow row, in PremiumDelta delta) => row with
    {
        PremiumShares = (UInt128)((BigInteger)row.PremiumShares + delta.SharesDelta), PremiumOffsetRay = row.PremiumOffsetRay + SignedRay.From(delta.OffsetRayDelta),
    };

    private void Set(Address user, FakeReserve reserve, Func<PositionRow, PositionRow> change) =>
        positions[(user, reserve.Id)] = change(PositionOf(user, reserve));

    private void DoSomething()
    {
        var user = Owners[random.Next(Owners.Count)];
        var reserve = Reserves[random.Next(Reserves.Count)];
        var amount = Units(reserve, random.Next(1, 20_000));
        switch (random.Next(14))
        {
            case 0:
                Supply(user, reserve, amount);
                break;
            case 1:
                Withdraw(user, reserve, amount);
                break;
            case 2 or 3:
                Borrow(user, reserve, amount);
                break;
            case 4:
                Repay(user, reserve, random.Next(3) == 0 ? UInt256.MaxValue >> 8 : amount);
                break;
            case 5:
                SetCollateral(user, reserve, random.Next(3) > 0);
                break;
            case 6:
                ApplyRiskPremium(user);
                break;
            case 7:
                RefreshAll(user);
                ApplyRiskPremium(user);
                break;
            case 8 or 9:
                Liquidate(user, Owners[random.Next(Owners.Count)], reserve, Reserves[random.Next(Reserves.Count)], random.Next(2) == 0);
                break;
            default:
                Govern(reserve);
                break;
        }
    }
}
