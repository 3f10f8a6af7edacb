using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Whom to evaluate in full. While everybody fits, everybody; else bulk judging is the filter: whoever is near at either instant, was touched,
/// has something open or can't be judged, and of the others those whose report has grown old, in turn.
/// </summary>
internal sealed class Whom(IReadOnlyList<IProtocol> protocols, Census census, AlertBook book, ChainLoopOptions options)
{
    // Rules open at a few daily sigmas; what is within this many is looked at closely, whatever its health factor.
    private const double NearSigmas = 6;
    private const double Wad = 1e18;

    private readonly Dictionary<MarginAccountId, Seen> seen = [];
    private readonly int[] turns = new int[protocols.Count];
    private int[] slots = [];
    private Verdict[] atBlock = [];
    private Verdict[] atNext = [];

    public void Clear()
    {
        seen.Clear();
        Array.Clear(turns);
    }

    /// <summary>Remembers that the account was evaluated.</summary>
    /// <param name="dailySigma">Of its own mix; null where no distance can be given.</param>
    public void Evaluated(MarginAccountId account, ulong timestamp, double? dailySigma) =>
        seen[account] = new Seen(timestamp, dailySigma is { } sigma ? Math.Exp(NearSigmas * sigma) : 0);

    /// <summary>Adds the accounts of one protocol that are to be evaluated. False when others were left out.</summary>
    public bool Pick(int protocol, BlockHeader head, IReadOnlySet<MarginAccountId> touched, List<MarginAccountId> into)
    {
        var accounts = census.Entered(protocol);
        if (census.Count <= options.FullPassAccounts)
        {
            into.AddRange(accounts);
            return true;
        }

        var protocolOf = protocols[protocol];
        if (atBlock.Length < accounts.Length)
        {
            slots = new int[accounts.Length];
            atBlock = new Verdict[accounts.Length];
            atNext = new Verdict[accounts.Length];
        }

        var instant = new Instant(head.Timestamp);
        for (var i = 0; i < accounts.Length; i++)
        {
            slots[i] = protocolOf.SlotOf(accounts[i]);
        }

        protocolOf.JudgeMany(slots.AsSpan(0, accounts.Length), head, instant, atBlock.AsSpan(0, accounts.Length));
        protocolOf.JudgeMany(slots.AsSpan(0, accounts.Length), head, instant + options.NextBlockSeconds, atNext.AsSpan(0, accounts.Length));
        var far = options.FarPerBlock;
        var start = turns[protocol] < accounts.Length ? turns[protocol] : 0;
        var picked = 0;
        for (var n = 0; n < accounts.Length; n++)
        {
            var i = (start + n) % accounts.Length;
            var account = accounts[i];
            if (IsNear(account, atBlock[i]) || IsNear(account, atNext[i]) || touched.Contains(account)
                || book.HasOpen(new AlertSubject(SubjectKind.Account, account.ToString())) || book.MemoryOf(account)?.UnknownSince is not null)
            {
                into.Add(account);
                picked++;
            }
            else if (far > 0 && IsOld(account, head))
            {
                far--;
                turns[protocol] = i + 1;
                into.Add(account);
                picked++;
            }
        }

        return picked == accounts.Length;
    }

    private bool IsNear(MarginAccountId account, in Verdict verdict) =>
        verdict.Status != MarginStatus.Healthy || verdict.HealthFactor <= options.NearHealth
        || (seen.TryGetValue(account, out var last) && last.Reach * Wad >= verdict.HealthFactor.ToDouble());

    private bool IsOld(MarginAccountId account, BlockHeader head) =>
        !seen.TryGetValue(account, out var last) || head.Timestamp >= last.Timestamp + (ulong)options.ReportEvery.TotalSeconds;

    /// <param name="Reach">Health factor up to which the account is near by the movement of its own mix.</param>
    private readonly record struct Seen(ulong Timestamp, double Reach);
}
