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

    /// <summary>Completes when somebody is.</summary>
    public async Task HintAsync(CancellationToken cancellationToken) => await hints.Reader.ReadAsync(cancellationToken);

    public async Task<IReadOnlyList<VenueReport>> ReadAsync(CancellationToken cancellationToken)
    {
        var asked = venues.Select(one => (one.Venue, one.Reader, First: one.Pushes.Take())).ToList();
        var isWhole = lastWhole is not { } last || time.GetElapsedTime(last) >= interval || asked.TrueForAll(static one => one.First.Count == 0);
        if (isWhole)
        {
            lastWhole = time.GetTimestamp();
        }

        var rounds = await Task.WhenAll(asked.Select(one => one.Reader.ReadAsync(
            isWhole ? [.. one.First.Concat(one.Venue.Accounts.Select(static account => account.Id)).Distinct()] : one.First, cancellationToken)));
        return [.. rounds.SelectMany(static round => round)];
    }
}
