using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk.Derive;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>
/// What a sub-account has and owes, leg by leg, in cash. An option's worth is Black-76 at the feeds' forward and volatility, discounted where its manager does: a mark for people
/// and for the ledger; no verdict goes by it. A perpetual is worth what a settlement would pay.
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
                HoldingKind.Option => Option(state, holding, at),
                HoldingKind.Base => Leg(holding.Asset, holding.Symbol, holding.Balance, holding.Balance, Figures.SizeOf(holding.Price ?? 0)) with { ThresholdBps = FixedPoint.BpsOne },
                _ => Leg(holding.Asset, holding.Symbol, holding.Balance, holding.Balance, UInt256.Zero) with { Counts = false },
            });
        }

        return legs;
    }

    private static Position Perpetual(DeriveV2State state, DeriveHolding holding)
    {
        var profit = holding.Unsettled ?? 0;
        var size = Figures.SizeOf(holding.Balance);
        var name = $"{(holding.Unsettled is null ? "(unread) " : "")}{state.CashSymbol} from {Units.FormatExact(size, Decimals)} {holding.Symbol} perpetual {(holding.Balance > 0 ? "long" : "short")}";
        return Leg(state.CashToken, name, profit, profit, FixedPoint.Wad) with
        {
            Perpetual = new PerpetualTerms(holding.Asset, holding.Symbol, size, holding.Balance > 0, state.CashSymbol) { IsMarked = holding.Unsettled is not null },
        };
    }

    private static Position Option(DeriveV2State state, DeriveHolding holding, ulong at)
    {
        var option = holding.Option!.Value;
        var name = Names.Option(holding.Symbol, option);
        var quote = holding.Quote ?? new OptionQuote(0, 0, 0, 0, 0);
        var line = new OptionLine(option.IsCall, (Int128)(UInt128)option.Strike, holding.Balance, quote.Volatility);
        var mark = holding.Quote is null ? null : BookMarks.Of(line, quote.FixedForward + quote.VariableForward, quote.Rate, option.Expiry, at);
        return Leg(holding.Asset, mark is null ? $"{name} (no price)" : name, holding.Balance, holding.Balance, mark ?? UInt256.Zero) with
        {
            Counts = holding.Balance < 0,
            Option = new OptionTerms(option.IsCall ? OptionKind.Call : OptionKind.Put, option.Strike, option.Expiry, Figures.SizeOf(quote.Volatility), quote.Rate, Figures.SizeOf(quote.Spot), Decimals)
            {
                Forward = new ForwardTerms(Figures.SizeOf(quote.FixedForward), Figures.SizeOf(quote.VariableForward)),
                Mark = mark is null ? null : new OptionMark(holding.Symbol, state.CashToken, state.CashSymbol),
            },
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
