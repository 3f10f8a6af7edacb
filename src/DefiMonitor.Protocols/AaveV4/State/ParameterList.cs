using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>A Spoke's parameters by the names of ISpoke.sol, and what its hubs set for it and its assets (IHub.sol). Those of a key carry the key behind their name.</summary>
internal sealed class ParameterList(AaveV4Market market)
{
    private const byte Bps = 4;
    private const byte Wad = 18;
    private const string Reserve = "reserve";
    private const string Hub = "hub";
    private const string Implementation = "implementation";
    private const string Target = "targetHealthFactor";
    private const string MaxBonusHealth = "healthFactorForMaxBonus";
    private const string BonusFactor = "liquidationBonusFactor";
    private const string Risk = "collateralRisk";
    private const string Paused = "paused";
    private const string Frozen = "frozen";
    private const string Borrowable = "borrowable";
    private const string ReceiveShares = "receiveSharesEnabled";
    private const string Active = "active";
    private const string Halted = "halted";
    private const string AddCap = "addCap";
    private const string DrawCap = "drawCap";
    private const string LiquidityFee = "liquidityFee";

    private readonly AaveV4Tables tables = market.Tables;

    // By key: names are made once.
    private readonly Dictionary<uint, (string Factor, string Bonus, string Fee)> names = [];

    // By name.
    private readonly Dictionary<string, uint> keys = [];

    public void List(ICollection<MarketParameter> into)
    {
        var row = tables.Market;
        into.Add(MarketParameter.Contract(ParameterSubject.Market, "ORACLE", row.Oracle, ParameterKind.Oracle));
        into.Add(MarketParameter.Number(ParameterSubject.Market, "SPOKE_REVISION", row.Revision, 0, ParameterKind.Implementation));
        into.Add(MarketParameter.Contract(ParameterSubject.Market, Implementation, ImplementationOf(market.Spoke), ParameterKind.Implementation) with { Origin = ParameterOrigin.Events });
        into.Add(MarketParameter.Number(ParameterSubject.Market, Target, row.Liquidation.TargetHealthFactor, Wad, ParameterKind.Bonus));
        into.Add(MarketParameter.Number(ParameterSubject.Market, MaxBonusHealth, row.Liquidation.HealthFactorForMaxBonus, Wad, ParameterKind.Bonus));
        into.Add(MarketParameter.Share(ParameterSubject.Market, BonusFactor, row.Liquidation.LiquidationBonusFactor, Bps, ParameterKind.Bonus));
        foreach (var (hub, read) in tables.Hubs)
        {
            var subject = new ParameterSubject(Hub, hub, 0, default);
            into.Add(MarketParameter.Number(subject, "HUB_REVISION", read.Revision, 0, ParameterKind.Implementation));
            into.Add(MarketParameter.Contract(subject, Implementation, ImplementationOf(hub), ParameterKind.Implementation) with { Origin = ParameterOrigin.Events });
        }

        for (ushort id = 0; id < row.ReserveCount; id++)
        {
            if (tables.Reserves.TryGet(id, out var reserve))
            {
                Add(id, reserve, into);
            }
        }

        // Those that were read or seen: how many a reserve claims to have is only a claim.
        foreach (var (key, terms) in tables.Dynamics)
        {
            if (key.Reserve < row.ReserveCount && tables.Reserves.TryGet(key.Reserve, out var reserve) && key.Key <= reserve.LatestKey)
            {
                Add(key.Key, terms, SubjectOf(key.Reserve, reserve), into);
            }
        }
    }

    public bool Restore(in MarketParameter old)
    {
        if (old.Subject.What == Reserve)
        {
            return old.Subject.Number < ushort.MaxValue && tables.Reserves.TryGet((ushort)old.Subject.Number, out var reserve)
                && (RestoreReserve((ushort)old.Subject.Number, reserve, old) || RestoreKey((ushort)old.Subject.Number, old));
        }

        var config = tables.Market.Liquidation;
        switch (old.Name)
        {
            case Target:
                config = config with { TargetHealthFactor = (UInt128)old.Value };
                break;
            case MaxBonusHealth:
                config = config with { HealthFactorForMaxBonus = (ulong)old.Value };
                break;
            case BonusFactor:
                config = config with { LiquidationBonusFactor = (ushort)(ulong)old.Value };
                break;
            default:
                return false;
        }

        tables.Market = tables.Market with { Liquidation = config };
        return true;
    }

