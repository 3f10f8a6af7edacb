using System.Numerics;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.AaveV4;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.AaveV4.Fake;

/// <summary>What hubs write for whoever acts, and what governors change.</summary>
internal sealed partial class FakeAaveV4
{
    public void SupplyOther(FakeReserve reserve, in UInt256 amount) => HubAdd(reserve, OtherSpoke, amount);

    public void AddKey(FakeReserve reserve, in DynamicConfig config)
    {
        reserve.Keys.Add(config);
        Emit(Spoke, AaveV4Abi.AddDynamicConfig.Definition, [(int)reserve.Id, reserve.Keys.Count - 1], config.CollateralFactor, config.MaxLiquidationBonus, config.LiquidationFee);
    }

    public void ChangeKey(FakeReserve reserve, int key, in DynamicConfig config)
    {
        reserve.Keys[key] = config;
        Emit(Spoke, AaveV4Abi.UpdateDynamicConfig.Definition, [(int)reserve.Id, key], config.CollateralFactor, config.MaxLiquidationBonus, config.LiquidationFee);
    }

    public void SetFlags(FakeReserve reserve, ReserveFlags flags, uint risk)
    {
        (reserve.Flags, reserve.Risk) = (flags, risk);
        Emit(
            Spoke,
            AaveV4Abi.UpdateReserveConfig.Definition,
            [(int)reserve.Id],
            risk,
            flags.HasFlag(ReserveFlags.Paused),
            flags.HasFlag(ReserveFlags.Frozen),
            flags.HasFlag(ReserveFlags.Borrowable),
            flags.HasFlag(ReserveFlags.ReceiveSharesEnabled));
    }

    public void SetSpokeConfig(FakeReserve reserve, bool active, bool halted, ulong addCap = FakeHub.NoCap, uint premium = FakeHub.NoThreshold)
    {
        reserve.Hub.SpokeConfigs[reserve.Asset] = (addCap, premium, active, halted);
        Emit(reserve.Hub.Address, AaveV4Abi.UpdateSpokeConfig.Definition, [(int)reserve.Asset, Spoke], addCap, FakeHub.NoCap, premium, active, halted);
    }

    public void SetLiquidation(in LiquidationConfig config)
    {
        Liquidation = config;
        Emit(
            Spoke,
            AaveV4Abi.UpdateLiquidationConfig.Definition,
            [],
            config.TargetHealthFactor,
            config.HealthFactorForMaxBonus,
            config.LiquidationBonusFactor);
    }

    public void SetSource(FakeReserve reserve, Address source)
    {
        reserve.Source = source;
        Emit(Spoke, AaveV4Abi.UpdatePriceSource.Definition, [(int)reserve.Id, source]);
    }

    public void Upgrade(Address contract) => Emit(contract, AaveV4Abi.Upgraded.Definition, [FakeAddress.Of(0x59, random.Next(1_000))]);

    /// <summary>One more reserve: WBTC of the other hub.</summary>
    public FakeReserve AddReserve()
    {
        Prime.Add(Header.Timestamp, 0);
        var reserve = new FakeReserve((ushort)Reserves.Count, Prime, (ushort)(Prime.Assets.Count - 1), Wbtc, 8, BtcSource);
        reserve.Keys.Add(new DynamicConfig(6_500, 10_800, 500));
        Reserves.Add(reserve);
        Emit(Spoke, AaveV4Abi.AddReserve.Definition, [(int)reserve.Id, (int)reserve.Asset, Prime.Address]);
        SupplyOther(reserve, Units(reserve, 100_000));
        return reserve;
    }

    private static HubAsset With(in HubAsset asset, in PremiumDelta delta) => asset with
    {
        PremiumShares = (UInt128)((BigInteger)asset.PremiumShares + delta.SharesDelta), PremiumOffsetRay = asset.PremiumOffsetRay + SignedRay.From(delta.OffsetRayDelta),
    };

    private SharePrice PriceOf(FakeReserve reserve) => SharePrice.Of(reserve.State, Header.Timestamp);

    private void Accrue(FakeReserve reserve) => reserve.State = reserve.State.Accrue(Header.Timestamp);

    // A new rate, and the event at the end of everything that changes an asset.
    private void Updated(FakeReserve reserve)
    {
        var rate = (UInt128)FixedPoint.Ray * (UInt128)random.Next(10, 900) / 10_000;
        reserve.State = reserve.State with { DrawnRate = rate };
        Emit(reserve.Hub.Address, AaveV4Abi.UpdateAsset.Definition, [(int)reserve.Asset], reserve.State.DrawnIndex, rate, reserve.State.RealizedFees);
    }

    private UInt128 HubAdd(FakeReserve reserve, Address spoke, in UInt256 amount)
    {
        Accrue(reserve);
        var shares = (UInt128)PriceOf(reserve).ToShares(amount, Rounding.Down);
        reserve.State = reserve.State with { AddedShares = reserve.State.AddedShares + shares, Liquidity = (UInt128)(reserve.State.Liquidity + amount) };
        Updated(reserve);
        Emit(reserve.Hub.Address, AaveV4Abi.Add.Definition, [(int)reserve.Asset, spoke], shares, amount);
        return shares;
    }

