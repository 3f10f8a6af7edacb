using System.Text;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Engine.Sinks.Http;

namespace DefiMonitor.Engine.Venues;

/// <summary>Asks a venue for its clock and for one account after the other, never faster than it allows. What goes wrong is in the reports.</summary>
public sealed class VenueReader(IVenueFeed feed, VenueSettings settings, GuardedHttp http, TimeProvider time)
{
    private const int MaxReply = 4 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(10);

    // What was read must be told now: whoever a round has no time for comes first in the next.
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(45);

    // A venue that does not answer twice in a row is not asked about the rest of the round.
    private const int MostSilent = 2;
    private static readonly VenueAnswer NotAsked = new(0, "", "It was not asked, because the venue did not answer twice in a row.");
    private static readonly VenueAnswer NoTime = new(0, "", $"It was not asked, because the venue took more than {Round.TotalSeconds:0} s for the others.");

    // What is asked beside the snapshots stops first where the venue wants to be asked less.
    private static readonly VenueAnswer Spared = new(0, "", "It was not asked, because the venue did not answer another such question in this round");

    private long? lastAsked;
    private readonly HashSet<VenueAccountId> unasked = [];

    /// <param name="urgent">Asked first; after them whoever the last rounds had no time for.</param>
    public async Task<IReadOnlyList<VenueReport>> ReadAsync(IReadOnlyList<VenueAccountId> urgent, IReadOnlyList<VenueAccountId> others, CancellationToken cancellationToken)
    {
        var reports = new List<VenueReport>();
        List<VenueAccountId> accounts = [.. urgent.Concat(others.OrderBy(account => unasked.Contains(account) ? 0 : 1)).Distinct()];
        if (accounts.Count == 0)
        {
            return reports;
        }

        var begun = time.GetTimestamp();
        var clock = feed.ReadClock(await AskAsync(feed.Clock, cancellationToken));
        var read = time.GetTimestamp();
        var silent = 0;
        var isSpared = false;
        foreach (var account in accounts)
        {
            var answer = silent >= MostSilent ? NotAsked : time.GetElapsedTime(begun) > Round ? NoTime : null;
            if (answer is null)
            {
                unasked.Remove(account);
                answer = await AskAsync(feed.Snapshot(account), cancellationToken);
                silent = IsAnswer(answer) ? 0 : IsRefusal(answer) ? silent : silent + 1;
            }
            else
            {
                unasked.Add(account);
            }

            var now = clock with { Milliseconds = clock.Milliseconds + (ulong)time.GetElapsedTime(read).TotalMilliseconds };
            var report = feed.Judge(account, answer, now, (ulong)time.GetUtcNow().ToUnixTimeSeconds());
            if (feed.Check(report) is { } check)
            {
                var second = isSpared || time.GetElapsedTime(begun) > Round ? Spared : await AskAsync(check, cancellationToken);
                isSpared = second.IsTooMuch || second.Failure is not null;
                report = feed.Compare(report, second);
            }

            reports.Add(report);
        }

        return reports;
    }

    /// <summary>Which accounts each owner has by the venue's word; empty where it does not tell.</summary>
    public async Task<IReadOnlyList<VenueOwner>> AccountsAsync(IEnumerable<Address> owners, CancellationToken cancellationToken)
    {
        var told = new List<VenueOwner>();
        foreach (var owner in owners)
        {
            if (feed.Accounts(owner) is { } request)
            {
                told.Add(feed.ReadAccounts(owner, await AskAsync(request, cancellationToken)));
            }
        }

        return told;
    }

    private static bool IsAnswer(VenueAnswer answer) => answer is { Failure: null, Status: 200 };

    // Said of this account alone: neither does the venue answer by it, nor is it silent.
    private static bool IsRefusal(VenueAnswer answer) => answer is { Failure: null, Status: >= 400 and < 500, IsTooMuch: false };

    // Once more after "too much", no more often: a venue that says so twice is told about, not hammered.
    private async Task<VenueAnswer> AskAsync(VenueRequest request, CancellationToken cancellationToken)
    {
        var (answer, wait) = await SendAsync(request, cancellationToken);
        if (answer.IsTooMuch)
        {
            await Task.Delay(wait < MostWait ? wait : MostWait, time, cancellationToken);
            (answer, _) = await SendAsync(request, cancellationToken);
        }

        return answer;
    }

    private async Task<(VenueAnswer Answer, TimeSpan Wait)> SendAsync(VenueRequest request, CancellationToken cancellationToken)
    {
        await PaceAsync(cancellationToken);
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(settings.Url, request.Path)) { Content = new StringContent(request.Body, Encoding.UTF8, "application/json") };
        var reply = await http.SendAsync(message, Limit, MaxReply, cancellationToken);
        return (new VenueAnswer(reply.Status, Encoding.UTF8.GetString(reply.Body), reply.Failure), reply.RetryAfter ?? TimeSpan.FromSeconds(1));
    }

    private async Task PaceAsync(CancellationToken cancellationToken)
    {
        var pace = TimeSpan.FromSeconds(1) / feed.RequestsPerSecond;
        if (lastAsked is { } last && time.GetElapsedTime(last) is var gone && gone < pace)
        {
            await Task.Delay(pace - gone, time, cancellationToken);
        }

        lastAsked = time.GetTimestamp();
    }
}
