using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3.Fake;

/// <summary>What people and governors do. Whether it is allowed is not asked: only what it writes and emits.</summary>
internal sealed partial class FakeAave
{
    private ulong Now => Header.Timestamp;

    public void Supply(Address user, FakeReserve reserve, ulong dollars)
    {
        reserve.Accrue(Version, Now);
        var index = (UInt256)reserve.Indexes.LiquidityIndex;
        var first = reserve.AToken.Scaled(user).IsZero;
        Mint(reserve.AToken, user, Balances.ScaledBySupply(Version, AmountOf(reserve, dollars), index), AmountOf(reserve, dollars), index);
        if (first && reserve.Ltv != 0)
        {
            SetCollateral(user, reserve, true);
        }

        Update(reserve);
    }

    public void Withdraw(Address user, FakeReserve reserve, ulong percent)
    {
        reserve.Accrue(Version, Now);
        var index = (UInt256)reserve.Indexes.LiquidityIndex;
        var (scaled, amount) = Part(reserve.AToken, user, percent, index, a => Balances.ScaledByWithdraw(Version, a, index));
        Burn(reserve.AToken, user, scaled, amount, index);
        if (reserve.AToken.Scaled(user).IsZero && User(user).Configuration.IsCollateral(reserve.Id))
        {
            SetCollateral(user, reserve, false);
        }

        Update(reserve);
    }

    public void Borrow(Address user, FakeReserve reserve, ulong dollars, bool isStable = false)
    {
        reserve.Accrue(Version, Now);
        var index = (UInt256)reserve.Indexes.BorrowIndex;
        var amount = AmountOf(reserve, dollars);
        if (isStable)
        {
            User(user).StableDebts[reserve.Id] = amount;
        }
        else
        {
            Mint(reserve.DebtToken, user, FixedPoint.RayDiv(amount, index, Version >= AaveVersion.V35 ? Rounding.Up : Rounding.HalfUp), amount, index);
        }

        User(user).Configuration = User(user).Configuration.WithBorrowing(reserve.Id, true);
        Emit(PoolAddress, AaveAbi.Borrow.Definition, [reserve.Asset, user, (ushort)0], user, amount, isStable ? (byte)1 : (byte)2, UInt256.Zero);
        Update(reserve);
    }

    public void Repay(Address user, FakeReserve reserve, ulong percent)
    {
        reserve.Accrue(Version, Now);
        var index = (UInt256)reserve.Indexes.BorrowIndex;
        var (scaled, amount) = Part(reserve.DebtToken, user, percent, index, a => Balances.ScaledByRepay(Version, a, index));
        Repay(user, reserve, scaled, amount, index);
    }

    public void RepayAmount(Address user, FakeReserve reserve, UInt256 amount)
    {
        reserve.Accrue(Version, Now);
        var index = (UInt256)reserve.Indexes.BorrowIndex;
        Repay(user, reserve, Balances.ScaledByRepay(Version, amount, index), amount, index);
    }

    public void SupplyAmount(Address user, FakeReserve reserve, UInt256 amount)
    {
        reserve.Accrue(Version, Now);
        var index = (UInt256)reserve.Indexes.LiquidityIndex;
        Mint(reserve.AToken, user, Balances.ScaledBySupply(Version, amount, index), amount, index);
        Update(reserve);
    }

    private void Repay(Address user, FakeReserve reserve, UInt256 scaled, UInt256 amount, UInt256 index)
    {
        Burn(reserve.DebtToken, user, scaled, amount, index);
        if (reserve.DebtToken.Scaled(user).IsZero && !User(user).StableDebts.ContainsKey(reserve.Id))
        {
            User(user).Configuration = User(user).Configuration.WithBorrowing(reserve.Id, false);
        }

        Update(reserve);
    }

    /// <summary>Repaying at a stable rate: no event of ours tells it.</summary>
    public void RepayStable(Address user, FakeReserve reserve)
    {
        User(user).StableDebts.Remove(reserve.Id);
        if (reserve.DebtToken.Scaled(user).IsZero)
        {
            User(user).Configuration = User(user).Configuration.WithBorrowing(reserve.Id, false);
        }
    }

