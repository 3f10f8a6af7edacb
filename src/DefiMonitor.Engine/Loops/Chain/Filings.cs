using System.Collections;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// What the reports on disk say of each account: a few bytes each, by its number in the census. What is on disk is what the watch goes by, so that it says after a
/// restart what it would have said without; it enumerates the standing accounts from a thread of its own.
/// </summary>
internal sealed class Filings(Census census) : IEnumerable<StandingAccount>
{
    private readonly Lock gate = new();
    private readonly Column<MarginAccountId?> accounts = new();
    private readonly Column<ulong> blockTimes = new();
    private readonly Column<byte> levels = new();
    private readonly Column<byte> statuses = new();

    /// <summary>NaN = not known.</summary>
    private readonly Column<double> sigmas = new();
    private readonly Dictionary<int, string> names = [];
    private int count;
    private int told;

    /// <summary>Reports that say Unknown.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>True while one of the accounts stands at a level.</summary>
    public bool IsAnyoneNear => told > 0;

    /// <param name="known">The distance that counts: as read, or as last read where it can't be read now.</param>
    public void File(in Member member, in FiledReport row, double? known)
    {
        lock (gate)
        {
            var number = member.Number;
            if (TryGet(number, out var before))
            {
                UnknownCount -= before.Status == MarginStatus.Unknown ? 1 : 0;
                told -= before.Level > AlertLevel.None ? 1 : 0;
            }

            UnknownCount += row.Status == MarginStatus.Unknown ? 1 : 0;
            told += row.Level > AlertLevel.None ? 1 : 0;
            count = Math.Max(count, number + 1);
            accounts[number] = census.AccountAt(number);
            blockTimes[number] = row.BlockTime;
            levels[number] = (byte)row.Level;
            statuses[number] = (byte)row.Status;
            sigmas[number] = known ?? double.NaN;
            if (member.OwnerName is { } name)
            {
                names[number] = name;
            }
        }
    }

    public bool TryGet(int number, out Filed filed)
    {
        filed = number < count && accounts[number] is not null
            ? new Filed((AlertLevel)levels[number], (MarginStatus)statuses[number], blockTimes[number])
            : default;
        return number < count && accounts[number] is not null;
    }

    /// <summary>The accounts of which a distance or a level is known, each as it stands when it is come to.</summary>
    public IEnumerator<StandingAccount> GetEnumerator()
    {
        for (var number = 0; TryStanding(number, out var standing); number++)
        {
            if (standing is not null)
            {
                yield return standing;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool TryStanding(int number, out StandingAccount? standing)
    {
        lock (gate)
        {
            standing = null;
            if (number >= count)
            {
                return false;
            }

            var known = double.IsNaN(sigmas[number]) ? (double?)null : sigmas[number];
            var level = (AlertLevel)levels[number];
            if (accounts[number] is { } account && (known is not null || level != AlertLevel.None))
            {
                standing = new StandingAccount(account, names.GetValueOrDefault(number), known, level);
            }

            return true;
        }
    }
}

/// <param name="BlockTime">Second of the block that the report is of.</param>
internal readonly record struct Filed(AlertLevel Level, MarginStatus Status, ulong BlockTime);
