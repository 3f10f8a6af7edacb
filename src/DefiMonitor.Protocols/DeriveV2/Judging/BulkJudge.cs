using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Judges many accounts: of each, the manager's words and nothing of the model.</summary>
internal sealed class BulkJudge(DeriveMarket market, StateCapture capture, UnknownReasons reasons)
{
    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Span<Verdict> verdicts)
    {
        if (reasons.OfMarket() is not null)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        var isLeft = reasons.LeftBehind(block) is not null;
        for (var i = 0; i < slots.Length; i++)
        {
            var verdict = Judge(market.Held.OwnerAt(slots[i]), block);
            verdicts[i] = isLeft && verdict.Status == MarginStatus.Healthy ? Unknown : verdict;
        }
    }

    private Verdict Judge(in Address account, BlockHeader block)
    {
        if (reasons.OfAccount(account, block) is not null)
        {
            return Unknown;
        }

        if (!SubAccountKeys.IsSubAccount(account, out var id))
        {
            return capture.OwnedBy(account, block) is var owned && owned.Count == (ulong)owned.Known ? new Verdict(MarginStatus.Healthy, UInt256.MaxValue) : Unknown;
        }

        market.Tables.Accounts.TryGet(account, out var row);
        var (words, interest, auction) = capture.Words(account, row, id, block);
        var verdict = AccountVerdict.Of(words.Settled(interest), auction);
        return new Verdict(verdict.Status, verdict.HealthFactor ?? UInt256.MaxValue);
    }
}
