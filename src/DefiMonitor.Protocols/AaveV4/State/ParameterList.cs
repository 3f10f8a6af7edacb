using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>A Spoke's parameters by the names of ISpoke.sol, and what its hubs set for it and its assets (IHub.sol). A key of a reserve is a subject of its own, so that a new one is told with what it says.</summary>
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
    private const string PremiumThreshold = "riskPremiumThreshold";
    private const string LatestKey = "dynamicConfigKey";
    private const string Source = "priceSource";
    private const string LiquidityFee = "liquidityFee";
    private const string Factor = "collateralFactor";
    private const string Bonus = "maxLiquidationBonus";
    private const string Fee = "liquidationFee";

    /// <summary>Hub.MAX_ALLOWED_SPOKE_CAP, MAX_RISK_PREMIUM_THRESHOLD: as good as none.</summary>
    private const ulong NoCap = (1UL << 40) - 1;
    private const uint NoThreshold = (1u << 24) - 1;

    private readonly AaveV4Tables tables = market.Tables;

    // What a key's subject is called, and back: names are made once.
    private readonly Dictionary<uint, string> names = [];
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
            if (key.Reserve < row.ReserveCount && tables.Reserves.TryGet(key.Reserve, out var reserve))
            {
                Add(key, reserve, terms, into);
            }
        }
    }

    public bool Restore(in MarketParameter old)
    {
        if (old.Subject.What == Reserve)
        {
            return old.Subject.Number < ushort.MaxValue && tables.Reserves.TryGet((ushort)old.Subject.Number, out var reserve)
                && RestoreReserve((ushort)old.Subject.Number, reserve, old);
        }

        if (keys.TryGetValue(old.Subject.What, out var key))
        {
            return RestoreKey(new DynamicKey((ushort)old.Subject.Number, key), old);
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
            case PremiumThreshold:
                row = row with { RiskPremiumThreshold = (uint)(ulong)old.Value };
                break;
            case LatestKey:
                row = row with { LatestKey = (uint)(ulong)old.Value };
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

    private bool RestoreKey(in DynamicKey key, in MarketParameter old)
    {
        if (!tables.Dynamics.TryGet(key, out var terms))
        {
            return false;
        }

        tables.Dynamics.Set(key, old.Name == Factor ? terms with { CollateralFactor = (ushort)(ulong)old.Value }
            : old.Name == Bonus ? terms with { MaxLiquidationBonus = (uint)(ulong)old.Value }
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
        into.Add(MarketParameter.Number(subject, AddCap, reserve.AddCap, 0, ParameterKind.Cap) with { Unlimited = NoCap });
        into.Add(MarketParameter.Number(subject, DrawCap, reserve.DrawCap, 0, ParameterKind.Cap) with { Unlimited = NoCap });
        into.Add(MarketParameter.Share(subject, PremiumThreshold, reserve.RiskPremiumThreshold, Bps, ParameterKind.Cap) with { Unlimited = NoThreshold });
        into.Add(MarketParameter.Contract(subject, Source, reserve.PriceSource, ParameterKind.Oracle));
        into.Add(MarketParameter.Number(subject, LatestKey, reserve.LatestKey, 0, ParameterKind.Threshold));
        if (tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset))
        {
            into.Add(MarketParameter.Share(subject, LiquidityFee, asset.Asset.LiquidityFee, Bps, ParameterKind.Other));
        }
    }

    private void Add(in DynamicKey key, in ReserveRow reserve, in DynamicConfig terms, ICollection<MarketParameter> into)
    {
        // An old key is read once somebody enters who is bound to it.
        var origin = (ulong)key.Key + MarketOpening.MostKeys > reserve.LatestKey ? ParameterOrigin.Read : ParameterOrigin.Demand;
        var subject = SubjectOf(key.Reserve, reserve) with { What = NameOf(key.Key) };
        into.Add(MarketParameter.Share(subject, Factor, terms.CollateralFactor, Bps, ParameterKind.Threshold) with { Origin = origin });
        into.Add(MarketParameter.Share(subject, Bonus, terms.MaxLiquidationBonus, Bps, ParameterKind.Bonus) with { Origin = origin });
        into.Add(MarketParameter.Share(subject, Fee, terms.LiquidationFee, Bps, ParameterKind.Bonus) with { Origin = origin });
    }

    private static ParameterSubject SubjectOf(ushort id, in ReserveRow reserve) => new(Reserve, reserve.Underlying, id, reserve.Symbol) { IsNumbered = true };

    private static MarketParameter Flag(in ParameterSubject subject, string name, in ReserveRow reserve, ReserveFlags flag) =>
        MarketParameter.Flag(subject, name, (reserve.Flags & flag) != 0, ParameterKind.Pause);

    private string NameOf(uint key)
    {
        if (!names.TryGetValue(key, out var name))
        {
            name = $"key {key} of reserve";
            names.Add(key, name);
            keys.Add(name, key);
        }

        return name;
    }

    private Address ImplementationOf(in Address proxy) => tables.Implementations.TryGet(proxy, out var implementation) ? implementation : Address.Zero;
}
