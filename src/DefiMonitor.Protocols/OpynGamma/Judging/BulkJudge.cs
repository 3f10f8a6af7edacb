using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Judges many owners at one instant: their naked vaults alone, since no other can be liquidated.</summary>
internal sealed class BulkJudge(GammaMarket market, UnknownReasons reasons)
{
    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        if (reasons.OfMarket() is not null)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        for (var i = 0; i < slots.Length; i++)
        {
            var owner = market.Owned.OwnerAt(slots[i]);
            verdicts[i] = reasons.OfAccount(owner) is null ? Judge(owner, market.Owned.At(slots[i]), block, at.Seconds) : Unknown;
        }
    }

    // As OwnerMargin.
    private Verdict Judge(in Address owner, SortedSet<ulong> ids, BlockHeader block, ulong at)
    {
        var least = UInt256.MaxValue;
        var isLiquidatable = false;
        var isWhole = reasons.Unfollowed(owner) is null;
        foreach (var id in ids)
        {
            var key = new VaultKey(owner, id);
            if (!market.Tables.Vaults.TryGet(key, out var row))
            {
                continue;
            }

            if (reasons.OfVault(key, row, block) is { } gap)
            {
                isWhole &= !gap.MayBeLiquidated;
            }
            else if (row.Type == 1 && market.VaultOf(key, row, block.Timestamp) is var vault && vault.IsLiveNaked(at))
            {
                try
                {
                    var margin = NakedMargin.Of(vault, at);
                    least = UInt256.Min(least, margin.Factor);
                    isLiquidatable |= margin.IsLiquidatable;
                }
                catch (ArithmeticException)
                {
                    // Where the contract would revert there is no verdict.
                    isWhole = false;
                }
            }
        }

        return isLiquidatable ? new Verdict(MarginStatus.Liquidatable, least) : isWhole ? new Verdict(MarginStatus.Healthy, least) : Unknown;
    }
}
