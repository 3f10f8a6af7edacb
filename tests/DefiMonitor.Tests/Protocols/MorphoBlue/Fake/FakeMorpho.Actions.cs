using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.MorphoBlue;

namespace DefiMonitor.Tests.Protocols.MorphoBlue.Fake;

/// <summary>What people do, each action as Morpho.sol writes and emits it. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeMorpho
{
    private static readonly Hash32 AnotherMarket = Keccak256.HashUtf8("another market");

    public void Accrue()
    {
        if (Header.Timestamp == Totals.LastUpdate)
        {
            return;
        }

        var before = Totals;
        Totals = Accrued();
        if (Parameters.Irm == CurveIrm)
        {
            var curve = AdaptiveCurveIrm.RateOf(before, RateAtTarget, Header.Timestamp);
            RateAtTarget = curve.RateAtTarget;
            Emit(CurveIrm, MorphoAbi.BorrowRateUpdate.Definition, [Id], curve.AverageRate, RateAtTarget);
        }

        if (!Parameters.Irm.IsZero)
        {
            Emit(Morpho, MorphoAbi.AccrueInterest.Definition, [Id], 0u, Totals.BorrowAssets - before.BorrowAssets, Totals.SupplyShares - before.SupplyShares);
        }
    }

    /// <param name="dollars">Whole loan tokens.</param>
    public void Supply(ulong dollars)
    {
        Accrue();
        var assets = dollars * UInt256.Pow10(6);
        var shares = SharesMath.ToSharesDown(assets, Totals.SupplyAssets, Totals.SupplyShares);
        Totals = Totals with { SupplyAssets = Half(Totals.SupplyAssets + assets), SupplyShares = Half(Totals.SupplyShares + shares) };
        Emit(Morpho, MorphoAbi.Supply.Definition, [Id, Owners[0], Owners[0]], assets, shares);
    }

    public void Withdraw(ulong dollars)
    {
        Accrue();
        var assets = dollars * UInt256.Pow10(6);
        var shares = SharesMath.ToSharesUp(assets, Totals.SupplyAssets, Totals.SupplyShares);
        Totals = Totals with { SupplyAssets = Half(Totals.SupplyAssets - assets), SupplyShares = Half(Totals.SupplyShares - shares) };
        Emit(Morpho, MorphoAbi.Withdraw.Definition, [Id, Owners[0], Owners[0]], Owners[0], assets, shares);
    }

    public void SupplyCollateral(Address user, ulong whole)
    {
        var assets = whole * UInt256.Pow10(18);
        var row = PositionOf(user);
        positions[user] = row with { Collateral = Half(row.Collateral + assets) };
        Emit(Morpho, MorphoAbi.SupplyCollateral.Definition, [Id, user, user], assets);
    }

    public void WithdrawCollateral(Address user, ulong percent)
    {
        Accrue();
        var row = PositionOf(user);
        var assets = row.Collateral * percent / 100u;
        positions[user] = row with { Collateral = row.Collateral - assets };
        Emit(Morpho, MorphoAbi.WithdrawCollateral.Definition, [Id, user, user], user, assets);
    }

    public void Borrow(Address user, ulong dollars)
    {
        Accrue();
        var assets = dollars * UInt256.Pow10(6);
        var shares = SharesMath.ToSharesUp(assets, Totals.BorrowAssets, Totals.BorrowShares);
        var row = PositionOf(user);
        positions[user] = row with { BorrowShares = Half(row.BorrowShares + shares) };
        Totals = Totals with { BorrowAssets = Half(Totals.BorrowAssets + assets), BorrowShares = Half(Totals.BorrowShares + shares) };
        Emit(Morpho, MorphoAbi.Borrow.Definition, [Id, user, user], user, assets, shares);
    }

    public void Repay(Address user, ulong percent)
    {
        Accrue();
        var row = PositionOf(user);
        var shares = (UInt256)(row.BorrowShares * percent / 100u);
        var assets = SharesMath.ToAssetsUp(shares, Totals.BorrowAssets, Totals.BorrowShares);
        positions[user] = row with { BorrowShares = Half(row.BorrowShares - shares) };
        Totals = Totals with { BorrowAssets = Half(Liquidations.AfterRepaid(Totals.BorrowAssets, assets)), BorrowShares = Half(Totals.BorrowShares - shares) };
        Emit(Morpho, MorphoAbi.Repay.Definition, [Id, user, user], assets, shares);
    }

    /// <summary>Seizes so much of the collateral, health unasked.</summary>
    public void Liquidate(Address user, ulong percent)
    {
        Accrue();
        var row = PositionOf(user);
        var seized = (UInt256)(row.Collateral * percent / 100u);
        var shares = Liquidations.SharesForSeizing(Totals, seized, Price!.Value, Liquidations.IncentiveOf(Parameters.Lltv));
        if (row.BorrowShares == 0 || shares > row.BorrowShares)
        {
            return;
        }

        var amounts = Liquidations.Of(Totals, row.BorrowShares, row.Collateral, seized, shares);
        positions[user] = new AccountRow(Half(row.BorrowShares - shares - amounts.BadDebtShares), Half(row.Collateral - seized));
        Totals = Totals with
        {
            BorrowAssets = Half(Liquidations.AfterRepaid(Totals.BorrowAssets, amounts.RepaidAssets) - amounts.BadDebtAssets),
            BorrowShares = Half(Totals.BorrowShares - shares - amounts.BadDebtShares),
            SupplyAssets = Half(Totals.SupplyAssets - amounts.BadDebtAssets),
        };
        Emit(
            Morpho, MorphoAbi.Liquidate.Definition, [Id, Owners[0], user],
            amounts.RepaidAssets, shares, seized, amounts.BadDebtAssets, amounts.BadDebtShares);
    }

    public void SetFee(ulong percent)
    {
        Accrue();
        Totals = Totals with { Fee = Half(FixedPoint.Wad * percent / 100u) };
        Emit(Morpho, MorphoAbi.SetFee.Definition, [Id], Totals.Fee);
    }

    public void Authorize(Address user, bool may)
    {
        if (may)
        {
            Authorized.Add(user);
        }
        else
        {
            Authorized.Remove(user);
        }

        Emit(Morpho, MorphoAbi.SetAuthorization.Definition, [user, user, PreContract], may);
    }

    /// <summary>Somebody borrows in another market of the same contract.</summary>
    public void BorrowElsewhere(Address user) => Emit(Morpho, MorphoAbi.Borrow.Definition, [AnotherMarket, user, user], user, 1_000u, 1_000u);

    /// <summary>Wad per second, from the last update to an instant.</summary>
    public UInt256 Rate(ulong at) => Parameters.Irm.IsZero ? UInt256.Zero
        : Parameters.Irm == CurveIrm ? AdaptiveCurveIrm.RateOf(Totals, RateAtTarget, at).AverageRate
        : 1_000_000_000u + (at - Totals.LastUpdate);

    private MarketTotals Accrued() => Totals.Accrue(Rate(Header.Timestamp), Header.Timestamp);

    private void DoSomething()
    {
        var user = Owners[random.Next(Owners.Count)];
        switch (random.Next(PreLiquidation is null ? 10 : 11))
        {
            case 0:
                Supply((ulong)random.Next(1, 1_000_000));
                break;
            case 1:
                Withdraw((ulong)random.Next(1, 10_000));
                break;
            case 2:
                SupplyCollateral(user, (ulong)random.Next(1, 50));
                break;
            case 3:
                WithdrawCollateral(user, (ulong)random.Next(1, 60));
                break;
            case 4:
            case 5:
                Borrow(user, (ulong)random.Next(1, 50_000));
                break;
            case 6:
                Repay(user, random.Next(3) == 0 ? 100ul : (ulong)random.Next(1, 100));
                break;
            case 7:
                Liquidate(user, random.Next(2) == 0 ? 100ul : (ulong)random.Next(1, 100));
                break;
            case 10:
                Authorize(user, random.Next(2) == 0);
                break;
            case 8:
                BorrowElsewhere(user);
                break;
            default:
                SetFee((ulong)random.Next(0, 25));
                break;
        }
    }

    private static UInt128 Half(in UInt256 value) => (UInt128)value;
}
