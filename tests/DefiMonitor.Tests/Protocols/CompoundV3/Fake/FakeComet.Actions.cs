using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.CompoundV3;

namespace DefiMonitor.Tests.Protocols.CompoundV3.Fake;

/// <summary>What people do, each action as Comet.sol writes and emits it. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeComet
{
    /// <summary>accrueAccount: interest moves on, and no log says so.</summary>
    public void Accrue() => Totals = Accrued;

    /// <param name="dollars">Whole base tokens.</param>
    public void SupplyBase(Address user, ulong dollars)
    {
        Accrue();
        var supplied = Move(user, dollars * 1_000_000);
        Emit(CometAbi.Supply.Definition, [user, user], dollars * 1_000_000);
        Minted(user, supplied);
    }

    public void WithdrawBase(Address user, ulong dollars)
    {
        Accrue();
        var withdrawn = -Move(user, -(Int128)(dollars * 1_000_000));
        Emit(CometAbi.Withdraw.Definition, [user, user], dollars * 1_000_000);
        Burnt(user, withdrawn);
    }

    /// <summary>transferBase: only the parts that are supply on their own side have a log.</summary>
    public void TransferBase(Address from, Address to, ulong amount)
    {
        if (from == to)
        {
            return;
        }

        Accrue();
        Burnt(from, -Move(from, -(Int128)amount));
        Minted(to, Move(to, amount));
    }

    public void SupplyCollateral(Address user, int asset, ulong whole)
    {
        var amount = whole * (UInt128)Assets[asset].Scale;
        collaterals[(user, asset)] = CollateralOf(user, asset) + amount;
        Emit(CometAbi.SupplyCollateral.Definition, [user, user, Assets[asset].Asset], amount);
    }

    /// <summary>Collateral from nowhere, without a log.</summary>
    public void Give(Address user, int asset, UInt128 amount) => collaterals[(user, asset)] = CollateralOf(user, asset) + amount;

    public void WithdrawCollateral(Address user, int asset, ulong percent)
    {
        var amount = CollateralOf(user, asset) * percent / 100;
        collaterals[(user, asset)] = CollateralOf(user, asset) - amount;
        Emit(CometAbi.WithdrawCollateral.Definition, [user, user, Assets[asset].Asset], amount);
    }

    public void TransferCollateral(Address from, Address to, int asset, ulong percent)
    {
        var amount = CollateralOf(from, asset) * percent / 100;
        if (from == to)
        {
            return;
        }

        collaterals[(from, asset)] = CollateralOf(from, asset) - amount;
        collaterals[(to, asset)] = CollateralOf(to, asset) + amount;
        Emit(CometAbi.TransferCollateral.Definition, [from, to, Assets[asset].Asset], amount);
    }

    /// <summary>Health unasked; only of somebody with debt.</summary>
    public void Absorb(Address user)
    {
        Accrue();
        if (PrincipalOf(user) >= 0 || BasePrice is not { } basePrice || Prices.Any(static price => price is null))
        {
            return;
        }

        var before = PrincipalOf(user);
        var absorption = Absorption.Of(before, Totals, basePrice, 1_000_000, HeldOf(user));
        for (var i = 0; i < Assets.Count; i++)
        {
            if (CollateralOf(user, i) is var amount && amount != 0)
            {
                collaterals[(user, i)] = 0;
                Emit(CometAbi.AbsorbCollateral.Definition, [Owners[0], user, Assets[i].Asset], amount, Factors.MulPrice(amount, Prices[i]!.Value, Assets[i].Scale));
            }
        }

        principals[user] = absorption.Principal;
        Totals = Totals with { TotalSupply = Totals.TotalSupply + (UInt128)absorption.Principal, TotalBorrow = Totals.TotalBorrow - (UInt128)(-before) };
        Emit(CometAbi.AbsorbDebt.Definition, [Owners[0], user], absorption.BasePaidOut, Factors.MulPrice(absorption.BasePaidOut, basePrice, 1_000_000));
        Minted(user, absorption.Principal);
    }

    public void Pause(PauseFlags flags) => Totals = Totals with { PauseFlags = flags };

    /// <summary>Governance gives one collateral other factors, which is another implementation behind the proxy.</summary>
    public void Upgrade(int asset, ulong liquidateFactor)
    {
        Assets[asset] = Assets[asset] with { LiquidateCollateralFactor = liquidateFactor, BorrowCollateralFactor = liquidateFactor - 50_000_000_000_000_000 };
        Emit(CometAbi.Upgraded.Definition, [Comet]);
    }

    /// <returns>By how much the principal moved on the supply side.</returns>
    private Int128 Move(Address user, Int128 amount)
    {
        var before = PrincipalOf(user);
        var after = BaseBalance.ToPrincipal(BaseBalance.Of(before, Totals) + amount, Totals);
        principals[user] = after;

        // repayAndSupplyAmount, withdrawAndBorrowAmount: a movement against its own direction, by rounding, moves no total.
        if (amount >= 0 ? after < before : after > before)
        {
            return 0;
        }

        var supply = Int128.Max(0, after) - Int128.Max(0, before);
        var borrow = Int128.Max(0, -after) - Int128.Max(0, -before);
        Totals = Totals with { TotalSupply = (UInt128)((Int128)Totals.TotalSupply + supply), TotalBorrow = (UInt128)((Int128)Totals.TotalBorrow + borrow) };
        return supply;
    }

    private void Minted(Address user, Int128 principal)
    {
        if (principal > 0)
        {
            Emit(CometAbi.Transfer.Definition, [Address.Zero, user], BaseBalance.OfSupply((UInt128)principal, Totals.SupplyIndex));
        }
    }

    private void Burnt(Address user, Int128 principal)
    {
        if (principal > 0)
        {
            Emit(CometAbi.Transfer.Definition, [user, Address.Zero], BaseBalance.OfSupply((UInt128)principal, Totals.SupplyIndex));
        }
    }

    private void DoSomething()
    {
        var user = Owners[random.Next(Owners.Count)];
        var other = Owners[random.Next(Owners.Count)];
        var asset = random.Next(Assets.Count);
        var held = Enumerable.Range(0, Assets.Count).Where(i => CollateralOf(user, i) != 0).ToList();
        switch (random.Next(16))
        {
            case 0:
                SupplyBase(user, (ulong)random.Next(1, 50_000));
                break;
            case 1:
            case 2:
                WithdrawBase(user, (ulong)random.Next(1, 30_000));
                break;
            case 3:
                SupplyCollateral(user, asset, (ulong)random.Next(1, 50));
                break;
            case 4:
                WithdrawCollateral(user, asset, random.Next(2) == 0 ? 100ul : (ulong)random.Next(0, 100));
                break;
            case 5:
                TransferCollateral(user, other, asset, (ulong)random.Next(0, 101));
                break;
            case 6:
            case 7:
                TransferBase(user, other, (ulong)random.NextInt64(0, 20_000_000_000));
                break;
            case 8:
                TransferBase(user, other, (ulong)random.Next(0, 3));
                break;
            case 9:
                Accrue();
                break;
            case 10:
                Absorb(user);
                break;
            case 11:
                Pause((PauseFlags)random.Next(0, 32));
                break;
            case 13 when held.Count > 0:
            case 14 when held.Count > 0:
                SupplyCollateral(user, held[random.Next(held.Count)], (ulong)random.Next(1, 10));
                break;
            case 15 when held.Count > 0:
                WithdrawCollateral(user, held[random.Next(held.Count)], (ulong)random.Next(1, 90));
                break;
            case 12 when random.Next(4) == 0:
                Upgrade(asset, (ulong)random.Next(6_000, 9_000) * 100_000_000_000_000);
                break;
            default:
                SupplyBase(user, 0);
                break;
        }
    }
}
