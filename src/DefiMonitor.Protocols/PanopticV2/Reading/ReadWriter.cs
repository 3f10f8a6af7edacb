using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private const int Word = AbiReader.WordSize;

    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly PanopticMarket market;
    private readonly PanopticTables tables;

    public ReadWriter(PanopticMarket market)
    {
        this.market = market;
        tables = market.Tables;
        OnPool(PanopticAbi.RiskEngine, static (row, _) => PoolFields.RiskEngine, static (row, _, value) => row with { RiskEngine = value });
        OnPool(PanopticAbi.Collateral0, static (row, _) => PoolFields.Collateral0, static (row, _, value) => row with { Collateral0 = value });
        OnPool(PanopticAbi.Collateral1, static (row, _) => PoolFields.Collateral1, static (row, _, value) => row with { Collateral1 = value });
        OnPool(PanopticAbi.PoolId, static (row, _) => PoolFields.PoolId, static (row, _, value) => row with { PoolId = value });
        OnPool(PanopticAbi.CrossBuffer0, static (row, _) => PoolFields.Buffer0, static (row, _, value) => row with { CrossBuffer0 = value });
        OnPool(PanopticAbi.CrossBuffer1, static (row, _) => PoolFields.Buffer1, static (row, _, value) => row with { CrossBuffer1 = value });
        OnPool(
            PanopticAbi.Asset, static (row, call) => call.To == row.Collateral0 ? PoolFields.Token0 : PoolFields.Token1,
            static (row, call, value) => call.To == row.Collateral0 ? row with { Token0 = value } : row with { Token1 = value });
        OnPool(
            PanopticAbi.Decimals, static (row, call) => call.To == row.Collateral0 ? PoolFields.Decimals0 : PoolFields.Decimals1,
            static (row, call, value) => call.To == row.Collateral0 ? row with { Decimals0 = value } : row with { Decimals1 = value });
        On(PanopticAbi.Symbol.Function, (_, call, result, _) => Symbol(call, result));
        On(PanopticAbi.OracleTicks.Function, (block, _, result, _) => Ticks(block, result));
        On(PanopticAbi.Twap.Function, (block, _, result, _) => Twap(block, result));
        On(PanopticAbi.NumberOfLegs.Function, Legs);
        On(PanopticAbi.AssetsOf.Function, (block, call, result, _) => Assets(block, call, result));
        On(PanopticAbi.FullPositionsData.Function, Premia);
        On(PanopticAbi.DispatchFrom, (block, call, result, _) => Verdict(block, call, result));
        On(PanopticAbi.GetMargin.Function, (block, call, result, _) => Margin(block, call, result));
        On(PanopticAbi.IsAccountSolvent.Function, (block, call, result, _) => Probe(block, call, result));
    }

    public void Write(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (call.Data.Length < 4 || !bySelector.TryGetValue(Key(call.Data.Span), out var write))
        {
            throw new ArgumentException($"{call} is no call that {market.Deployment.Id} asks for.", nameof(call));
        }

        write(block, call, result, touched);
        var row = tables.Pool;
        if (!row.IsOpen && (row.Fields & PoolFields.All) == PoolFields.All)
        {
            tables.Pool = row with { IsOpen = true };
        }
    }

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private static AbiReader Arguments(Call call) => new(call.Data[4..]);

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) => bySelector.Add(Key(function.Selector.Span), write);

    private void OnPool<T>(AbiResult<T> shape, Func<PoolRow, Call, PoolFields> fieldOf, Func<PoolRow, Call, T, PoolRow> with) => On(shape.Function, (_, call, result, _) =>
    {
        var row = tables.Pool;
        var field = fieldOf(row, call);
        tables.Pool = shape.TryDecode(result, out var value, out _)
            ? with(row, call, value) with { Fields = row.Fields | field }
            : row with { IsOpen = false, Fields = row.Fields & ~field };
    });

    private void Symbol(Call call, CallResult result)
    {
        var symbol = TokenSymbol.From(call.To, PanopticAbi.Symbol, result);
        var row = tables.Pool;
        tables.Pool = call.To == row.Token0 ? row with { Symbol0 = symbol } : row with { Symbol1 = symbol };
    }

    private void Ticks(BlockHeader block, CallResult result)
    {
        var isRead = PanopticAbi.OracleTicks.TryDecode(result, out var ticks, out _) && CanBe(ticks.CurrentTick) && CanBe(ticks.SpotTick) && CanBe(ticks.LatestTick);
        tables.Ticks = tables.Ticks with { Current = ticks.CurrentTick, Spot = ticks.SpotTick, Latest = ticks.LatestTick, Block = block.Number, IsRead = isRead };
    }

    private static bool CanBe(int tick) => tick is >= -TickMath.MaxTick and <= TickMath.MaxTick;

    private void Twap(BlockHeader block, CallResult result)
    {
        var isRead = PanopticAbi.Twap.TryDecode(result, out var tick, out _) && CanBe(tick);
        tables.Ticks = tables.Ticks with { Twap = tick, TwapBlock = block.Number, IsTwapRead = isRead };
    }

    // The first answer of an entry: who has it is in.
    private void Legs(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = Arguments(call).Address(0);
        var isRead = PanopticAbi.NumberOfLegs.TryDecode(result, out var legs, out _) && legs <= (UInt256)byte.MaxValue;
        if (!tables.Users.TryGet(user, out var row))
        {
            if (!isRead)
            {
                return;
            }

            row = new UserRow { Since = block.Number };
            touched.Add(market.IdOf(user));
        }

        tables.Users.Set(user, row with { Legs = isRead ? (ulong)legs : 0, LegsBlock = isRead ? block.Number : 0 });
    }

    private void Assets(BlockHeader block, Call call, CallResult result)
    {
        if (tables.Users.TryGet(Arguments(call).Address(0), out var row))
        {
            var isRead = PanopticAbi.AssetsOf.TryDecode(result, out var assets, out _);
            tables.Users.Set(Arguments(call).Address(0), row with { Assets0 = assets.Assets0, Assets1 = assets.Assets1, AssetsBlock = isRead ? block.Number : 0 });
        }
    }

    // Of one position: his if it answers. Of the whole list: his premia.
    private void Premia(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var user = Arguments(call).Address(0);
        if (!tables.Users.TryGet(user, out var row))
        {
            return;
        }

        var asked = ListIn(call, 2);
        var isRead = PanopticAbi.FullPositionsData.TryDecode(result, out var data, out _) && data.PositionBalances.Count == asked.Count;
        if (asked.Count == 1 && IsOther(new PositionKey(user, asked[0]), isRead, result))
        {
            touched.Add(market.IdOf(user));
            if (isRead)
            {
                tables.Positions.Set(new PositionKey(user, asked[0]), new PositionRow(data.PositionBalances[0]));
            }
            else
            {
                tables.Positions.Remove(new PositionKey(user, asked[0]));
            }

            // What the pool said last it said of another list: like one whose positions changed he enters anew, unless he is entering now.
            if (row.Since != block.Number)
            {
                tables.Users.Remove(user);
                return;
            }
        }

        if (asked.SequenceEqual(market.PositionsOf.Of(user)))
        {
            tables.Users.Set(user, row with { ShortPremium = data.ShortPremium, LongPremium = data.LongPremium, PremiumBlock = isRead ? block.Number : 0 });
        }
    }

    // His although it was not known, or not his although it was.
    private bool IsOther(in PositionKey key, bool isRead, in CallResult result) => tables.Positions.Contains(key) ? !isRead && Verdicts.IsNotOwned(result) : isRead;

    private void Verdict(BlockHeader block, Call call, CallResult result)
    {
        var user = Arguments(call).Address(Word);
        if (!tables.Users.TryGet(user, out var row) || !ListIn(call, 2).SequenceEqual(market.PositionsOf.Of(user)))
        {
            return;
        }

        if (ListIn(call, 3).Count > 0)
        {
            var verdict = Verdicts.OfSettling(result);
            tables.Users.Set(user, row with { Verdict = verdict, VerdictBlock = block.Number, AsksClose = verdict == PoolVerdict.Unread && Verdicts.HasOtherError(result) });
        }
        else if (row.AsksClose && Verdicts.IsSolventByClosing(result))
        {
            tables.Users.Set(user, row with { Verdict = PoolVerdict.Solvent, AsksClose = false });
        }
    }

    private void Margin(BlockHeader block, Call call, CallResult result)
    {
        var user = Arguments(call).Address(2 * Word);
        if (!tables.Users.TryGet(user, out var row) || !ListIn(call, 3).SequenceEqual(market.PositionsOf.Of(user)))
        {
            return;
        }

        var isRead = PanopticAbi.GetMargin.TryDecode(result, out var margin, out _);
        var tick = TickIn(call, 1);
        tables.Users.Set(user, row with
        {
            Margin = isRead
                ? new PanopticMargin(
                    tick, Low(margin.TokenData0), High(margin.TokenData0), Low(margin.TokenData1), High(margin.TokenData1),
                    (uint)(ulong)((margin.GlobalUtilizations >> 128) & 0xffffu), (uint)(ulong)((margin.GlobalUtilizations >> 144) & 0xffffu))
                : default,
            MarginBlock = isRead ? block.Number : 0,
        });
    }

    private void Probe(BlockHeader block, Call call, CallResult result)
    {
        var user = Arguments(call).Address(3 * Word);
        if (!tables.Users.TryGet(user, out var row) || !PanopticAbi.IsAccountSolvent.TryDecode(result, out var isSolvent, out _) || !ListIn(call, 1).SequenceEqual(market.PositionsOf.Of(user)))
        {
            return;
        }

        if (row.ProbeBlock != block.Number)
        {
            foreach (var old in market.ProbesOf.Of(user).ToList())
            {
                tables.Probes.Remove(new ProbeKey(user, old));
            }

            tables.Users.Set(user, row with { ProbeBlock = block.Number });
        }

        tables.Probes.Set(new ProbeKey(user, TickIn(call, 2)), new ProbeRow(isSolvent, block.Number));
    }

    private static int TickIn(Call call, int place) => (int)(uint)(ulong)(Arguments(call).UInt256(place * Word) & (UInt256)uint.MaxValue);

    private static List<UInt256> ListIn(Call call, int place)
    {
        var arguments = Arguments(call);
        var at = (int)arguments.ULong(place * Word);
        var count = (int)arguments.ULong(at);
        var list = new List<UInt256>(count);
        for (var i = 1; i <= count; i++)
        {
            list.Add(arguments.UInt256(at + (i * Word)));
        }

        return list;
    }

    private static UInt256 Low(in UInt256 word) => word & ((UInt256.One << 128) - UInt256.One);

    private static UInt256 High(in UInt256 word) => word >> 128;
}
