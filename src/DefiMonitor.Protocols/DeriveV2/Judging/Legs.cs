using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// What a sub-account has and owes, leg by leg, in cash. An option's worth is Black-76 at the feeds' forward and volatility: a mark for people, undiscounted; no verdict goes by
/// it. A perpetual is worth what a settlement would pay.
/// </summary>
internal static class Legs
{
    private const int Decimals = 18;

    public static List<Position> Of(DeriveV2State state, ulong at)
    {
        var legs = new List<Position>();
        foreach (var holding in state.Holdings)
        {
            legs.Add(holding.Kind switch
            {
                HoldingKind.Cash => Leg(state.CashToken, state.CashSymbol, holding.Balance + state.Interest, holding.Balance, FixedPoint.Wad),
                HoldingKind.Perpetual => Perpetual(state, holding),
                HoldingKind.Option => Option(holding, at),
                HoldingKind.Base => Leg(holding.Asset, holding.Symbol, holding.Balance, holding.Balance, Figures.SizeOf(holding.Price ?? 0)) with { ThresholdBps = FixedPoint.BpsOne },
                _ => Leg(holding.Asset, holding.Symbol, holding.Balance, holding.Balance, UInt256.Zero) with { Counts = false },
            });
        }

        return legs;
    }

    private static Position Perpetual(DeriveV2State state, DeriveHolding holding)
    {
        var profit = holding.Unsettled ?? 0;
        var name = $"{(holding.Unsettled is null ? "(unread) " : "")}{state.CashSymbol} from {Units.FormatExact(Figures.SizeOf(holding.Balance), Decimals)} {holding.Symbol} {(holding.Balance > 0 ? "long" : "short")}";
        return Leg(state.CashToken, name, profit, profit, FixedPoint.Wad) with { MovesWith = holding.Symbol };
    }

    private static Position Option(DeriveHolding holding, ulong at)
    {
        var option = holding.Option!.Value;
        var isPriced = holding is { Price: not null, Volatility: not null };
        var line = new OptionLine(option.IsCall, (Int128)(UInt128)option.Strike, holding.Balance, holding.Volatility ?? 0);
        var mark = isPriced ? BookMarks.Of(line, holding.Price!.Value, option.Expiry, at) : UInt256.Zero;
        return Leg(holding.Asset, isPriced ? holding.Symbol : $"{holding.Symbol} (no price)", holding.Balance, holding.Balance, mark) with
        {
            Counts = holding.Balance < 0,
            Option = new OptionTerms(
                option.IsCall ? OptionKind.Call : OptionKind.Put, option.Strike, option.Expiry, Figures.SizeOf(Int128.Max(0, holding.Volatility ?? 0)), 0, Figures.SizeOf(Int128.Max(0, holding.Price ?? 0)), Decimals),
        };
    }

    private static Position Leg(in Address asset, string symbol, Int128 amount, Int128 shares, in UInt256 price) => new()
    {
        Side = amount < 0 ? PositionSide.Debt : PositionSide.Collateral,
        Asset = asset,
        Symbol = symbol,
        Decimals = Decimals,
        Amount = Figures.SizeOf(amount),
        Shares = Figures.SizeOf(shares),
        Price = price,
        Value = FixedPoint.MulDivFloor(Figures.SizeOf(amount), price, FixedPoint.Wad),
    };
}
