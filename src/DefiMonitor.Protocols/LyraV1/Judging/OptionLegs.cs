using System.Numerics;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>
/// What an owner has and owes, leg by leg, in the quote asset. An option's worth is the contract's own Black-Scholes at the volatility that the market trades at
/// (board times skew): a mark for people. No requirement goes by it.
/// </summary>
internal sealed class OptionLegs(LyraV1State state, Requirements at)
{
    private const int Decimals = 18;

    public List<Position> All()
    {
        var legs = new List<Position>();
        AddCollateral(legs, state.QuoteAsset, state.QuoteSymbol, FixedPoint.Wad, static position => position.Type != OptionType.ShortCallBase);
        AddCollateral(legs, state.BaseAsset, state.BaseSymbol, at.Spot, static position => position.Type == OptionType.ShortCallBase);
        foreach (var position in state.Positions)
        {
            var worth = WorthOf(position);
            var price = worth ?? IntrinsicOf(position);
            var side = position.IsShort ? PositionSide.Debt : PositionSide.Collateral;
            legs.Add(new Position
            {
                Side = side,
                Asset = state.BaseAsset,
                Symbol = NameOf(position),
                Decimals = Decimals,
                Amount = position.Amount,
                Shares = position.Amount,
                Price = price,
                Value = Computed.OrWorst(side, () => FixedPoint.MulDivFloor(position.Amount, price, FixedPoint.Wad)),
                Counts = position.IsShort,
                Option = new OptionTerms(position.IsCall ? OptionKind.Call : OptionKind.Put, position.StrikePrice, position.Expiry, position.Volatility, state.RateAndCarry, at.Spot, Decimals)
                {
                    IsPaid = !position.IsShort,
                    Mark = worth is null ? null : new OptionMark(state.BaseSymbol, state.QuoteAsset, state.QuoteSymbol),
                },
            });
        }

        return legs;
    }

    /// <summary>Such as <c>sETH 2000 call 2021-06-25 #12</c>: the id tells two positions in one option apart.</summary>
    public string NameOf(in PositionState position) =>
        $"{state.BaseSymbol} {Units.FormatExact(position.StrikePrice, Decimals)} {(position.IsCall ? "call" : "put")} {ExpiryDate.Of(position.Expiry)} #{position.Id}";

    /// <summary>In quote units, of one option; what exercise would bring where the contract can't price it, or nobody knows yet.</summary>
    public UInt256 MarkOf(in PositionState position) => WorthOf(position) ?? IntrinsicOf(position);

    /// <summary>Null where the contract's Black-Scholes refuses, and between expiry and settlement, when the price that counts is still to come.</summary>
    private UInt256? WorthOf(PositionState position)
    {
        if (!position.Settled.IsZero)
        {
            return IntrinsicOf(position);
        }

        return position.Expiry <= at.At || position.Volatility.IsZero ? null : Computed.OrNull<UInt256>(() =>
        {
            var (call, put) = BlackScholes.OptionPrices(
                position.Expiry - at.At, (BigInteger)position.Volatility, (BigInteger)at.Spot, (BigInteger)position.StrikePrice, state.RateAndCarry);
            return (UInt256)(position.IsCall ? call : put);
        });
    }

    private UInt256 IntrinsicOf(in PositionState position)
    {
        var spot = position.Settled.IsZero ? at.Spot : position.Settled;
        return position.IsCall == spot > position.StrikePrice ? Gap(spot, position.StrikePrice) : UInt256.Zero;
    }

    private static UInt256 Gap(in UInt256 a, in UInt256 b) => a > b ? a - b : b - a;

    private void AddCollateral(List<Position> legs, in Address asset, string symbol, UInt256 price, Func<PositionState, bool> isIn)
    {
        var amount = Computed.OrWorst(PositionSide.Collateral, () =>
            state.Positions.Where(position => position.IsShort && isIn(position)).Aggregate(UInt256.Zero, static (sum, position) => sum + position.Collateral));

        if (!amount.IsZero)
        {
            legs.Add(new Position
            {
                Side = PositionSide.Collateral,
                Asset = asset,
                Symbol = symbol,
                Decimals = Decimals,
                Amount = amount,
                Shares = amount,
                Price = price,
                Value = Computed.OrWorst(PositionSide.Collateral, () => FixedPoint.MulDivFloor(amount, price, FixedPoint.Wad)),
                ThresholdBps = FixedPoint.BpsOne,
            });
        }
    }
}
