using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.LyraV1;

namespace DefiMonitor.Tests.Protocols.LyraV1.Fake;

/// <summary>What people and governors do, each action as the contracts write and emit it. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeLyra
{
    // OptionToken.PositionUpdatedType and PositionState.
    private const byte Opened = 0;
    private const byte Adjusted = 1;
    private const byte Closed = 2;
    private const byte SplitFrom = 3;
    private const byte SplitInto = 4;
    private const byte Merged = 5;
    private const byte MergedInto = 6;
    private const byte Settled = 7;
    private const byte Liquidated = 8;
    private const byte Transferred = 9;

    public FakePosition Open(Address owner, OptionType type, FakeStrike strike, UInt256 amount, UInt256 collateral)
    {
        var position = New(owner, strike, type, amount, collateral);
        Updated(position, Opened);
        return position;
    }

    public void AddCollateral(FakePosition position, UInt256 amount)
    {
        position.Collateral += amount;
        Updated(position, Adjusted);
    }

    public void Close(FakePosition position)
    {
        position.Amount = UInt256.Zero;
        position.Collateral = UInt256.Zero;
        Burn(position, state: 2, Closed);
    }

    public void Transfer(FakePosition position, Address to)
    {
        position.Owner = to;
        Updated(position, Transferred);
    }

    /// <summary>Half of it, to somebody.</summary>
    public void Split(FakePosition position, Address recipient)
    {
        var half = position.Amount / 2u;
        var part = position.Collateral / 2u;
        position.Amount -= half;
        position.Collateral -= part;
        Updated(New(recipient, position.Strike, position.Type, half, part), SplitInto);
        Updated(position, SplitFrom);
    }

    public void Merge(FakePosition into, FakePosition other)
    {
        into.Amount += other.Amount;
        into.Collateral += other.Collateral;
        other.Amount = UInt256.Zero;
        other.Collateral = UInt256.Zero;
        Burn(other, state: 5, Merged);
        Updated(into, MergedInto);
    }

    public void Liquidate(FakePosition position)
    {
        Burn(position, state: 3, Liquidated);
        var part = position.Collateral / 10u;
        var strike = position.Strike;
        Emit(
            Market, LyraAbi.Trade, [position.Owner, strike.Id, position.Id],
            strike.Board.Expiry, strike.Price, (byte)position.Type, 2u, position.Amount, 0u, true, Spot ?? UInt256.Zero, 0u, part,
            640u, Owners[0], Owners[0], position.Collateral - (part * 4u), part, part, part, part, 0u, Header.Timestamp, 0u);
    }

    public void Settle(FakeBoard board)
    {
        if (!board.IsSettled)
        {
            board.IsSettled = true;
            Emit(Market, LyraAbi.BoardSettled.Definition, [board.Id], Spot ?? UInt256.One, 0u, 0u, 0u, 0u, 0u, 0u);
        }

        foreach (var position in positions.Values.Where(position => position.Strike.Board == board).Take(1).ToList())
        {
            Burn(position, state: 4, Settled);
        }
    }

    public void Freeze(FakeBoard board, bool frozen)
    {
        board.IsFrozen = frozen;
        Emit(Market, LyraAbi.BoardFrozen.Definition, [board.Id], frozen);
    }

    public void SetParameters(MinCollateralParameters parameters)
    {
        Parameters = parameters;
        Emit(GreekCache, LyraAbi.MinCollateralParametersSet.Definition, [], [.. ParameterWords()]);
    }

    public void SetRate(Int128 rate)
    {
        Rate = rate;
        Emit(GreekCache, LyraAbi.GreekCacheParametersSet.Definition, [], [.. RateWords()]);
    }

    public FakeBoard List(ulong expiry, params ulong[] prices)
    {
        var board = new FakeBoard { Id = (ulong)boards.Count + 1, Expiry = expiry };
        boards.Add(board);
        foreach (var price in prices)
        {
            strikes.Add(new FakeStrike { Id = (ulong)strikes.Count + 1, Board = board, Price = Wad(price) });
        }

        return board;
    }

    private void SetVolatility()
    {
        var strike = strikes[random.Next(strikes.Count)];
        strike.Skew = FixedPoint.Wad * (ulong)random.Next(70, 130) / 100u;
        strike.Board.Iv = FixedPoint.Wad * (ulong)random.Next(50, 200) / 100u;
        if (random.Next(2) == 0)
        {
            Emit(GreekCache, LyraAbi.BoardIvUpdated.Definition, [], strike.Board.Id, strike.Board.Iv, 0u);
            Emit(GreekCache, LyraAbi.StrikeSkewUpdated.Definition, [], strike.Id, strike.Skew, 0u);
        }
        else
        {
            Emit(Market, LyraAbi.BoardBaseIvSet.Definition, [strike.Board.Id], strike.Board.Iv);
            Emit(Market, LyraAbi.StrikeSkewSet.Definition, [strike.Id], strike.Skew);
        }
    }

    private void Open(Address owner)
    {
        var open = strikes.Where(strike => strike.Board.Expiry > Header.Timestamp).ToList();
        var strike = open[random.Next(open.Count)];
        var type = (OptionType)random.Next(5);
        var amount = FixedPoint.Wad * (ulong)random.Next(1, 500) / 100u;
        var minimum = Requirement(type, strike.Price, strike.Board.Expiry, Spot ?? UInt256.One, amount);
        Open(owner, type, strike, amount, minimum * (ulong)random.Next(95, 250) / 100u);
    }

    private void DoSomething()
    {
        var owner = Owners[random.Next(Owners.Count)];
        var position = positions.Count == 0 ? null : positions.Values.ElementAt(random.Next(positions.Count));
        var another = position is null ? null : positions.Values.FirstOrDefault(other =>
            other != position && other.Owner == position.Owner && other.Strike == position.Strike && other.Type == position.Type);
        switch (random.Next(13))
        {
            case <= 1:
                Open(owner);
                break;
            case 2 when position is { Type: >= OptionType.ShortCallBase }:
                AddCollateral(position, FixedPoint.Wad * (ulong)random.Next(1, 100) / 100u);
                break;
            case 3 when position is not null:
                Close(position);
                break;
            case 4 when position is not null:
                Transfer(position, random.Next(2) == 0 ? owner : AaveV3.Fake.FakeAddress.Of(0xdd, 1));
                break;
            case 5 when position is not null:
                Split(position, owner);
                break;
            case 6 when position is not null && another is not null:
                Merge(position, another);
                break;
            case 7 when position is { Type: >= OptionType.ShortCallBase }:
                Liquidate(position);
                break;
            case 8:
                Freeze(boards[random.Next(boards.Count)], random.Next(2) == 0);
                break;
            case 9:
                SetVolatility();
                break;
            case 10:
                List(Header.Timestamp + (ulong)random.Next(100, 5_000_000), (ulong)random.Next(1_500, 2_500));
                break;
            case 11 when boards.Exists(board => board.Expiry <= Header.Timestamp):
                Settle(boards.First(board => board.Expiry <= Header.Timestamp));
                break;
            case 12 when random.Next(4) == 0:
                SetParameters(Parameters with { MinStaticQuoteCollateral = Wad((ulong)random.Next(50, 400)) });
                SetRate(random.Next(-10, 20) * (Int128)10_000_000_000_000_000);
                break;
        }
    }

    private FakePosition New(Address owner, FakeStrike strike, OptionType type, UInt256 amount, UInt256 collateral)
    {
        var position = new FakePosition { Id = ++lastPosition, Strike = strike, Type = type, Owner = owner, Amount = amount, Collateral = collateral };
        positions.Add(position.Id, position);
        return position;
    }

    private void Burn(FakePosition position, byte state, byte why)
    {
        position.State = state;
        positions.Remove(position.Id);
        Updated(position, why);
    }

    private void Updated(FakePosition position, byte why) =>
        Emit(Token, LyraAbi.PositionUpdated.Definition, [position.Id, position.Owner, why], [.. PositionWords(position), Header.Timestamp]);
}
