using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Answers about the market itself: its contracts, reserves and e-mode categories.</summary>
internal sealed class MarketWriter(AaveMarket market)
{
    private readonly AaveTables tables = market.Tables;

    public void Pool(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetMarket(AaveAbi.GetPool, result, MarketFields.Pool, (row, value) => row with { Pool = value });

    public void Configurator(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetMarket(AaveAbi.GetPoolConfigurator, result, MarketFields.Configurator, (row, value) => row with { Configurator = value });

    public void Oracle(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetMarket(AaveAbi.GetPriceOracle, result, MarketFields.Oracle, (row, value) => row with { Oracle = value });

    /// <summary>A provider without the function has no sentinel.</summary>
    public void Sentinel(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var sentinel = AaveAbi.GetPriceOracleSentinel.TryDecode(result, out var read, out _) ? read : Address.Zero;
        var row = tables.Market;
        tables.Market = row with { Sentinel = sentinel, Fields = row.Fields | MarketFields.Sentinel };
    }

    /// <summary>A fork's pool without the constant is read by the formulas that its deployment names, and without these is unknown like any other number.</summary>
    public void Revision(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var revision = AaveAbi.PoolRevision.TryDecode(result, out var read, out _) ? MarketOpening.RevisionOf(read) : 0;
        var row = tables.Market;
        tables.Market = row with { Revision = revision, Fields = row.Fields | MarketFields.Revision };
    }

    public void BaseUnit(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetMarket(AaveAbi.BaseCurrencyUnit, result, MarketFields.BaseUnit, (row, value) => row with { BaseUnit = value });

    public void List(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (!AaveAbi.GetReservesList.TryDecode(result, out var assets, out _))
        {
            Miss(MarketFields.List);
            return;
        }

        foreach (var asset in assets)
        {
            var id = tables.Assets.TryGet(asset, out var known) ? known.Reserve : AssetRow.NoId;
            tables.Assets.Set(asset, new AssetRow(id, block.Number));
        }

        var row = tables.Market;
        tables.Market = row with { ListBlock = block.Number, Fields = row.Fields | MarketFields.List };
    }

    public void LiquidationAllowed(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var read = AaveAbi.IsLiquidationAllowed.TryDecode(result, out var allowed, out _);
        tables.Market = tables.Market with { LiquidationAllowed = read && allowed, SentinelBlock = read ? block.Number : 0 };
    }

    public void Reserve(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var asset = CallArguments.Address(call);
        if (!tables.Assets.TryGet(asset, out var listed))
        {
            return;
        }

        if (!AaveAbi.GetReserveData.TryDecode(result, out var data, out _) || data.Id >= UserConfiguration.MaxReserves)
        {
            MissReserve(listed.Reserve, ReserveFields.Data);
            return;
        }

        tables.Assets.Set(asset, listed with { Reserve = data.Id });
        tables.Reserves.TryGet(data.Id, out var before);
        before = before.Asset == asset ? before : default;
        tables.Reserves.Set(data.Id, before with
        {
            Asset = asset,
            AToken = data.ATokenAddress,
            DebtToken = data.VariableDebtTokenAddress,
            StableDebtToken = data.StableDebtTokenAddress,
            Configuration = new ReserveConfiguration(data.Configuration.Data),
            Indexes = new ReserveIndexes(
                data.LiquidityIndex, data.CurrentLiquidityRate, data.VariableBorrowIndex, data.CurrentVariableBorrowRate, data.LastUpdateTimestamp),
            IsolationDebt = data.IsolationModeTotalDebt,
            Fields = before.Fields | ReserveFields.Data,
            ReadBlock = block.Number,
        });
        tables.Backgrounds.TryGet(asset, out var background);
        tables.Backgrounds.Set(asset, background with { RateStrategy = data.InterestRateStrategyAddress });
        SetToken(data.ATokenAddress, data.Id, TokenSide.Supply);
        SetToken(data.VariableDebtTokenAddress, data.Id, TokenSide.Debt);
        SetToken(data.StableDebtTokenAddress, data.Id, TokenSide.Stable);
    }

    public void Grace(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (!tables.Assets.TryGet(CallArguments.Address(call), out var listed) || !tables.Reserves.TryGet(listed.Reserve, out var row))
        {
            return;
        }

        if (AaveAbi.GetLiquidationGracePeriod.TryDecode(result, out var until, out _))
        {
            tables.Reserves.Set(listed.Reserve, row with { GraceUntil = until, Fields = row.Fields | ReserveFields.Grace });
        }
        else
        {
            MissReserve(listed.Reserve, ReserveFields.Grace);
        }
    }

    /// <summary>Hostile, and in a few old tokens a bytes32; a token without a name is called by its address.</summary>
    public void Symbol(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (!tables.Assets.TryGet(call.To, out var listed) || !tables.Reserves.TryGet(listed.Reserve, out var row))
        {
            return;
        }

        var text = AaveAbi.Symbol.TryDecode(result, out var read, out _) ? read
            : result.Success && result.Data.Length == AbiReader.WordSize ? Encoding.UTF8.GetString(result.Data.Span).TrimEnd('\0')
            : "";
        text = text.Trim();
        tables.Reserves.Set(listed.Reserve, row with { Symbol = Text32.From(text.Length > 0 ? text : ShortOf(call.To)) });
    }

    public void CategoryData(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetCategory(block, call, result, AaveAbi.GetEModeCategoryData, EModeFields.Parameters, (row, data) => row with
        {
            Category = row.Category with { Ltv = data.Ltv, LiquidationThreshold = data.LiquidationThreshold, LiquidationBonus = data.LiquidationBonus },
            PriceSource = data.PriceSource,
        });

    public void CategoryParameters(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetCategory(block, call, result, AaveAbi.GetEModeCollateralConfig, EModeFields.Parameters, (row, data) => row with
        {
            Category = row.Category with { Ltv = data.Ltv, LiquidationThreshold = data.LiquidationThreshold, LiquidationBonus = data.LiquidationBonus },
            PriceSource = Address.Zero,
        });

    public void CategoryCollateral(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetCategory(block, call, result, AaveAbi.GetEModeCollateralBitmap, EModeFields.Collateral, (row, map) => row with
        {
            Category = row.Category with { CollateralBitmap = map },
        });

    public void CategoryLtvzero(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetCategory(block, call, result, AaveAbi.GetEModeLtvzeroBitmap, EModeFields.Ltvzero, (row, map) => row with
        {
            Category = row.Category with { LtvzeroBitmap = map },
        });

    public void CategoryIsolated(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) =>
        SetCategory(block, call, result, AaveAbi.GetEModeIsolated, EModeFields.Isolated, (row, isolated) => row with
        {
            Category = row.Category with { IsIsolated = isolated ? (byte)1 : (byte)0 },
        });

    private static string ShortOf(in Address token)
    {
        var hex = token.ToHex();
        return $"{hex[..6]}..{hex[^4..]}";
    }

    private void SetMarket<T>(AbiResult<T> shape, CallResult result, MarketFields field, Func<MarketRow, T, MarketRow> set)
    {
        if (shape.TryDecode(result, out var value, out _))
        {
            var row = set(tables.Market, value);
            tables.Market = row with { Fields = row.Fields | field };
        }
        else
        {
            Miss(field);
        }
    }

    private void Miss(MarketFields field)
    {
        var row = tables.Market;
        tables.Market = row with { Fields = row.Fields & ~field };
    }

    private void MissReserve(ushort id, ReserveFields field)
    {
        if (tables.Reserves.TryGet(id, out var row))
        {
            tables.Reserves.Set(id, row with { Fields = row.Fields & ~field });
        }
    }

    private void SetToken(in Address token, ushort reserve, TokenSide side)
    {
        if (!token.IsZero)
        {
            tables.Tokens.Set(token, new TokenRow(reserve, side));
        }
    }

    private void SetCategory<T>(
        BlockHeader block, Call call, CallResult result, AbiResult<T> shape, EModeFields field, Func<EModeRow, T, EModeRow> set)
    {
        var id = CallArguments.Byte(call);
        tables.EModes.TryGet(id, out var before);
        var after = shape.TryDecode(result, out var value, out _)
            ? set(before, value) with { Fields = before.Fields | field, ReadBlock = block.Number }
            : before with { Fields = before.Fields & ~field };
        tables.EModes.Set(id, after);
    }
}
