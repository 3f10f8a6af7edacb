using System.Buffers.Binary;
using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly EulerMarket market;
    private readonly EulerTables tables;
    private readonly TotalsWriter totals;
    private readonly AccountWriter accounts;

    public ReadWriter(EulerMarket market, TotalsWriter totals, AccountWriter accounts, QuoteCheck check)
    {
        this.market = market;
        this.totals = totals;
        this.accounts = accounts;
        tables = market.Tables;
        OnMarket(EulerAbi.EvcOf, MarketFields.Evc, static (row, value) => row with { Evc = value });
        OnMarket(EulerAbi.Oracle, MarketFields.Oracle, static (row, value) => row with { Oracle = value });
        OnMarket(EulerAbi.UnitOfAccount, MarketFields.UnitOfAccount, static (row, value) => row with { UnitOfAccount = value });
        OnMarket(EulerAbi.MaxLiquidationDiscount, MarketFields.Discount, static (row, value) => row with { MaxLiquidationDiscount = value });
        OnMarket(EulerAbi.LiquidationCoolOffTime, MarketFields.CoolOff, static (row, value) => row with { CoolOffTime = value });
        On(EulerAbi.Asset.Function, (_, call, result, _) => Asset(call, result));
        On(EulerAbi.HookConfig.Function, (_, call, result, _) => HookConfig(call, result));
        On(EulerAbi.LtvList.Function, (block, _, result, _) => LtvList(block, result));
        On(EulerAbi.LtvFull.Function, (block, call, result, _) => LtvFull(block, call, result));
        OnTotals(EulerAbi.Cash, TotalsFields.Cash);
        OnTotals(EulerAbi.TotalSupply, TotalsFields.Shares);
        OnTotals(EulerAbi.InterestRate, TotalsFields.Rate);
        On(EulerAbi.InterestFee.Function, (block, call, result, _) => totals.TakeFee(block, call.To, result));
        On(EulerAbi.InterestAccumulator.Function, (block, call, result, _) => Accumulator(block, call, result));
        On(EulerAbi.TotalBorrowsExact.Function, (block, call, result, _) => Borrows(block, call, result));
        foreach (var call in AdapterFacts.Questions(Address.Zero))
        {
            bySelector.Add(Key(call.Data.Span), (_, asked, result, _) => Adapter(asked, result));
        }

        On(EulerAbi.ConfiguredOracle.Function, (_, call, result, _) => Configured(call, result));
        On(EulerAbi.ResolvedVault.Function, (_, call, result, _) =>
            tables.Resolved.Set(new ResolvedKey(call.To, CallArguments.First(call)), FactOf(EulerAbi.ResolvedVault, result)));
        On(EulerAbi.ConvertToAssets.Function, (block, call, result, _) =>
            Rate(block, new PairKey(call.To, Address.Zero, Address.Zero), EulerAbi.ConvertToAssets, result));
        On(EulerAbi.GetQuote.Function, (block, call, result, _) =>
        {
            var (amount, from, quote) = CallArguments.Quote(call);
            if (amount == Stage.Probe)
            {
                Rate(block, new PairKey(call.To, from, quote), EulerAbi.GetQuote, result);
            }
            else
            {
                check.Write(block, from, result);
            }
        });
        On(EulerAbi.Decimals.Function, (_, call, result, _) =>
            SetFace(call.To, face => face with { Decimals = EulerAbi.Decimals.TryDecode(result, out var read, out _) && read <= 36 ? read : (byte)0 }));
        On(EulerAbi.Symbol.Function, (_, call, result, _) => SetFace(call.To, face => face with { Symbol = TokenSymbol.From(call.To, EulerAbi.Symbol, result) }));
        On(EulerAbi.GetControllers.Function, (block, call, result, touched) => accounts.Controllers(block, CallArguments.First(call), result, touched));
        On(EulerAbi.GetCollaterals.Function, (block, call, result, touched) => accounts.Collaterals(block, CallArguments.First(call), result, touched));
        On(EulerAbi.LastStatusCheck.Function, (block, call, result, touched) => accounts.LastCheck(block, CallArguments.First(call), result, touched));
        On(EulerAbi.DebtOfExact.Function, (block, call, result, touched) => accounts.Debt(block, CallArguments.First(call), result, touched));
        On(EulerAbi.BalanceOf.Function, (block, call, result, touched) => accounts.Balance(block, CallArguments.First(call), call.To, result, touched));
        On(EulerAbi.AccountLiquidity.Function, static (_, _, _, _) => { });
        On(EulerAbi.DebtOf.Function, static (_, _, _, _) => { });
    }

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

    private static AddressFact FactOf(AbiResult<Address> shape, CallResult result) =>
        shape.TryDecode(result, out var value, out _) ? new AddressFact(value, true) : default;

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), write);

    private void OnMarket<T>(AbiResult<T> shape, MarketFields field, Func<MarketRow, T, MarketRow> set) => On(shape.Function, (_, _, result, _) =>
    {
        var row = tables.Market;
        tables.Market = shape.TryDecode(result, out var value, out _)
            ? set(row, value) with { Fields = row.Fields | field }
            : row with { Fields = row.Fields & ~field };
    });

    private void OnTotals(AbiResult<UInt256> shape, TotalsFields field) =>
        On(shape.Function, (block, call, result, _) => totals.Take(block, call.To, field, shape, result));

    // Of the liability vault, or of a collateral, whose asset is only shown: what its shares are worth the route says.
    private void Asset(Call call, CallResult result)
    {
        var isRead = EulerAbi.Asset.TryDecode(result, out var asset, out _);
        if (call.To == market.Vault)
        {
            var row = tables.Market;
            tables.Market = isRead ? row with { Asset = asset, Fields = row.Fields | MarketFields.Asset } : row with { Fields = row.Fields & ~MarketFields.Asset };
        }
        else if (tables.Collaterals.TryGet(call.To, out var row))
        {
            tables.Collaterals.Set(call.To, row with { Asset = isRead ? asset : call.To });
        }
    }

    private void HookConfig(Call call, CallResult result)
    {
        var isRead = EulerAbi.HookConfig.TryDecode(result, out var hooks, out _);
        if (call.To == market.Vault)
        {
            var row = tables.Market;
            tables.Market = isRead
                ? row with { Hooks = new Hooks(hooks.Target, hooks.Operations), Fields = row.Fields | MarketFields.Hooks }
                : row with { Fields = row.Fields & ~MarketFields.Hooks };
        }
        else if (isRead && tables.Collaterals.TryGet(call.To, out var row))
        {
            tables.Collaterals.Set(call.To, row with { Hooks = new Hooks(hooks.Target, hooks.Operations) });
        }
    }

    private void LtvList(BlockHeader block, CallResult result)
    {
        var row = tables.Market;
        if (!EulerAbi.LtvList.TryDecode(result, out var list, out _))
        {
            tables.Market = row with { Fields = row.Fields & ~MarketFields.Collaterals };
            return;
        }

        tables.Market = row with { Fields = row.Fields | MarketFields.Collaterals };
        foreach (var vault in list)
        {
            if (!tables.Collaterals.Contains(vault))
            {
                accounts.Recognise(block, vault);
            }
        }
    }

    private void LtvFull(BlockHeader block, Call call, CallResult result)
    {
        var collateral = CallArguments.First(call);
        if (tables.Collaterals.TryGet(collateral, out var row))
        {
            tables.Collaterals.Set(collateral, EulerAbi.LtvFull.TryDecode(result, out var ltv, out _)
                ? row with { HasLtv = true, Ltv = ltv.Config }
                : row with { HasLtv = false });
            market.CloseUnlessWhole(block.Number);
        }
    }

    private void Accumulator(BlockHeader block, Call call, CallResult result)
    {
        totals.Take(block, call.To, TotalsFields.Accumulator, EulerAbi.InterestAccumulator, result);
        if (call.To == market.Vault && EulerAbi.InterestAccumulator.TryDecode(result, out var value, out _) && !value.IsZero)
        {
            tables.Market = tables.Market with { ReadAccumulator = value, ReadAccumulatorBlock = block.Number };
            HoldAgainst(value, block);
        }
    }

    // Interest that is not ours: a log is missing, or the vault's code has changed. Its totals are read again, and until then nobody is judged by them.
    private void HoldAgainst(UInt256 accumulator, BlockHeader block)
    {
        if (tables.Totals.TryGet(market.Vault, out var row) && row is { IsStored: true, HasBorrows: true }
            && Computed.OrNull<UInt256>(() => row.Totals.At(block.Timestamp).InterestAccumulator) != accumulator)
        {
            tables.Totals.Set(market.Vault, row with { IsStored = false, HasBorrows = false });
        }
    }

    // Only an EVault has borrows to tell of; whoever reverts on them is another ERC-4626 vault.
    private void Borrows(BlockHeader block, Call call, CallResult result)
    {
        if (call.To != market.Vault && (!tables.EVaults.TryGet(call.To, out var was) || (!was && result.Success)))
        {
            tables.EVaults.Set(call.To, result.Success);
        }

        totals.Take(block, call.To, TotalsFields.Borrows, EulerAbi.TotalBorrowsExact, result);
    }

    private void Adapter(Call call, CallResult result)
    {
        tables.Adapters.TryGet(call.To, out var row);
        tables.Adapters.Set(call.To, AdapterFacts.Take(row, call, result));
    }

    private void Configured(Call call, CallResult result)
    {
        var (from, quote) = CallArguments.Pair(call);
        tables.Configured.Set(new PairKey(call.To, from, quote), FactOf(EulerAbi.ConfiguredOracle, result));
    }

    private void Rate(BlockHeader block, in PairKey source, AbiResult<UInt256> shape, CallResult result)
    {
        var isRead = shape.TryDecode(result, out var rate, out _);
        tables.Rates.Set(source, new RateRow(rate, block.Number, isRead));
    }

    private void SetFace(in Address token, Func<TokenFace, TokenFace> set)
    {
        tables.Tokens.TryGet(token, out var face);
        tables.Tokens.Set(token, set(face));
    }
}
