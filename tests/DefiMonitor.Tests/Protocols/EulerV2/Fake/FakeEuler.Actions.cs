using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.EulerV2;

namespace DefiMonitor.Tests.Protocols.EulerV2.Fake;

/// <summary>What people and governors do, each action as the vaults and the EVC write and emit it. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeEuler
{
    private static readonly Address AnotherVault = AaveV3.Fake.FakeAddress.Of(0x27, 1);

    public void Deposit(FakeVault vault, Address account, ulong assets)
    {
        Accrue(vault);
        var shares = vault.Totals.ToSharesDown(assets);
        vault.Shares[account] = (UInt128)(vault.SharesOf(account) + shares);
        vault.Totals = vault.Totals with { Cash = (UInt128)(vault.Totals.Cash + (UInt256)assets), TotalShares = (UInt128)(vault.Totals.TotalShares + shares) };
        Emit(vault.Address, EulerAbi.Transfer.Definition, [Address.Zero, account], shares);
        Status(vault);
    }

    public void Withdraw(FakeVault vault, Address account, ulong percent)
    {
        var shares = vault.SharesOf(account) * percent / 100;
        var assets = (UInt128)Now(vault).ToAssetsDown(shares);
        if (assets > vault.Totals.Cash)
        {
            return;
        }

        Accrue(vault);
        vault.Shares[account] = vault.SharesOf(account) - shares;
        vault.Totals = vault.Totals with { Cash = vault.Totals.Cash - assets, TotalShares = vault.Totals.TotalShares - shares };
        Emit(vault.Address, EulerAbi.Transfer.Definition, [account, Address.Zero], shares);
        Check(account);
        Status(vault);
    }

    public void Move(FakeVault vault, Address from, Address to, ulong percent)
    {
        Accrue(vault);
        var shares = vault.SharesOf(from) * percent / 100;
        vault.Shares[from] = vault.SharesOf(from) - shares;
        vault.Shares[to] = vault.SharesOf(to) + shares;
        Emit(vault.Address, EulerAbi.Transfer.Definition, [from, to], shares);
        Check(from);
        Status(vault);
    }

    public void Enable(Address account, FakeVault vault)
    {
        if (!enabled.TryGetValue(account, out var list))
        {
            enabled.Add(account, list = []);
        }

        if (!list.Contains(vault.Address))
        {
            list.Add(vault.Address);
            Emit(Evc, EulerAbi.CollateralStatus.Definition, [account, vault.Address], true);
        }

        Check(account);
    }

    public void Disable(Address account, FakeVault vault)
    {
        if (enabled.TryGetValue(account, out var list) && list.Remove(vault.Address))
        {
            Emit(Evc, EulerAbi.CollateralStatus.Definition, [account, vault.Address], false);
        }

        Check(account);
    }

    public void EnableController(Address account)
    {
        if (controlled.Add(account))
        {
            Emit(Evc, EulerAbi.ControllerStatus.Definition, [account, Liability.Address], true);
        }

        Check(account);
    }

    public void Borrow(Address account, ulong assets)
    {
        if (assets > Liability.Totals.Cash || !controlled.Contains(account))
        {
            return;
        }

        Accrue(Liability);
        var amount = (UInt256)assets << Owed.PrecisionShift;
        SetDebt(account, OwedBy(account) + amount);
        Liability.Totals = Liability.Totals with { Cash = Liability.Totals.Cash - assets, TotalBorrows = Liability.Totals.TotalBorrows + amount };
        Emit(Liability.Address, EulerAbi.Borrow.Definition, [account], (UInt256)assets);
        Check(account);
        Status(Liability);
    }

    public void Repay(Address account, ulong percent)
    {
        var exact = OwedBy(account);
        var owed = Owed.ToAssetsUp(exact);
        var assets = owed * percent / 100u;
        if (assets.IsZero)
        {
            return;
        }

        Accrue(Liability);
        Decrease(account, exact, owed - assets);
        Liability.Totals = Liability.Totals with { Cash = (UInt128)(Liability.Totals.Cash + assets) };
        Emit(Liability.Address, EulerAbi.Repay.Definition, [account], assets);
        if (owed == assets && controlled.Remove(account))
        {
            Emit(Evc, EulerAbi.ControllerStatus.Definition, [account, Liability.Address], false);
        }

        Status(Liability);
    }

    public void Pull(Address from, Address to, ulong percent)
    {
        var assets = Owed.ToAssetsUp(OwedBy(from)) * percent / 100u;
        if (from == to || assets.IsZero || !controlled.Contains(to))
        {
            return;
        }

        Accrue(Liability);
        TransferDebt(from, to, assets);
        Emit(Liability.Address, EulerAbi.PullDebt.Definition, [from, to], assets);
        Check(to);
        Status(Liability);
    }

    /// <summary>Seizes so much of one collateral for so much of the debt, health unasked.</summary>
    public void Liquidate(Address liquidator, Address violator, FakeVault vault, ulong percent)
    {
        var assets = Owed.ToAssetsUp(OwedBy(violator)) * percent / 100u;
        var shares = vault.SharesOf(violator) * percent / 100;
        if (liquidator == violator || assets.IsZero || !controlled.Contains(liquidator) || !EnabledBy(violator).Contains(vault.Address))
        {
            return;
        }

        Accrue(Liability);
        Accrue(vault);
        TransferDebt(violator, liquidator, assets);
        vault.Shares[violator] = vault.SharesOf(violator) - shares;
        vault.Shares[liquidator] = vault.SharesOf(liquidator) + shares;
        Emit(vault.Address, EulerAbi.Transfer.Definition, [violator, liquidator], shares);
        Emit(Liability.Address, EulerAbi.Liquidate.Definition, [liquidator, violator], vault.Address, assets, shares);
        Check(liquidator);
        Status(Liability);
        Status(vault);
    }

    /// <summary>Somebody who is not watched borrows a part of a collateral vault's cash.</summary>
    public void BorrowElsewhere(FakeVault vault, ulong percent)
    {
        Accrue(vault);
        var assets = vault.Totals.Cash * percent / 100;
        vault.Totals = vault.Totals with { Cash = vault.Totals.Cash - assets, TotalBorrows = vault.Totals.TotalBorrows + ((UInt256)assets << Owed.PrecisionShift) };
        Status(vault);
    }

    public void SetLtv(FakeVault vault, ushort borrow, ushort liquidation, uint ramp)
    {
        var before = ltvs.TryGetValue(vault.Address, out var old) ? old.LiquidationAt(Header.Timestamp) : (ushort)0;
        var ltv = new LtvConfig(borrow, liquidation, before, Header.Timestamp + ramp, ramp);
        ltvs[vault.Address] = ltv;
        Emit(
            Liability.Address, EulerAbi.GovSetLtv.Definition, [vault.Address],
            ltv.BorrowLtv, ltv.LiquidationLtv, ltv.InitialLiquidationLtv, ltv.TargetTimestamp, ltv.RampDuration);
    }

    public void SetHooks(FakeVault vault, Hooks hooks)
    {
        vault.Hooks = hooks;
        Emit(vault.Address, EulerAbi.GovSetHookConfig.Definition, [hooks.Target], hooks.Operations);
    }

    public void SetFee(FakeVault vault, ushort bps)
    {
        Accrue(vault);
        Emit(vault.Address, EulerAbi.VaultStatus.Definition, [], StatusWords(vault));
        vault.Totals = vault.Totals with { InterestFee = bps };
        Emit(vault.Address, EulerAbi.GovSetInterestFee.Definition, [], bps);
    }

    public void SetRoute(Address from, Address oracle)
    {
        configured[from] = oracle;
        var (asset0, asset1) = from < Unit ? (from, Unit) : (Unit, from);
        Emit(Router, EulerAbi.ConfigSet.Definition, [asset0, asset1, oracle]);
    }

    public void SetDiscount(ushort bps)
    {
        Discount = bps;
        Emit(Liability.Address, EulerAbi.GovSetMaxLiquidationDiscount.Definition, [], bps);
    }

    public void SetCoolOff(ushort seconds)
    {
        CoolOff = seconds;
        Emit(Liability.Address, EulerAbi.GovSetLiquidationCoolOffTime.Definition, [], seconds);
    }

    private ulong SomeOf(FakeVault vault) => vault.Asset == Weth ? (ulong)random.NextInt64(1, 18_000_000000000) * 1_000_000
        : vault.Asset == Wbtc ? (ulong)random.NextInt64(1, 5_00000000)
        : (ulong)random.NextInt64(1, 18_000_000000000) * 1_000_000;

    private void Accrue(FakeVault vault) => vault.Totals = Now(vault);

    // The rate that a model would give: more where more is lent.
    private void Status(FakeVault vault)
    {
        var totals = vault.Totals;
        var borrows = Owed.ToAssetsUp(totals.TotalBorrows);
        var assets = totals.Cash + borrows;
        vault.Totals = totals with { InterestRate = assets.IsZero ? UInt256.Zero : UInt256.Parse("8000000000000000000") * borrows / assets };
        Emit(vault.Address, EulerAbi.VaultStatus.Definition, [], StatusWords(vault));
    }

    private object[] StatusWords(FakeVault vault) =>
    [
        vault.Totals.TotalShares, Owed.ToAssetsUp(vault.Totals.TotalBorrows), 0u, vault.Totals.Cash, vault.Totals.InterestAccumulator, vault.Totals.InterestRate,
        Header.Timestamp,
    ];

    private void Check(Address account)
    {
        if (controlled.Contains(account))
        {
            lastCheck[account] = Header.Timestamp;
            Emit(Evc, EulerAbi.AccountStatusCheck.Definition, [account, Liability.Address]);
        }
    }

    private void SetDebt(Address account, UInt256 owed) => debts[account] = (owed, Liability.Totals.InterestAccumulator);

    private void Decrease(Address account, in UInt256 exact, in UInt256 remaining)
    {
        var left = remaining << Owed.PrecisionShift;
        SetDebt(account, left);
        var borrows = Liability.Totals.TotalBorrows;
        Liability.Totals = Liability.Totals with { TotalBorrows = borrows > exact ? borrows - exact + left : left };
    }

    private void TransferDebt(Address from, Address to, in UInt256 assets)
    {
        var amount = assets << Owed.PrecisionShift;
        var owed = OwedBy(from);
        var gap = amount > owed ? amount - owed : owed - amount;
        if (gap < (UInt256.One << Owed.PrecisionShift))
        {
            amount = owed;
        }

        SetDebt(from, owed - amount);
        SetDebt(to, OwedBy(to) + amount);
        Emit(Liability.Address, EulerAbi.Repay.Definition, [from], assets);
        Emit(Liability.Address, EulerAbi.Borrow.Definition, [to], assets);
    }

    private void DoSomething()
    {
        var account = Owners[random.Next(Owners.Count)];
        var other = Owners[random.Next(Owners.Count)];
        var vault = Collaterals[random.Next(Collaterals.Count)];
        switch (random.Next(18))
        {
            case 0:
            case 1:
                Deposit(vault, account, SomeOf(vault));
                break;
            case 2:
                Withdraw(vault, account, (ulong)random.Next(1, 60));
                break;
            case 3:
                Move(vault, account, other, (ulong)random.Next(1, 100));
                break;
            case 4:
                Enable(account, vault);
                break;
            case 5:
                Disable(account, vault);
                break;
            case 6:
                EnableController(account);
                break;
            case 7:
            case 8:
                Borrow(account, (ulong)random.NextInt64(1, 60_000_000000));
                break;
            case 9:
                Repay(account, random.Next(3) == 0 ? 100ul : (ulong)random.Next(1, 100));
                break;
            case 10:
                Pull(account, other, random.Next(3) == 0 ? 100ul : (ulong)random.Next(1, 100));
                break;
            case 11:
                Liquidate(account, other, vault, random.Next(2) == 0 ? 100ul : (ulong)random.Next(1, 100));
                break;
            case 12:
                BorrowElsewhere(vault, (ulong)random.Next(1, 40));
                break;
            case 13:
                SetLtv(vault, 5_000, (ushort)random.Next(5_000, 9_500), random.Next(2) == 0 ? 0u : (uint)random.Next(20, 400));
                break;
            case 14:
                SetFee(random.Next(2) == 0 ? vault : Liability, (ushort)random.Next(0, 5_000));
                break;
            case 15:
                SetRoute(Weth, random.Next(2) == 0 ? EthFeed : OtherEthFeed);
                break;
            case 16:
                SetDiscount((ushort)random.Next(0, 2_000));
                SetCoolOff((ushort)random.Next(0, 60));
                break;
            default:
                SetHooks(random.Next(2) == 0 ? vault : Liability, new Hooks(Address.Zero, random.Next(2) == 0 ? 0u : Hooks.Liquidate | Hooks.Transfer));
                Emit(AnotherVault, EulerAbi.Borrow.Definition, [account], 5u);
                break;
        }
    }
}
