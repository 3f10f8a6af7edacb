using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly MorphoMarket market;
    private readonly MorphoTables tables;

    public ReadWriter(MorphoMarket market)
    {
        this.market = market;
        tables = market.Tables;
        On(MorphoAbi.IdToMarketParams.Function, (_, _, result, _) => Parameters(result));
        On(MorphoAbi.Market.Function, (block, _, result, _) => Totals(block, result));
        On(MorphoAbi.RateAtTarget.Function, (block, _, result, _) => RateAtTarget(block, result));
        On(MorphoAbi.BorrowRateView.Function, (block, call, result, _) => ReadRate(block, call, result));
        On(MorphoAbi.Price.Function, (block, call, result, _) => Price(block, call, result));
        On(MorphoAbi.Decimals.Function, (_, call, result, _) => Decimals(call, result));
        On(MorphoAbi.Symbol.Function, (_, call, result, _) => Symbol(call, result));
        On(MorphoAbi.Position.Function, Position);
        On(MorphoAbi.IsAuthorized.Function, Authorization);
        On(MorphoAbi.PreLiquidationParams.Function, (_, call, result, _) =>
            SetPreLiquidation(call, result, MorphoAbi.PreLiquidationParams, PreLiquidationFields.Terms, static (row, terms) => row with { Terms = terms }));
        On(MorphoAbi.PreLiquidationMarket.Function, (_, call, result, _) =>
            SetPreLiquidation(call, result, MorphoAbi.PreLiquidationMarket, PreLiquidationFields.MarketId, static (row, id) => row with { MarketId = id }));
        On(MorphoAbi.PreLiquidationMorpho.Function, (_, call, result, _) =>
            SetPreLiquidation(call, result, MorphoAbi.PreLiquidationMorpho, PreLiquidationFields.Morpho, static (row, morpho) => row with { Morpho = morpho }));
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

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) =>
        bySelector.Add(Key(function.Selector.Span), write);

    private void Parameters(CallResult result)
    {
        if (!MorphoAbi.IdToMarketParams.TryDecode(result, out var answer, out _))
        {
            Miss(MarketFields.Parameters);
            return;
        }

        var row = tables.Market;
        var isThere = !answer.LoanToken.IsZero;
        tables.Market = row with
        {
            Parameters = new MarketParameters(answer.LoanToken, answer.CollateralToken, answer.Oracle, answer.Irm, answer.Lltv),
            Fields = isThere
                ? (row.Fields | MarketFields.Parameters | NotNeeded(answer.Irm)) & ~MarketFields.Missing
                : (row.Fields | MarketFields.Missing) & ~MarketFields.Parameters,
        };
    }

    private MarketFields NotNeeded(in Address irm) => market.KindOf(irm) == IrmKind.AdaptiveCurve ? MarketFields.None : MarketFields.RateAtTarget;

    private void Totals(BlockHeader block, CallResult result)
    {
        if (!MorphoAbi.Market.TryDecode(result, out var answer, out _) || answer.LastUpdate > ulong.MaxValue)
        {
            Unread(block, MarketFields.Totals);
            return;
        }

        var row = tables.Market;
        tables.Market = row with { Totals = answer.Totals, TotalsBlock = block.Number, Fields = row.Fields | MarketFields.Totals };
    }

    private void RateAtTarget(BlockHeader block, CallResult result)
    {
        if (!MorphoAbi.RateAtTarget.TryDecode(result, out var rate, out _) || rate < 0)
        {
            Unread(block, MarketFields.RateAtTarget);
            return;
        }

        var row = tables.Market;
        tables.Market = row with { RateAtTarget = (UInt256)(UInt128)rate, RateAtTargetBlock = block.Number, Fields = row.Fields | MarketFields.RateAtTarget };
    }

    // The answer holds for the totals that were in the question, so one to other totals says nothing.
    private void ReadRate(BlockHeader block, Call call, CallResult result)
    {
        var row = tables.Market;
        if (market.KindOf(row.Parameters.Irm) != IrmKind.Unknown || !call.Equals(MorphoAbi.RateOf(row.Parameters, row.Totals)))
        {
            return;
        }

        tables.Market = MorphoAbi.BorrowRateView.TryDecode(result, out var rate, out _)
            ? row with { ReadRate = rate, ReadRateBlock = block.Number, ReadRateAt = block.Timestamp }
            : row with { ReadRate = UInt256.Zero, ReadRateBlock = 0, ReadRateAt = 0 };
    }

    /// <summary>As the market's own oracle gives it. Morpho checks neither its age nor whether it is 0, so neither is done here.</summary>
    private void Price(BlockHeader block, Call call, CallResult result)
    {
        var isRead = MorphoAbi.Price.TryDecode(result, out var price, out _);
        tables.Prices.Set(call.To, new PriceRow(price, block.Number, isRead));
    }

    // A token that does not tell its decimals is shown in its smallest units; the verdict asks for none.
    private void Decimals(Call call, CallResult result)
    {
        var decimals = MorphoAbi.Decimals.TryDecode(result, out var read, out _) && read <= 36 ? read : (byte)0;
        SetFace(call.To, face => face with { Decimals = decimals }, MarketFields.LoanDecimals, MarketFields.CollateralDecimals);
    }

    private void Symbol(Call call, CallResult result)
    {
        var symbol = TokenSymbol.From(call.To, MorphoAbi.Symbol, result);
        SetFace(call.To, face => face with { Symbol = symbol }, MarketFields.None, MarketFields.None);
    }

    private void SetFace(in Address token, Func<TokenFace, TokenFace> set, MarketFields ofLoan, MarketFields ofCollateral)
    {
        var row = tables.Market;
        if (token == row.Parameters.LoanToken)
        {
            row = row with { Loan = set(row.Loan), Fields = row.Fields | ofLoan };
        }

        if (token == row.Parameters.CollateralToken)
        {
            row = row with { Collateral = set(row.Collateral), Fields = row.Fields | ofCollateral };
        }

        tables.Market = row;
    }

    private void Position(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = CallArguments.User(call);
        if (!MorphoAbi.Position.TryDecode(result, out var position, out _))
        {
            if (tables.Accounts.Contains(user))
            {
                tables.MarkPending(user, block.Number);
                touched.Add(market.IdOf(user));
            }

            return;
        }

        var after = new AccountRow(position.BorrowShares, position.Collateral);
        var isNew = !tables.Accounts.TryGet(user, out var before);
        if (isNew || before != after || tables.Pending.Contains(user))
        {
            touched.Add(market.IdOf(user));
        }

        tables.Accounts.Set(user, after);
        tables.Pending.Remove(user);
    }

    private void Authorization(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var (authorizer, authorized) = CallArguments.Authorization(call);
        if (!tables.Accounts.Contains(authorizer))
        {
            return;
        }

        if (!MorphoAbi.IsAuthorized.TryDecode(result, out var may, out _))
        {
            tables.MarkPending(authorizer, block.Number);
            touched.Add(market.IdOf(authorizer));
            return;
        }

        touched.Add(market.IdOf(authorizer));
        tables.Authorizations.Set(new AuthorizationKey(authorizer, authorized), may);
    }

    private void SetPreLiquidation<T>(
        Call call, CallResult result, AbiResult<T> shape, PreLiquidationFields field, Func<PreLiquidationRow, T, PreLiquidationRow> set)
    {
        tables.PreLiquidations.TryGet(call.To, out var row);
        tables.PreLiquidations.Set(call.To, shape.TryDecode(result, out var value, out _)
            ? set(row, value) with { Fields = row.Fields | field }
            : row with { Fields = row.Fields & ~field });
    }

    // What an open market is judged by could not be read where it was asked for: it is asked for again before anybody is judged.
    private void Unread(BlockHeader block, MarketFields field)
    {
        market.Close(block.Number);
        Miss(field);
    }

    private void Miss(MarketFields field)
    {
        var row = tables.Market;
        tables.Market = row with { Fields = row.Fields & ~field };
    }
}
