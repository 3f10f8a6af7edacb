using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    /// <summary>MAX_ASSETS_FOR_ASSET_LIST of CometWithExtendedAssetList.sol; Comet.sol has 12.</summary>
    public const byte MostAssets = 24;

    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly CometMarket market;
    private readonly CometTables tables;

    public ReadWriter(CometMarket market)
    {
        this.market = market;
        tables = market.Tables;
        On(CometAbi.BaseToken.Function, (_, _, result, _) =>
            Set(CometAbi.BaseToken, result, MarketFields.BaseToken, static (parameters, token) => parameters with { BaseToken = token }));
        On(CometAbi.BaseTokenPriceFeed.Function, (_, _, result, _) =>
            Set(CometAbi.BaseTokenPriceFeed, result, MarketFields.BasePriceFeed, static (parameters, feed) => parameters with { BasePriceFeed = feed }));
        On(CometAbi.NumAssets.Function, (_, _, result, _) => Count(result));
        foreach (var number in Numbers)
        {
            On(number.Result.Function, (_, _, result, _) => Number(number, result));
        }

        On(CometAbi.TotalsBasic.Function, (block, _, result, _) => Totals(block, result));
        On(CometAbi.GetAssetInfo.Function, (block, call, result, _) => Asset(block, call, result));
        On(CometAbi.TotalsCollateral.Function, (block, call, result, _) => Supplied(block, call, result));
        On(CometAbi.LatestRoundData.Function, (block, call, result, _) => Price(block, call, result));
        On(CometAbi.Symbol.Function, (_, call, result, _) => Symbol(call, result));
        On(CometAbi.UserBasic.Function, Basic);
        On(CometAbi.UserCollateral.Function, Collateral);
        foreach (var view in new[] { CometAbi.BalanceOf.Function, CometAbi.BorrowBalanceOf.Function, CometAbi.IsLiquidatable.Function, CometAbi.IsBorrowCollateralized.Function })
        {
            // Words to compare with, and nothing to keep.
            On(view, static (_, _, _, _) => { });
        }
    }

    /// <summary>The market's plain numbers, each with the field that it fills. All but baseBorrowMin were 64 bits when they were configured.</summary>
    public static IReadOnlyList<MarketNumber> Numbers { get; } =
    [
        new(CometAbi.BaseScale, MarketFields.BaseScale, static (p, n) => p with { BaseScale = (ulong)n }),
        new(CometAbi.BaseBorrowMin, MarketFields.BaseBorrowMin, static (p, n) => p with { BaseBorrowMin = n }),
        new(CometAbi.SupplyKink, MarketFields.SupplyKink, static (p, n) => p with { Rates = p.Rates with { SupplyKink = (ulong)n } }),
        new(CometAbi.SupplySlopeLow, MarketFields.SupplySlopeLow, static (p, n) => p with { Rates = p.Rates with { SupplySlopeLow = (ulong)n } }),
        new(CometAbi.SupplySlopeHigh, MarketFields.SupplySlopeHigh, static (p, n) => p with { Rates = p.Rates with { SupplySlopeHigh = (ulong)n } }),
        new(CometAbi.SupplyRateBase, MarketFields.SupplyBase, static (p, n) => p with { Rates = p.Rates with { SupplyBase = (ulong)n } }),
        new(CometAbi.BorrowKink, MarketFields.BorrowKink, static (p, n) => p with { Rates = p.Rates with { BorrowKink = (ulong)n } }),
        new(CometAbi.BorrowSlopeLow, MarketFields.BorrowSlopeLow, static (p, n) => p with { Rates = p.Rates with { BorrowSlopeLow = (ulong)n } }),
        new(CometAbi.BorrowSlopeHigh, MarketFields.BorrowSlopeHigh, static (p, n) => p with { Rates = p.Rates with { BorrowSlopeHigh = (ulong)n } }),
        new(CometAbi.BorrowRateBase, MarketFields.BorrowBase, static (p, n) => p with { Rates = p.Rates with { BorrowBase = (ulong)n } }),
    ];

    public void Write(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (call.Data.Length < 4 || !bySelector.TryGetValue(Key(call.Data.Span), out var write))
        {
            throw new ArgumentException($"{call} is no call that {market.Deployment.Id} asks for.", nameof(call));
        }

        write(block, call, result, touched);
        market.TryOpen(block.Number);
    }

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), write);

    private void Number(MarketNumber number, CallResult result) => Set(number.Result, result, number.Field, number.Set);

    private void Count(CallResult result)
    {
        Set(CometAbi.NumAssets, result, MarketFields.NumAssets, static (parameters, count) => parameters with { NumAssets = count });
        if (tables.Market.Parameters.NumAssets > MostAssets)
        {
            Miss(MarketFields.NumAssets);
        }
    }

    private void Set<T>(AbiResult<T> shape, CallResult result, MarketFields field, Func<MarketParameters, T, MarketParameters> set)
    {
        if (!shape.TryDecode(result, out var value, out _))
        {
            Miss(field);
            return;
        }

        var row = tables.Market;
        try
        {
            tables.Market = row with { Parameters = set(row.Parameters, value), Fields = row.Fields | field };
        }
        catch (OverflowException)
        {
            // No Comet has such a number.
            Miss(field);
        }
    }

    private void Miss(MarketFields field)
    {
        var row = tables.Market;
        tables.Market = row with { Fields = row.Fields & ~field };
    }

    private void Totals(BlockHeader block, CallResult result)
    {
        var row = tables.Market;
        if (!CometAbi.TotalsBasic.TryDecode(result, out var answer, out _))
        {
            tables.Market = row with { TotalsBlock = 0 };
            return;
        }

        var next = row with { Totals = answer.Totals, TotalsBlock = block.Number };
        tables.Market = row.TotalsBlock != block.Number && SomebodyWaits(next, block) ? next with { Round = row.Round + 1 } : next;
    }

    private bool SomebodyWaits(MarketRow row, BlockHeader block)
    {
        foreach (var (_, account) in tables.Accounts)
        {
            if (!market.IsCertain(account, row, block))
            {
                return true;
            }
        }

        return false;
    }

    private void Asset(BlockHeader block, Call call, CallResult result)
    {
        var offset = CallArguments.Byte(call);
        tables.Assets.TryGet(offset, out var row);
        if (!CometAbi.GetAssetInfo.TryDecode(result, out var info, out _) || info.Scale == 0)
        {
            tables.Assets.Set(offset, row with { ReadBlock = 0 });
            return;
        }

        tables.Assets.Set(offset, (row.Asset == info.Asset ? row : default) with
        {
            Asset = info.Asset, PriceFeed = info.PriceFeed, Terms = info.Terms, SupplyCap = info.SupplyCap, ReadBlock = block.Number,
        });
    }

    private void Supplied(BlockHeader block, Call call, CallResult result)
    {
        if (CometAbi.TotalsCollateral.TryDecode(result, out var totals, out _))
        {
            tables.Supplied.Set(CallArguments.First(call), new SuppliedRow(totals.TotalSupplyAsset, block.Number));
        }
        else
        {
            // Without it the market does not open, so that no cap is judged by an older total.
            tables.Supplied.Remove(CallArguments.First(call));
        }
    }

    /// <summary>Comet.sol getPrice: latestRoundData's answer, above 0; it looks at no age.</summary>
    private void Price(BlockHeader block, Call call, CallResult result)
    {
        var isRead = CometAbi.LatestRoundData.TryDecode(result, out var round, out _) && round.Answer > 0;
        tables.Prices.Set(call.To, isRead
            ? new PriceRow((UInt128)round.Answer, block.Number, true)
            : new PriceRow(UInt256.Zero, block.Number, false));
    }

    private void Symbol(Call call, CallResult result)
    {
        var symbol = TokenSymbol.From(call.To, CometAbi.Symbol, result);
        var row = tables.Market;
        if (call.To == row.Parameters.BaseToken)
        {
            tables.Market = row with { BaseSymbol = symbol };
        }
        else if (market.TryFind(call.To, out var offset, out var asset))
        {
            tables.Assets.Set(offset, asset with { Symbol = symbol });
        }
    }

    private void Basic(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.First(call);
        var isIn = tables.Accounts.TryGet(user, out var before);
        if (!CometAbi.UserBasic.TryDecode(result, out var basic, out _))
        {
            if (isIn)
            {
                tables.MarkPending(user, block.Number);
                touched.Add(market.IdOf(user));
            }

            return;
        }

        // What is not, or no longer, listed the contract does not look at.
        var held = basic.Held & ((1u << tables.Market.Parameters.NumAssets) - 1);
        var after = new AccountRow(basic.Principal, held, tables.Market.Round, block.Timestamp, block.Number, market.HeldOf(user) == held);
        if (!isIn || before.Principal != after.Principal || before.IsWhole != after.IsWhole || tables.Pending.Contains(user))
        {
            touched.Add(market.IdOf(user));
        }

        tables.Accounts.Set(user, after);
        tables.Pending.Remove(user);
    }

    private void Collateral(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.First(call);
        var asset = CallArguments.Second(call);
        if (!tables.Accounts.TryGet(user, out var row))
        {
            return;
        }

        var before = tables.CollateralOf(user, asset);
        var after = CometAbi.UserCollateral.TryDecode(result, out var answer, out _) ? answer.Balance : 0;
        if (after != before)
        {
            tables.SetCollateral(user, asset, after);
        }

        // An answer that is none takes the balance away: then what we have is not what the contract's bits say, until it is read.
        var isWhole = market.HeldOf(user) == row.Held;
        if (after != before || isWhole != row.IsWhole)
        {
            tables.Accounts.Set(user, row with { IsWhole = isWhole });
            touched.Add(market.IdOf(user));
        }
    }
}

/// <summary>A number of the market that one call answers.</summary>
internal sealed record MarketNumber(AbiResult<UInt256> Result, MarketFields Field, Func<MarketParameters, UInt256, MarketParameters> Set);
