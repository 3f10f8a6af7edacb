namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// All legs of all accounts in one array, a run for each account. A run that grows moves to the end; when a quarter of the array is left behind, everything is moved
/// together again, in the order of slots, so that a pass over all accounts reads memory forwards.
/// </summary>
internal sealed class MirrorArena
{
    private const int LeastWaste = 4_096;

    private UInt128[] legs = new UInt128[1_024];
    private int used;
    private int waste;

    public ReadOnlySpan<UInt128> Legs => legs;

    /// <summary>Legs that the array has room for, 16 bytes each.</summary>
    public int Capacity => legs.Length;

    public void Put(ref MirrorEntry entry, ReadOnlySpan<UInt128> run)
    {
        if (run.Length > entry.Count)
        {
            waste += entry.Count;
            Reserve(run.Length);
            entry.Start = used;
            used += run.Length;
        }
        else
        {
            waste += entry.Count - run.Length;
        }

        run.CopyTo(legs.AsSpan(entry.Start));
        entry.Count = (ushort)run.Length;
    }

    public void CompactIfWorthIt(Span<MirrorEntry> entries)
    {
        if (waste < LeastWaste || waste < used / 4)
        {
            return;
        }

        var packed = new UInt128[Math.Max(LeastWaste, (used - waste) + ((used - waste) / 8))];
        var end = 0;
        foreach (ref var entry in entries)
        {
            legs.AsSpan(entry.Start, entry.Count).CopyTo(packed.AsSpan(end));
            entry.Start = end;
            end += entry.Count;
        }

        legs = packed;
        used = end;
        waste = 0;
    }

    /// <summary>Makes room for so many more. By a quarter at a time: at most a fifth of the array is room that is not used yet.</summary>
    public void Reserve(int more)
    {
        if (used + more > legs.Length)
        {
            Array.Resize(ref legs, checked(Math.Max(used + more, legs.Length + (legs.Length / 4))));
        }
    }
}
