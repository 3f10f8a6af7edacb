using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>What a user has in the pool: his collateral, and each leg of each position. A leg has no expiry and no mark; what it is worth stands in the margin alone.</summary>
internal sealed class PoolLegs(PanopticV2State state, PoolUnits units)
{
    // Perpetual: the last second that a calendar can print.
    private const ulong Never = 253_402_300_799;

    public List<Position> All()
    {
        var legs = new List<Position>();
        Add(legs, state.Token0, state.Assets0, units.PriceAt(state.Ticks.Current), units.ValueOf0(state.Assets0, state.Ticks.Current));
        Add(legs, state.Token1, state.Assets1, UInt256.Pow10(PoolUnits.Decimals), units.ValueOf1(state.Assets1));
        foreach (var position in state.Positions)
        {
            for (var i = 0; i < TokenIds.CountLegs(position.TokenId); i++)
            {
                legs.Add(Leg(position, TokenIds.LegOf(position.TokenId, i), i));
            }
        }

        return legs;
    }

    private static void Add(List<Position> legs, in PanopticToken token, in UInt256 amount, in UInt256 price, in UInt256 value)
    {
        if (!amount.IsZero)
        {
            legs.Add(new Position
            {
                Side = PositionSide.Collateral,
                Asset = token.Address,
                Symbol = token.Symbol,
                Decimals = token.Decimals,
                Amount = amount,
                Shares = amount,
                Price = price,
                Value = value,
                ThresholdBps = FixedPoint.BpsOne,
            });
        }
    }

    private Position Leg(in PanopticPosition position, in PanopticLeg leg, int place)
    {
        var counted = leg.Asset == 0 ? state.Token0 : state.Token1;
        var moved = leg.TokenType == 0 ? state.Token0 : state.Token1;
        var id = Hash32.FromUInt256(position.TokenId).Short;
        var name = leg.Width == 0
            ? $"{moved.Symbol} {(leg.IsLong ? "credit" : "loan")} {id} leg {place + 1}"
            : $"{state.Token0.Symbol}/{state.Token1.Symbol} {(leg.TokenType == 0 ? "call" : "put")} at tick {leg.Strike} {id} leg {place + 1}";
        return new Position
        {
            Side = leg.IsLong ? PositionSide.Collateral : PositionSide.Debt,
            Asset = counted.Address,
            Symbol = name,
            Decimals = counted.Decimals,
            Amount = position.Size * (ulong)leg.Ratio,
            Shares = position.Size,
            Price = UInt256.Zero,
            Value = UInt256.Zero,
            Counts = true,
            Option = new OptionTerms(
                leg.TokenType == 0 ? OptionKind.Call : OptionKind.Put, units.PriceAt(Math.Clamp(leg.Strike, -TickMath.MaxTick, TickMath.MaxTick)), Never, UInt256.Zero, 0,
                units.PriceAt(state.Ticks.Current), PoolUnits.Decimals),
        };
    }
}
