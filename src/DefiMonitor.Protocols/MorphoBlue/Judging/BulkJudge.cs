using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Judges many accounts at one instant out of the dense rows. Interest and price are worked out once; allocates per call, never per account.</summary>
internal sealed class BulkJudge(MorphoMarket market, UnknownReasons reasons, StateCapture capture)
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
        var waiting = Waiting();
        var dense = tables.Accounts.Dense;
        for (var i = 0; i < slots.Length; i++)
        {
            ref readonly var account = ref dense[slots[i]];
            verdicts[i] = !account.IsIn || (waiting is not null && waiting.Contains(slots[i])) ? Unknown : Judge(account, totals, price.Price, row.Parameters.Lltv);
        }
    }

    private static Verdict Judge(in DenseAccount account, in MarketTotals totals, in UInt256 price, in UInt256 lltv)
    {
        if (account.BorrowShares == 0)
        {
            return new Verdict(MarginStatus.Healthy, UInt256.MaxValue);
        }

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

    private HashSet<int>? Waiting()
    {
        if (tables.Pending.Count == 0)
        {
            return null;
        }

        var waiting = new HashSet<int>();
        foreach (var (user, _) in tables.Pending)
        {
            waiting.Add(tables.Accounts.SlotOf(user));
        }

        return waiting;
    }
}
