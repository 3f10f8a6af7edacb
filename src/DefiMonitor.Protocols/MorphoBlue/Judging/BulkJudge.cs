using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// Judges many accounts at one instant out of the mirror. Interest and price are worked out once; allocates per call, never per account. Several threads may judge at
/// once, as long as nobody writes to the tables meanwhile.
/// </summary>
internal sealed class BulkJudge(MorphoMarket market, AccountMirror mirror, UnknownReasons reasons, StateCapture capture)
{
    private readonly MorphoTables tables = market.Tables;

    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        if (reasons.OfMarket(block) is not null || TotalsAt(at) is not { } totals)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        var row = tables.Market;
        tables.Prices.TryGet(row.Parameters.Oracle, out var price);
        var dense = new DenseHealth(totals, price.Price, row.Parameters.Lltv);
        var entries = mirror.Entries;
        for (var i = 0; i < slots.Length; i++)
        {
            ref readonly var account = ref entries[slots[i]];
            if (!account.IsIn)
            {
                verdicts[i] = Unknown;
            }
            else if (account.BorrowShares == 0)
            {
                verdicts[i] = new Verdict(MarginStatus.Healthy, UInt256.MaxValue);
            }
            else if (!dense.TryJudge(account, out verdicts[i]))
            {
                verdicts[i] = Exactly(account, totals, price.Price, row.Parameters.Lltv);
            }
        }
    }

    private static Verdict Exactly(in MirrorEntry account, in MarketTotals totals, in UInt256 price, in UInt256 lltv)
    {
        try
        {
            return Verdicts.Of(Health.Of(totals, account.BorrowShares, account.Collateral, price, lltv));
        }
        catch (ArithmeticException)
        {
            // Where the contract would revert there is no verdict.
            return Unknown;
        }
    }

    private MarketTotals? TotalsAt(Instant at)
    {
        try
        {
            return capture.InterestOf(tables.Market).At(at.Seconds);
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }
}