    /// <summary>An aToken transfer: at the current index, without touching the stored one.</summary>
    public void Transfer(Address from, Address to, FakeReserve reserve, ulong percent)
    {
        var index = reserve.Indexes.NormalizedIncome(Now);
        var token = reserve.AToken;
        var scaled = token.Scaled(from) * percent / 100u;
        foreach (var party in new[] { from, to })
        {
            if (token.Increase(Version, party, index) is { IsZero: false } increase)
            {
                Emit(token.Address, AaveAbi.Mint.Definition, [party, party], increase, increase, index);
            }
        }

        token.Set(from, token.Scaled(from) - scaled, index);
        token.Set(to, token.Scaled(to) + scaled, index);
        Emit(token.Address, AaveAbi.BalanceTransfer.Definition, [from, to], scaled, index);
    }

    /// <summary>A liquidation paid in aTokens: from 3.5 on it moves the collateral's stored indexes in silence.</summary>
    public void LiquidateForATokens(Address user, Address liquidator, FakeReserve collateral, FakeReserve debt)
    {
        debt.Accrue(Version, Now);
        if (Version >= AaveVersion.V35)
        {
            collateral.Accrue(Version, Now);
        }

        var index = (UInt256)debt.Indexes.BorrowIndex;
        var (scaled, amount) = Part(debt.DebtToken, user, 30, index, a => Balances.ScaledByRepay(Version, a, index));
        Burn(debt.DebtToken, user, scaled, amount, index);
        Update(debt);
        Transfer(user, liquidator, collateral, 35);
        Emit(PoolAddress, AaveAbi.LiquidationCall.Definition, [collateral.Asset, debt.Asset, user], amount, UInt256.One, liquidator, true);
    }

    public void SetEMode(Address user, byte category)
    {
        User(user).EMode = category;
        Emit(PoolAddress, AaveAbi.UserEModeSet.Definition, [user], category);
    }

    public void SetCollateral(Address user, FakeReserve reserve, bool on)
    {
        User(user).Configuration = User(user).Configuration.WithCollateral(reserve.Id, on);
        Emit(PoolAddress, (on ? AaveAbi.CollateralEnabled.Definition : AaveAbi.CollateralDisabled.Definition), [reserve.Asset, user]);
    }

    public void SetThreshold(FakeReserve reserve, uint threshold)
    {
        (reserve.Threshold, reserve.Ltv) = (threshold, threshold - 500);
        Emit(ConfiguratorAddress, AaveAbi.Configurator.Event("CollateralConfigurationChanged"), [reserve.Asset], threshold - 500, threshold, 10_500u);
    }

    public void Pause(FakeReserve reserve, bool on, ulong graceUntil = 0)
    {
        reserve.IsPaused = on;
        reserve.GraceUntil = graceUntil;
        Emit(ConfiguratorAddress, AaveAbi.Configurator.Event("ReservePaused"), [reserve.Asset], on);
    }

    public void SetSource(FakeReserve reserve, Address source) => Emit(OracleAddress, AaveAbi.AssetSource.Definition, [reserve.Asset, source]);

    public void SetRateData(FakeReserve reserve, params uint[] bps) => Emit(
        ConfiguratorAddress, AaveAbi.RateData.Definition, [reserve.Asset, FakeAddress.Of(0x56, 1)], AbiWords.Join([32, 4 * 32, .. bps.Select(static one => (object)one)]));

    public void SetCategory(byte id, Action<FakeCategory> change)
    {
        change(EModes[id]);
        Emit(ConfiguratorAddress, AaveAbi.EModeCollateral.Definition, [Reserves[0].Asset], id, true);
    }

    public void Upgrade(ulong revision)
    {
        Revision = revision;
        Emit(PoolAddress, AaveAbi.Upgraded, [FakeAddress.Of(0x77, (int)revision)]);
    }

    public void ListReserve(string symbol, int decimals, ulong price)
    {
        var reserve = AddReserve(symbol, decimals, price);
        Emit(ConfiguratorAddress, AaveAbi.Configurator.Event("ReserveInitialized"), [reserve.Asset, reserve.AToken.Address],
            Address.Zero, reserve.DebtToken.Address, Address.Zero);
    }

    public void DropReserve(FakeReserve reserve)
    {
        reserve.IsDropped = true;
        Emit(ConfiguratorAddress, AaveAbi.Configurator.Event("ReserveDropped"), [reserve.Asset]);
    }

