using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The market's parameters by the names of ReserveConfiguration.sol and DataTypes.sol, out of the tables and, for a question, back into them.</summary>
internal sealed class ParameterList(AaveMarket market)
{
    private const byte Bps = 4;
    private const string Asset = "asset";
    private const string Category = "e-mode";
    private const string Ltv = "ltv";
    private const string Threshold = "liquidationThreshold";
    private const string Bonus = "liquidationBonus";
    private const string Grace = "liquidationGracePeriodUntil";
    private const string Collateral = "collateralBitmap";
    private const string Ltvzero = "ltvzeroBitmap";
    private const string Isolated = "isolated";
    private const string RateStrategy = "interestRateStrategyAddress";
    private const string RateData = "interestRateData";

    // Bits of ReserveConfigurationMap whose changes an event of the configurator tells.
    private static readonly Field[] Fields =
    [
        new(Ltv, 0, 16, ParameterUnit.Share, Bps, ParameterKind.Threshold),
        new(Threshold, 16, 16, ParameterUnit.Share, Bps, ParameterKind.Threshold),
        new(Bonus, 32, 16, ParameterUnit.Share, Bps, ParameterKind.Bonus),
        new("decimals", 48, 8, ParameterUnit.Number, 0, ParameterKind.Other),
        new("active", 56, 1, ParameterUnit.Flag, 0, ParameterKind.Pause),
        new("frozen", 57, 1, ParameterUnit.Flag, 0, ParameterKind.Pause),
        new("borrowingEnabled", 58, 1, ParameterUnit.Flag, 0, ParameterKind.Pause),
        new("paused", 60, 1, ParameterUnit.Flag, 0, ParameterKind.Pause),
        new("reserveFactor", 64, 16, ParameterUnit.Share, Bps, ParameterKind.Other),
        new("borrowCap", 80, 36, ParameterUnit.Number, 0, ParameterKind.Cap) { Unlimited = UInt256.Zero },
        new("supplyCap", 116, 36, ParameterUnit.Number, 0, ParameterKind.Cap) { Unlimited = UInt256.Zero },
        new("liquidationProtocolFee", 152, 16, ParameterUnit.Share, Bps, ParameterKind.Bonus),
        new("eModeCategory", 168, 8, ParameterUnit.Number, 0, ParameterKind.EMode),
        new("debtCeiling", 212, 40, ParameterUnit.Number, 2, ParameterKind.Cap) { Unlimited = UInt256.Zero },
    ];

    private static readonly ParameterSubject Pool = new("pool", default, 0, default);
    private static readonly ParameterSubject Configurator = new("poolConfigurator", default, 0, default);

    private readonly AaveTables tables = market.Tables;

    public void List(ICollection<MarketParameter> into)
    {
        var row = tables.Market;
        into.Add(MarketParameter.Contract(ParameterSubject.Market, "priceOracle", row.Oracle, ParameterKind.Oracle));
        into.Add(MarketParameter.Contract(ParameterSubject.Market, "priceOracleSentinel", row.Sentinel, ParameterKind.Pause));
        into.Add(MarketParameter.Contract(ParameterSubject.Market, "poolConfigurator", row.Configurator, ParameterKind.Other));
        into.Add(MarketParameter.Contract(Pool, "address", row.Pool, ParameterKind.Implementation));
        into.Add(MarketParameter.Number(Pool, "POOL_REVISION", row.Revision, 0, ParameterKind.Implementation));
        into.Add(MarketParameter.Contract(Pool, "implementation", Implementation(row.Pool), ParameterKind.Implementation) with { Origin = ParameterOrigin.Events });
        into.Add(MarketParameter.Contract(Configurator, "implementation", Implementation(row.Configurator), ParameterKind.Other) with { Origin = ParameterOrigin.Events });
        foreach (var (_, reserve) in tables.Reserves)
        {
            if ((reserve.Fields & market.NeededOfReserve) == market.NeededOfReserve)
            {
                Add(reserve, into);
            }
        }

        foreach (var (id, category) in tables.EModes)
        {
            if ((category.Fields & market.NeededOfEMode) == market.NeededOfEMode)
            {
                Add(id, category, into);
            }
        }
    }

