using System.Threading.Channels;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.Engine.Venues;

/// <summary>Whom each round asks about: everybody, or, between two such rounds, only who was pushed to be below 0.</summary>
public sealed class VenueRounds(TimeProvider time, TimeSpan interval)
{
    private readonly List<(VenueSettings Venue, VenueReader Reader, VenuePushes Pushes)> venues = [];
    private readonly Channel<bool> hints = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long? lastWhole;

    public void Add(VenueSettings venue, VenueReader reader, VenuePushes pushes) => venues.Add((venue, reader, pushes));

    /// <summary>Somebody is waiting to be asked about.</summary>
    public void Nudge() => hints.Writer.TryWrite(true);

    /// <summary>Completes when somebody is, or when the next round of everybody is due: those between do not put it off.</summary>
    public async Task HintAsync(CancellationToken cancellationToken)
    {
        var left = lastWhole is { } last ? interval - time.GetElapsedTime(last) : interval;
        using var due = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, cancellationToken);
        try
        {
            await hints.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is due.
        }
    }

    public async Task<IReadOnlyList<VenueReport>> ReadAsync(CancellationToken cancellationToken)
    {
        var asked = venues.Select(one => (one.Venue, one.Reader, First: one.Pushes.Take())).ToList();
        var isWhole = lastWhole is not { } last || time.GetElapsedTime(last) >= interval || asked.TrueForAll(static one => one.First.Count == 0);
        var rounds = await Task.WhenAll(asked.Select(one => one.Reader.ReadAsync(one.First, isWhole ? [.. one.Venue.Accounts.Select(static account => account.Id)] : [], cancellationToken)));
        if (isWhole)
        {
            lastWhole = time.GetTimestamp();
        }

        return [.. rounds.SelectMany(static round => round)];
    }
}