    private void DoSomething()
    {
        var user = Owners[random.Next(users.Count)];
        var other = Owners[random.Next(users.Count)];
        var reserve = Reserves[random.Next(Reserves.Count)];
        var owed = Reserves.Find(r => !r.DebtToken.Scaled(user).IsZero);
        switch (random.Next(14))
        {
            case 0 or 1:
                Supply(user, reserve, (ulong)random.Next(1, 5_000));
                break;
            case 2 when !reserve.AToken.Scaled(user).IsZero:
                Withdraw(user, reserve, (ulong)random.Next(1, 101));
                break;
            case 3 or 4:
                Borrow(user, reserve, (ulong)random.Next(1, 2_000));
                break;
            case 5 or 6 when owed is not null:
                Repay(user, owed, (ulong)random.Next(1, 101));
                break;
            case 7 when user != other && !reserve.AToken.Scaled(user).IsZero:
                Transfer(user, other, reserve, (ulong)random.Next(1, 101));
                break;
            case 8 when user != other && owed is not null && owed != reserve && !reserve.AToken.Scaled(user).IsZero:
                LiquidateForATokens(user, other, reserve, owed);
                break;
            case 9:
                SetEMode(user, (byte)random.Next(0, 2));
                break;
            case 10:
                SetThreshold(reserve, (uint)random.Next(6_000, 8_500));
                break;
            case 11:
                Pause(reserve, random.Next(2) == 0, Now + (ulong)random.Next(100));
                break;
            case 12:
                SetCategory(1, category => category.Threshold = (ushort)random.Next(9_000, 9_700));
                break;
            default:
                SetCollateral(user, reserve, random.Next(2) == 0);
                break;
        }
    }

    private static UInt256 AmountOf(FakeReserve reserve, ulong dollars) => (reserve.Configuration.Unit * dollars * 100_000_000u / reserve.Price) + UInt256.One;

    private (UInt256 Scaled, UInt256 Amount) Part(FakeToken token, Address user, ulong percent, UInt256 index, Func<UInt256, UInt256> scale)
    {
        var balance = token.Balance(Version, token.Scaled(user), index);
        var amount = percent >= 100 ? balance : balance * percent / 100u;
        return (percent >= 100 ? token.Scaled(user) : UInt256.Min(token.Scaled(user), scale(amount)), amount);
    }

    private void Mint(FakeToken token, Address user, UInt256 scaled, UInt256 amount, UInt256 index)
    {
        var before = token.BalanceAtLastAction(Version, user);
        var increase = token.Increase(Version, user, index);
        token.Set(user, token.Scaled(user) + scaled, index);
        var value = Version >= AaveVersion.V35 ? token.Balance(Version, token.Scaled(user), index) - before : amount + increase;
        Emit(token.Address, AaveAbi.Mint.Definition, [user, user], value, increase, index);
    }

    private void Burn(FakeToken token, Address user, UInt256 scaled, UInt256 amount, UInt256 index)
    {
        var before = token.BalanceAtLastAction(Version, user);
        var increase = token.Increase(Version, user, index);
        token.Set(user, token.Scaled(user) - scaled, index);
        var after = Version >= AaveVersion.V35 ? token.Balance(Version, token.Scaled(user), index) : before + increase - amount;
        if (after > before)
        {
            Emit(token.Address, AaveAbi.Mint.Definition, [user, user], after - before, increase, index);
        }
        else
        {
            Emit(token.Address, AaveAbi.Burn.Definition, [user, Address.Zero], before - after, increase, index);
        }
    }

    /// <summary>Yearly rates in bps.</summary>
    public void SetRates(FakeReserve reserve, ulong supply, ulong debt)
    {
        reserve.Accrue(Version, Now);
        reserve.Indexes = reserve.Indexes with
        {
            LiquidityRate = (UInt128)(FixedPoint.Ray * supply / 10_000u), BorrowRate = (UInt128)(FixedPoint.Ray * debt / 10_000u),
        };
        Emit(PoolAddress, AaveAbi.ReserveDataUpdated.Definition, [reserve.Asset],
            reserve.Indexes.LiquidityRate, UInt256.Zero, reserve.Indexes.BorrowRate, reserve.Indexes.LiquidityIndex, reserve.Indexes.BorrowIndex);
    }

    private void Update(FakeReserve reserve) => SetRates(reserve, (ulong)random.Next(0, 600), (ulong)random.Next(1, 2_000));

    private void Emit(Address contract, AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        (indexed.Length + data.Length).ShouldBe(definition.Inputs.Count, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(contract, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}