    private bool RestoreReserve(ushort id, ReserveRow row, in MarketParameter old)
    {
        var isSet = !old.Value.IsZero;
        switch (old.Name)
        {
            case Risk:
                row = row with { CollateralRisk = (uint)(ulong)old.Value };
                break;
            case Paused:
                row = row with { Flags = With(row.Flags, ReserveFlags.Paused, isSet) };
                break;
            case Frozen:
                row = row with { Flags = With(row.Flags, ReserveFlags.Frozen, isSet) };
                break;
            case Borrowable:
                row = row with { Flags = With(row.Flags, ReserveFlags.Borrowable, isSet) };
                break;
            case ReceiveShares:
                row = row with { Flags = With(row.Flags, ReserveFlags.ReceiveSharesEnabled, isSet) };
                break;
            case Active:
                row = row with { IsActive = isSet };
                break;
            case Halted:
                row = row with { IsHalted = isSet };
                break;
            case AddCap:
                row = row with { AddCap = (ulong)old.Value };
                break;
            case DrawCap:
                row = row with { DrawCap = (ulong)old.Value };
                break;
            case LiquidityFee when tables.HubAssets.TryGet(new HubAssetKey(row.Hub, row.Asset), out var asset):
                tables.HubAssets.Set(new HubAssetKey(row.Hub, row.Asset), asset with { Asset = asset.Asset with { LiquidityFee = (ushort)(ulong)old.Value } });
                return true;
            default:
                return false;
        }

        tables.Reserves.Set(id, row);
        return true;
    }

    private bool RestoreKey(ushort id, in MarketParameter old)
    {
        if (!keys.TryGetValue(old.Name, out var key) || !tables.Dynamics.TryGet(new DynamicKey(id, key), out var terms))
        {
            return false;
        }

        var (factor, bonus, _) = names[key];
        tables.Dynamics.Set(new DynamicKey(id, key), old.Name == factor ? terms with { CollateralFactor = (ushort)(ulong)old.Value }
            : old.Name == bonus ? terms with { MaxLiquidationBonus = (uint)(ulong)old.Value }
            : terms with { LiquidationFee = (ushort)(ulong)old.Value });
        return true;
    }

    private static ReserveFlags With(ReserveFlags flags, ReserveFlags flag, bool isSet) => isSet ? flags | flag : flags & ~flag;

    private void Add(ushort id, in ReserveRow reserve, ICollection<MarketParameter> into)
    {
        var subject = SubjectOf(id, reserve);
        into.Add(MarketParameter.Share(subject, Risk, reserve.CollateralRisk, Bps, ParameterKind.Other));
        into.Add(Flag(subject, Paused, reserve, ReserveFlags.Paused));
        into.Add(Flag(subject, Frozen, reserve, ReserveFlags.Frozen));
        into.Add(Flag(subject, Borrowable, reserve, ReserveFlags.Borrowable));
        into.Add(Flag(subject, ReceiveShares, reserve, ReserveFlags.ReceiveSharesEnabled));
        into.Add(MarketParameter.Flag(subject, Active, reserve.IsActive, ParameterKind.Pause));
        into.Add(MarketParameter.Flag(subject, Halted, reserve.IsHalted, ParameterKind.Pause));
        into.Add(MarketParameter.Number(subject, AddCap, reserve.AddCap, 0, ParameterKind.Cap));
        into.Add(MarketParameter.Number(subject, DrawCap, reserve.DrawCap, 0, ParameterKind.Cap));
        into.Add(MarketParameter.Contract(subject, "priceSource", reserve.PriceSource, ParameterKind.Oracle));
        into.Add(MarketParameter.Number(subject, "dynamicConfigKey", reserve.LatestKey, 0, ParameterKind.Threshold));
        if (tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset))
        {
            into.Add(MarketParameter.Share(subject, LiquidityFee, asset.Asset.LiquidityFee, Bps, ParameterKind.Other));
        }
    }

    private void Add(uint key, in DynamicConfig terms, in ParameterSubject subject, ICollection<MarketParameter> into)
    {
        var (factor, bonus, fee) = NamesOf(key);
        into.Add(MarketParameter.Share(subject, factor, terms.CollateralFactor, Bps, ParameterKind.Threshold));
        into.Add(MarketParameter.Share(subject, bonus, terms.MaxLiquidationBonus, Bps, ParameterKind.Bonus));
        into.Add(MarketParameter.Share(subject, fee, terms.LiquidationFee, Bps, ParameterKind.Bonus));
    }

    private static ParameterSubject SubjectOf(ushort id, in ReserveRow reserve) => new(Reserve, reserve.Underlying, id, reserve.Symbol);

    private static MarketParameter Flag(in ParameterSubject subject, string name, in ReserveRow reserve, ReserveFlags flag) =>
        MarketParameter.Flag(subject, name, (reserve.Flags & flag) != 0, ParameterKind.Pause);

    private (string Factor, string Bonus, string Fee) NamesOf(uint key)
    {
        if (!names.TryGetValue(key, out var name))
        {
            name = ($"collateralFactor of key {key}", $"maxLiquidationBonus of key {key}", $"liquidationFee of key {key}");
            names.Add(key, name);
            keys[name.Item1] = keys[name.Item2] = keys[name.Item3] = key;
        }

        return name;
    }

    private Address ImplementationOf(in Address proxy) => tables.Implementations.TryGet(proxy, out var implementation) ? implementation : Address.Zero;
}
