using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Judges many accounts at one instant: out of the mirror where its dense form holds an account, else out of the tables. Both give the same integers. Allocates per
/// call, never per account. Several threads may judge at once, as long as nobody writes to the tables meanwhile.
/// </summary>
internal sealed class BulkJudge(AaveMarket market, AccountMirror mirror, Legs legs, UnknownReasons reasons)
{
    private readonly ExactJudge exact = new(market, legs, reasons);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        if (!market.Tables.Market.IsOpen)
        {
            verdicts[..slots.Length].Fill(ExactJudge.Unknown);
            return;
        }

        mirror.Refresh();
        var shared = new SharedMarket(market, legs, block, at);
        var version = shared.Version;
        var entries = mirror.Entries;
        var legsOfAll = mirror.Legs;

        // Of an unknown revision only those are judged whom the chain has confirmed, which the mirror does not know.
        var isDense = !market.IsTentative;
        var minded = MirrorFlags.Entered | MirrorFlags.Pending | MirrorFlags.Wide | (version <= AaveVersion.V33 ? MirrorFlags.ReadDebts : MirrorFlags.None);
        for (var i = 0; i < slots.Length; i++)
        {
            ref readonly var entry = ref entries[slots[i]];
            var row = shared.RowOf(entry.EMode);
            if ((entry.Flags & (MirrorFlags.Entered | MirrorFlags.Pending)) != MirrorFlags.Entered || row < 0 || shared.IsBlocked(row, entry))
            {
                verdicts[i] = ExactJudge.Unknown;
            }
            else if (!isDense || (entry.Flags & minded) != MirrorFlags.Entered || shared.IsBeyondDense(row, entry)
                || !DenseSum.TryJudge(version, legsOfAll.Slice(entry.Start, entry.Count), shared.FactorsOf(row), out verdicts[i]))
            {
                verdicts[i] = exact.Judge(mirror.UserAt(slots[i]), shared, block);
            }
        }
    }
}
