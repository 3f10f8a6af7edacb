using System.Globalization;
using System.Runtime;

namespace DefiMonitor.Benchmarks;

/// <summary>What the process holds, in bytes.</summary>
/// <param name="Heap">Of the managed heap.</param>
/// <param name="Resident">Of the machine's memory.</param>
internal readonly record struct Memory(long Heap, long Resident)
{
    /// <summary>The most that was ever resident.</summary>
    public static long Peak => OfStatus("VmHWM:");

    /// <summary>After a full collection that gives back what is free.</summary>
    public static Memory Held()
    {
        for (var i = 0; i < 2; i++)
        {
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return new Memory(GC.GetTotalMemory(false), OfStatus("VmRSS:"));
    }

    // Linux tells it in kB; elsewhere there is no such figure.
    private static long OfStatus(string name)
    {
        if (!File.Exists("/proc/self/status"))
        {
            return 0;
        }

        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
