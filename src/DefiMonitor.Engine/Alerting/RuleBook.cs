using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What is worth telling: the content of rules.json.</summary>
public sealed record RuleBook
{
    /// <summary>Three, two and one daily sigma.</summary>
    public static RuleBook Default { get; } = new();

    /// <summary>Lowest level first. Liquidatable is no entry: it is told whatever stands here.</summary>
    public IReadOnlyList<LevelRule> Levels { get; init; } =
    [
        new(AlertLevel.Warning, Sigmas: 3),
        new(AlertLevel.Danger, Sigmas: 2),
        new(AlertLevel.Critical, Sigmas: 1),
    ];

    /// <summary>How much farther than it opened a level closes: the band in which nothing is said. At least 1.</summary>
    public double Hysteresis { get; init; } = 1.25;

    /// <summary>Blocks, or seconds, whichever comes first, after which an account that can't be read is told.</summary>
    public ulong UnknownAfterBlocks { get; init; } = 3;

    public ulong UnknownAfterSeconds { get; init; } = 60;

    /// <summary>A chain is late when its newest block is older than this many block times, and than <see cref="LateMinimumSeconds"/>.</summary>
    public double LateFactor { get; init; } = 5;

    public ulong LateMinimumSeconds { get; init; } = 60;

    /// <summary>Seconds without a sign of life after which a loop counts as dead.</summary>
    public ulong LoopDeadAfterSeconds { get; init; } = 120;

    /// <summary>Seconds after which an undelivered message means that the outbox is stuck.</summary>
    public ulong OutboxStuckAfterSeconds { get; init; } = 120;

    /// <summary>Age of a chain's newest block from which the ledger's sums no longer count on it; 0 = any age counts (local nodes whose clock stands).</summary>
    public ulong StaleAfterSeconds { get; init; } = 900;

    /// <summary>The level at which it is told that an account would be liquidatable at the price that is due, at most critical; None = it is not told.</summary>
    public AlertLevel NextPrice { get; init; } = AlertLevel.Critical;

    /// <summary>Null = none.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>Debt below this, in dollars, is told without a sound; a market that counts in a token that is no dollar has no such debt.</summary>
    public ulong MinimumDebt { get; init; } = 10;

    /// <summary>Levels and minimum debt of single owners, by the name of owners.json or by lower-case address.</summary>
    public IReadOnlyDictionary<string, OwnerRules> Owners { get; init; } = new Dictionary<string, OwnerRules>();

    public IReadOnlyList<LevelRule> LevelsOf(MarginAccountId account, string? ownerName) =>
        OwnerOf(account, ownerName)?.Levels ?? Levels;

    public ulong MinimumDebtOf(MarginAccountId account, string? ownerName) =>
        OwnerOf(account, ownerName)?.MinimumDebt ?? MinimumDebt;

    // The address is the more exact of the two names, so it goes first.
    private OwnerRules? OwnerOf(MarginAccountId account, string? ownerName) =>
        Owners.TryGetValue(account.Key, out var byAddress) ? byAddress
        : ownerName is not null && Owners.TryGetValue(ownerName, out var byName) ? byName
        : null;
}

/// <summary>An owner's own rules; what is null is as for everybody.</summary>
public sealed record OwnerRules(IReadOnlyList<LevelRule>? Levels = null, ulong? MinimumDebt = null);

/// <summary>One threshold of one level: by the estimate (daily sigmas) or by the health factor itself. A level is reached when any of its entries is.</summary>
/// <param name="Sigmas">At this distance or nearer; null = not by distance.</param>
/// <param name="HealthFactor">At this health factor or lower, wad, above 1; null = not by health factor.</param>
public sealed record LevelRule(AlertLevel Level, double? Sigmas = null, UInt256? HealthFactor = null);

/// <summary>The hours in which what is not critical arrives without a sound. <paramref name="From"/> later than <paramref name="To"/> spans midnight.</summary>
public sealed record QuietHours(TimeOnly From, TimeOnly To, TimeZoneInfo Zone)
{
    /// <param name="now">Seconds since 1970.</param>
    public bool Cover(ulong now)
    {
        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds((long)now), Zone);
        return TimeOnly.FromTimeSpan(local.TimeOfDay).IsBetween(From, To);
    }
}
