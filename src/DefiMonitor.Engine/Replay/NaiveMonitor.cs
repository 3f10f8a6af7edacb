using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Replay;

/// <summary>
/// The monitor that people have today, for comparison: it polls every five minutes, warns once below a fixed health factor of 1.1, and takes a failed read
/// for healthy. It watches what answers a health factor of its own, as Aave does; of Morpho and Lyra it sees nothing. It is given the chain's own health factors, so it is never wrong, only late or silent.
/// </summary>
public sealed class NaiveMonitor(IReadOnlyList<MarginAccountId> accounts)
{
    public const ulong PollSeconds = 300;

    private static readonly UInt256 Threshold = UInt256.Parse("1100000000000000000");

    private readonly Dictionary<MarginAccountId, ulong> warnedSince = [];
    private readonly Dictionary<MarginAccountId, List<ulong>> warnings = [];
    private ulong nextPoll;

    public int Warnings { get; private set; }

    /// <summary>Polls when five minutes have gone by.</summary>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="health">The chain's own health factor, wad; null = the read failed.</param>
    public void Step(ulong now, Func<MarginAccountId, UInt256?> health)
    {
        if (now < nextPoll)
        {
            return;
        }

        nextPoll = now + PollSeconds;
        foreach (var account in accounts)
        {
            if (health(account) is { } factor && factor < Threshold)
            {
                if (warnedSince.TryAdd(account, now))
                {
                    Warnings++;
                    (warnings.TryGetValue(account, out var list) ? list : warnings[account] = []).Add(now);
                }
            }
            else
            {
                warnedSince.Remove(account);
            }
        }
    }

    /// <summary>True when its warning stood before the second given.</summary>
    public bool WarnedBefore(MarginAccountId account, ulong second) =>
        warnings.TryGetValue(account, out var list) && list.Exists(w => w < second);

    /// <summary>Seconds from the moment given to its first warning after it; null = it never said a word.</summary>
    public ulong? LateBy(MarginAccountId account, ulong second)
    {
        foreach (var warning in warnings.GetValueOrDefault(account) ?? [])
        {
            if (warning >= second)
            {
                return warning - second;
            }
        }

        return null;
    }
}
