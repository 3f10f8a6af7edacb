using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols;

/// <summary>
/// Who of those that must be read again is read in a block. One lost log may concern every account of a market, and a question that grows with them would fail, and with it
/// the reads of every protocol of the chain. Whoever waits stays Unknown.
/// </summary>
internal static class PendingTurns
{
    /// <summary>Accounts in one block.</summary>
    public const int Most = 250;

    /// <param name="since">The block since which a row waits.</param>
    public static IReadOnlyList<Address> Of<TRow>(StateTable<Address, TRow> pending, Func<TRow, ulong> since, BlockHeader head)
        where TRow : unmanaged
    {
        var waiting = new List<(ulong Since, Address Account)>(pending.Count);
        foreach (var (account, row) in pending)
        {
            waiting.Add((since(row), account));
        }

        return Of(waiting, head);
    }

    /// <summary>
    /// All, where there is room. Otherwise half of the room is for those that have waited longest, and half for others in a turn that moves with the block: accounts that can't
    /// be read for good would hold up everybody after them.
    /// </summary>
    public static IReadOnlyList<Address> Of(List<(ulong Since, Address Account)> waiting, BlockHeader head, int most = Most)
    {
        if (waiting.Count <= most)
        {
            return [.. waiting.Select(static one => one.Account)];
        }

        waiting.Sort();
        var longest = most / 2;
        var chosen = new List<Address>(most);
        for (var i = 0; i < longest; i++)
        {
            chosen.Add(waiting[i].Account);
        }

        var others = waiting.Count - longest;
        var start = (int)(Scatter(head.Number) % (ulong)others);
        for (var i = 0; i < most - longest; i++)
        {
            chosen.Add(waiting[longest + ((start + i) % others)].Account);
        }

        return chosen;
    }

    // Blocks are judged at intervals of any length, so a start in step with their numbers could come back to the same few for ever.
    private static ulong Scatter(ulong number) => unchecked(number * 0x9E37_79B9_7F4A_7C15) >> 32;
}
