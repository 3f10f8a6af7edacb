namespace DefiMonitor.Protocols.PanopticV2;

/// <summary>
/// At which ticks the risk engine is asked: a grid on both sides of the price, because solvency need not be monotone (a strangle is left on either side), and a few between
/// the last tick that was solvent and the first that was not, so that each block narrows the nearest edge to a third. Never more than <see cref="Most"/>.
/// </summary>
internal static class ProbePlan
{
    public const int Most = (2 * Reach) + 1 + (2 * Between);

    private const int Reach = 8;
    private const int Between = 4;

    // One per cent, doubled eight times: from 100 ticks to 12,800, a price of 3.6 times.
    private const int FirstStep = 100;

    public static IEnumerable<int> Grid(int tick)
    {
        var ticks = new SortedSet<int> { Within(tick) };
        for (var i = 0; i < Reach; i++)
        {
            ticks.Add(Within(tick - (FirstStep << i)));
            ticks.Add(Within(tick + (FirstStep << i)));
        }

        return ticks;
    }

    public static IEnumerable<int> Next(int tick, IReadOnlyList<SolvencyProbe> last)
    {
        var ticks = new SortedSet<int>(Grid(tick));
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            if (Edge(tick, last, side) is not { } edge)
            {
                continue;
            }

            // Both ends again, and two between: the edge moves a little with the premia.
            var (inside, outside) = edge;
            var third = Math.Abs(outside - inside) < 3 ? side : (outside - inside) / 3;
            ticks.UnionWith([inside, outside, Within(inside + third), Within(outside - third)]);
            if (Math.Abs(outside - inside) == 1)
            {
                ticks.UnionWith([Within(inside - side), Within(outside + side)]);
            }
        }

        return ticks;
    }

    /// <summary>Going out from the price, the last probe that was solvent before the first that was not; null where there is none, or the price itself is not solvent.</summary>
    /// <param name="probes">Rising.</param>
    /// <param name="side">-1 = down, 1 = up.</param>
    public static (int Solvent, int Insolvent)? Edge(int tick, IReadOnlyList<SolvencyProbe> probes, int side)
    {
        int? inside = null;
        for (var i = 0; i < probes.Count; i++)
        {
            var probe = side > 0 ? probes[i] : probes[probes.Count - 1 - i];
            if ((probe.Tick - tick) * side < 0)
            {
                continue;
            }

            if (probe.IsSolvent)
            {
                inside = probe.Tick;
            }
            else
            {
                return inside is { } last ? (last, probe.Tick) : null;
            }
        }

        return null;
    }

    private static int Within(int tick) => Math.Clamp(tick, -TickMath.MaxTick, TickMath.MaxTick);
}