    private UInt128 HubRemove(FakeReserve reserve, in UInt256 amount)
    {
        Accrue(reserve);
        var shares = (UInt128)PriceOf(reserve).ToShares(amount, Rounding.Up);
        reserve.State = reserve.State with { AddedShares = reserve.State.AddedShares - shares, Liquidity = (UInt128)(reserve.State.Liquidity - amount) };
        Updated(reserve);
        Emit(reserve.Hub.Address, AaveV4Abi.Remove.Definition, [(int)reserve.Asset, Spoke], shares, amount);
        return shares;
    }

    private void HubRestore(FakeReserve reserve, UInt128 shares, in UInt256 drawn, in PremiumDelta delta)
    {
        Accrue(reserve);
        var premium = RayMath.FromRayUp(delta.RestoredPremiumRay);
        reserve.State = With(reserve.State, delta) with
        {
            DrawnShares = reserve.State.DrawnShares - shares, Liquidity = (UInt128)(reserve.State.Liquidity + drawn + premium),
        };
        reserve.Hub.SpokeDrawn[reserve.Asset] -= shares;
        Updated(reserve);
        Emit(reserve.Hub.Address, AaveV4Abi.Restore.Definition, [(int)reserve.Asset, Spoke], [shares, .. Words(delta), drawn, premium]);
    }

    private void Govern(FakeReserve reserve)
    {
        var terms = new DynamicConfig((ushort)random.Next(5_500, 8_500), (uint)random.Next(10_000, 10_900), (ushort)random.Next(4_000));
        switch (random.Next(11))
        {
            case 0 or 1:
                AddKey(reserve, random.Next(8) == 0 ? terms with { CollateralFactor = 0 } : terms);
                break;
            case 2:
                ChangeKey(reserve, random.Next(reserve.Keys.Count), terms);
                break;
            case 3:
                SetFlags(reserve, (ReserveFlags)random.Next(16), (uint)random.Next(20_000));
                break;
            case 4:
                SetLiquidation(new LiquidationConfig(
                    1_000_000_000_000_000_000 + ((UInt128)random.Next(300) * 1_000_000_000_000_000), 900_000_000_000_000_000, (ushort)random.Next(10_001)));
                break;
            case 5:
                SetSpokeConfig(reserve, random.Next(5) > 0, random.Next(5) == 0);
                break;
            case 6:
                Accrue(reserve);
                reserve.State = reserve.State with { LiquidityFee = (ushort)random.Next(5_000) };
                Updated(reserve);
                Emit(reserve.Hub.Address, AaveV4Abi.UpdateAssetConfig.Definition, [(int)reserve.Asset], OtherSpoke, reserve.State.LiquidityFee, Weth, Weth);
                break;
            case 7:
                MintFees(reserve);
                break;
            case 8:
                Sweep(reserve);
                break;
            case 9:
                EliminateDeficit(reserve);
                break;
            default:
                SupplyOther(reserve, Units(reserve, random.Next(1, 10_000)));
                break;
        }
    }

    private void MintFees(FakeReserve reserve)
    {
        Accrue(reserve);
        var fees = reserve.State.RealizedFees;
        var shares = (UInt128)PriceOf(reserve).ToShares(fees, Rounding.Down);
        if (shares != 0)
        {
            reserve.State = reserve.State with { AddedShares = reserve.State.AddedShares + shares, RealizedFees = 0 };
            Emit(reserve.Hub.Address, AaveV4Abi.MintFeeShares.Definition, [(int)reserve.Asset, OtherSpoke], shares, fees);
        }

        Updated(reserve);
    }

    private void Sweep(FakeReserve reserve)
    {
        Accrue(reserve);
        if (reserve.State.Swept == 0)
        {
            var amount = reserve.State.Liquidity / 10;
            reserve.State = reserve.State with { Liquidity = reserve.State.Liquidity - amount, Swept = amount };
            Updated(reserve);
            Emit(reserve.Hub.Address, AaveV4Abi.Sweep.Definition, [(int)reserve.Asset, OtherSpoke], amount);
        }
        else
        {
            var amount = reserve.State.Swept;
            reserve.State = reserve.State with { Liquidity = reserve.State.Liquidity + amount, Swept = 0 };
            Updated(reserve);
            Emit(reserve.Hub.Address, AaveV4Abi.Reclaim.Definition, [(int)reserve.Asset, OtherSpoke], amount);
        }
    }

    private void EliminateDeficit(FakeReserve reserve)
    {
        if (reserve.State.DeficitRay.IsZero)
        {
            return;
        }

        Accrue(reserve);
        var deficit = reserve.State.DeficitRay;
        var shares = (UInt128)PriceOf(reserve).ToShares(RayMath.FromRayUp(deficit), Rounding.Up);
        reserve.State = reserve.State with { AddedShares = reserve.State.AddedShares - shares, DeficitRay = UInt256.Zero };
        Updated(reserve);
        Emit(reserve.Hub.Address, AaveV4Abi.EliminateDeficit.Definition, [(int)reserve.Asset, OtherSpoke, Spoke], shares, deficit);
    }
}
