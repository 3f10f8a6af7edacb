using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Judges many owners at one instant. Each strike is priced once, which is what costs; a position then takes two multiplications.</summary>
internal sealed class BulkJudge(LyraMarket market, UnknownReasons reasons)
{
    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        if (reasons.OfMarket(block) is not null)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        var row = market.Tables.Market;
        var requirements = new Requirements(row.Parameters, row.RateAndCarry, market.Tables.Spot.Price, at.Seconds);
        for (var i = 0; i < slots.Length; i++)
        {
            verdicts[i] = market.Tables.Accounts.Contains(market.Owned.OwnerAt(slots[i])) ? Judge(market.Owned.At(slots[i]), requirements) : Unknown;
        }
    }

    private Verdict Judge(SortedSet<UInt256> ids, Requirements requirements)
    {
        var least = UInt256.MaxValue;
        var isLiquidatable = false;
        try
        {
            foreach (var id in ids)
            {
                if (market.PositionOf(id) is not { } position)
                {
                    return Unknown;
                }

                if (position.IsLiveShort(requirements.At))
                {
                    var margin = new ShortMargin(position, requirements.Of(position));
                    least = UInt256.Min(least, margin.Factor);
                    isLiquidatable |= margin.IsLiquidatable;
                }
            }
        }
        catch (ArithmeticException)
        {
            // Where the contract would revert there is no verdict.
            return Unknown;
        }

        return new Verdict(isLiquidatable ? MarginStatus.Liquidatable : MarginStatus.Healthy, least);
    }
}