    public bool Restore(in MarketParameter old)
    {
        if (old.Subject.What == Category)
        {
            return RestoreCategory((byte)old.Subject.Number, old);
        }

        if (old.Subject.What != Asset || !tables.Assets.TryGet(old.Subject.Asset, out var asset) || !tables.Reserves.TryGet(asset.Reserve, out var reserve))
        {
            return false;
        }

        if (old.Name == Grace)
        {
            tables.Reserves.Set(asset.Reserve, reserve with { GraceUntil = (ulong)old.Value });
            return true;
        }

        // What a borrower pays stands in the indexes, by the rate that the pool stored: no verdict goes by the model itself.
        if (old.Name is RateStrategy or RateData)
        {
            tables.Backgrounds.TryGet(reserve.Asset, out var background);
            tables.Backgrounds.Set(reserve.Asset, old.Name == RateData
                ? background with { RateData = (UInt128)old.Value }
                : background with { RateStrategy = Address.FromWord(Hash32.FromUInt256(old.Value)) });
            return true;
        }

        foreach (var field in Fields)
        {
            if (field.Name == old.Name)
            {
                tables.Reserves.Set(asset.Reserve, reserve with { Configuration = reserve.Configuration.With(field.Offset, field.Length, old.Value) });
                return true;
            }
        }

        return false;
    }

    private bool RestoreCategory(byte id, in MarketParameter old)
    {
        if (!tables.EModes.TryGet(id, out var row))
        {
            return false;
        }

        var category = row.Category;
        switch (old.Name)
        {
            case Ltv:
                category = category with { Ltv = (ushort)(ulong)old.Value };
                break;
            case Threshold:
                category = category with { LiquidationThreshold = (ushort)(ulong)old.Value };
                break;
            case Bonus:
                category = category with { LiquidationBonus = (ushort)(ulong)old.Value };
                break;
            case Collateral:
                category = category with { CollateralBitmap = (UInt128)old.Value };
                break;
            case Ltvzero:
                category = category with { LtvzeroBitmap = (UInt128)old.Value };
                break;
            case Isolated:
                category = category with { IsIsolated = (byte)(ulong)old.Value };
                break;
            default:
                return false;
        }

        tables.EModes.Set(id, row with { Category = category });
        return true;
    }

    private void Add(in ReserveRow reserve, ICollection<MarketParameter> into)
    {
        var subject = new ParameterSubject(Asset, reserve.Asset, 0, reserve.Symbol);
        foreach (var field in Fields)
        {
            into.Add(new MarketParameter(subject, field.Name, reserve.Configuration.Bits(field.Offset, field.Length), field.Unit, field.Decimals, field.Kind) { Unlimited = field.Unlimited });
        }

        tables.Backgrounds.TryGet(reserve.Asset, out var background);
        into.Add(new MarketParameter(subject, Grace, reserve.GraceUntil, ParameterUnit.Time, 0, ParameterKind.Pause));
        into.Add(MarketParameter.Contract(subject, "priceSource", background.PriceSource, ParameterKind.Oracle) with { Origin = ParameterOrigin.Events });
        if (!background.RateStrategy.IsZero)
        {
            // A state of before it was read has none: then it is not known.
            into.Add(MarketParameter.Contract(subject, RateStrategy, background.RateStrategy, ParameterKind.RateModel));
        }

        into.Add(new MarketParameter(subject, RateData, background.RateData, ParameterUnit.Bits, 0, ParameterKind.RateModel) with { Origin = ParameterOrigin.Events });
        into.Add(MarketParameter.Contract(subject, "aToken implementation", Implementation(reserve.AToken), ParameterKind.Implementation) with { Origin = ParameterOrigin.Events });
        into.Add(MarketParameter.Contract(subject, "variableDebtToken implementation", Implementation(reserve.DebtToken), ParameterKind.Implementation) with { Origin = ParameterOrigin.Events });
    }

    private void Add(byte id, in EModeRow row, ICollection<MarketParameter> into)
    {
        var subject = new ParameterSubject(Category, default, id, default);
        var category = row.Category;
        into.Add(MarketParameter.Share(subject, Ltv, category.Ltv, Bps, ParameterKind.Threshold));
        into.Add(MarketParameter.Share(subject, Threshold, category.LiquidationThreshold, Bps, ParameterKind.Threshold));
        into.Add(MarketParameter.Share(subject, Bonus, category.LiquidationBonus, Bps, ParameterKind.Bonus));
        into.Add(new MarketParameter(subject, Collateral, category.CollateralBitmap, ParameterUnit.Bits, 0, ParameterKind.EMode));
        into.Add(new MarketParameter(subject, Ltvzero, category.LtvzeroBitmap, ParameterUnit.Bits, 0, ParameterKind.EMode));
        into.Add(MarketParameter.Flag(subject, Isolated, category.IsIsolated != 0, ParameterKind.EMode));
        if (market.Version <= AaveVersion.V31)
        {
            into.Add(MarketParameter.Contract(subject, "priceSource", row.PriceSource, ParameterKind.Oracle));
        }
    }

    private Address Implementation(in Address proxy) => tables.Implementations.TryGet(proxy, out var implementation) ? implementation : Address.Zero;

    private sealed record Field(string Name, int Offset, int Length, ParameterUnit Unit, byte Decimals, ParameterKind Kind)
    {
        public UInt256? Unlimited { get; init; }
    }
}
