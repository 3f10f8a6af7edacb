using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>What shorts are held to, by the names of OptionGreekCache.sol, and which boards are frozen. Volatilities and skews are prices.</summary>
internal sealed class ParameterList(LyraMarket market)
{
    private const byte Wad = 18;
    private const string Board = "board";
    private const string Rate = "rateAndCarry";
    private const string RateSign = "rateAndCarry below zero";

    private static readonly (string Name, ParameterUnit Unit, Func<MinCollateralParameters, UInt256> Of, Func<MinCollateralParameters, UInt256, MinCollateralParameters> With)[] Minimums =
    [
        ("minStaticQuoteCollateral", ParameterUnit.Number, static p => p.MinStaticQuoteCollateral, static (p, v) => p with { MinStaticQuoteCollateral = v }),
        ("minStaticBaseCollateral", ParameterUnit.Number, static p => p.MinStaticBaseCollateral, static (p, v) => p with { MinStaticBaseCollateral = v }),
        ("shockVolA", ParameterUnit.Share, static p => p.ShockVolA, static (p, v) => p with { ShockVolA = v }),
        ("shockVolPointA", ParameterUnit.Seconds, static p => p.ShockVolPointA, static (p, v) => p with { ShockVolPointA = v }),
        ("shockVolB", ParameterUnit.Share, static p => p.ShockVolB, static (p, v) => p with { ShockVolB = v }),
        ("shockVolPointB", ParameterUnit.Seconds, static p => p.ShockVolPointB, static (p, v) => p with { ShockVolPointB = v }),
        ("callSpotPriceShock", ParameterUnit.Share, static p => p.CallSpotPriceShock, static (p, v) => p with { CallSpotPriceShock = v }),
        ("putSpotPriceShock", ParameterUnit.Share, static p => p.PutSpotPriceShock, static (p, v) => p with { PutSpotPriceShock = v }),
    ];

    private readonly LyraTables tables = market.Tables;

    public void List(ICollection<MarketParameter> into)
    {
        var row = tables.Market;
        foreach (var (name, unit, of, _) in Minimums)
        {
            into.Add(new MarketParameter(ParameterSubject.Market, name, of(row.Parameters), unit, unit == ParameterUnit.Seconds ? (byte)0 : Wad, ParameterKind.Threshold));
        }

        into.Add(MarketParameter.Share(ParameterSubject.Market, Rate, (UInt256)SizeOf(row.RateAndCarry), Wad, ParameterKind.RateModel));
        into.Add(MarketParameter.Flag(ParameterSubject.Market, RateSign, Int128.IsNegative(row.RateAndCarry), ParameterKind.RateModel));
        foreach (var (id, board) in tables.Boards)
        {
            if (id.BitLength <= 32)
            {
                into.Add(MarketParameter.Flag(new ParameterSubject(Board, default, (uint)(ulong)id, default), "frozen", board.IsFrozen, ParameterKind.Pause));
            }
        }
    }

    public bool Restore(in MarketParameter old)
    {
        if (old.Subject.What == Board)
        {
            if (!tables.Boards.TryGet(old.Subject.Number, out var board))
            {
                return false;
            }

            tables.Boards.Set(old.Subject.Number, board with { IsFrozen = !old.Value.IsZero });
            return true;
        }

        var row = tables.Market;
        if (old.Name is Rate or RateSign)
        {
            var size = old.Name == Rate ? (UInt128)old.Value : SizeOf(row.RateAndCarry);
            var isNegative = old.Name == Rate ? Int128.IsNegative(row.RateAndCarry) : !old.Value.IsZero;
            tables.Market = row with { RateAndCarry = unchecked(isNegative ? -(Int128)size : (Int128)size) };
            return true;
        }

        foreach (var (name, _, _, with) in Minimums)
        {
            if (name == old.Name)
            {
                tables.Market = row with { Parameters = with(row.Parameters, old.Value) };
                return true;
            }
        }

        return false;
    }

    // Int128 has no positive twin of its least value, UInt128 has.
    private static UInt128 SizeOf(Int128 rate) => unchecked((UInt128)(Int128.IsNegative(rate) ? -rate : rate));
}
