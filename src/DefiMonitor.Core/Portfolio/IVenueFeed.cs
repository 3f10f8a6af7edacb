using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>
/// The second seam beside <see cref="IProtocol"/>: a venue that speaks through an API and not through a chain. Pure and synchronous as that one: it says what to ask and reads
/// what came back. There is no block; what a snapshot is of is the venue's own timestamp, never mixed with a chain's.
/// </summary>
public interface IVenueFeed
{
    /// <summary>Such as <c>derive-v3</c>: the first part of an account's id.</summary>
    string Source { get; }

    /// <summary>How many requests the venue answers a second without being asked for credentials.</summary>
    int RequestsPerSecond { get; }

    /// <summary>Asks the venue for its own time.</summary>
    VenueRequest Clock { get; }

    /// <exception cref="ArgumentException">The account is none that this venue can have.</exception>
    VenueRequest Snapshot(VenueAccountId account);

    VenueClock ReadClock(VenueAnswer answer);

    /// <summary>Where the venue pushes what it knows of all accounts, as a WebSocket below its address, and what is sent there to be told; null where it pushes nothing.</summary>
    VenueRequest? Pushes { get; }

    /// <summary>What a pushed message says of some accounts. It is a hint whom to ask first: no verdict goes by it, and nothing by what it does not say.</summary>
    IReadOnlyList<VenuePush> ReadPush(string message, IReadOnlySet<VenueAccountId> accounts);

    /// <summary>What the venue says of the account. What it does not say, or says of another time or account, is Unknown; absence is never healthy.</summary>
    /// <param name="readAt">Second by our clock.</param>
    VenueReport Judge(VenueAccountId account, VenueAnswer answer, VenueClock clock, ulong readAt);

    /// <summary>Asks which accounts an owner has; null where the venue does not tell.</summary>
    VenueRequest? Accounts(Address owner);

    VenueOwner ReadAccounts(Address owner, VenueAnswer answer);

    /// <summary>Asks for a second view of what a report of <see cref="Judge"/> is about; null where there is none that it could be compared with, or nothing would follow.</summary>
    VenueRequest? Check(VenueReport report);

    /// <summary>The report with what the second view says of it. Where they contradict each other nobody is healthy; what could not be checked stays as it is, and says so.</summary>
    VenueReport Compare(VenueReport report, VenueAnswer answer);
}

/// <summary>An account by source and the venue's own name for it: <c>derive-v3/12345</c>.</summary>
public sealed record VenueAccountId(string Source, string Account)
{
    public override string ToString() => $"{Source}/{Account}";
}

/// <summary>A POST of JSON below the venue's address.</summary>
public sealed record VenueRequest(string Path, string Body);

/// <param name="Status">HTTP status; 0 = none came.</param>
/// <param name="Failure">Why none came, one sentence.</param>
public sealed record VenueAnswer(int Status, string Body, string? Failure)
{
    /// <summary>True where more was asked than the venue answers at once.</summary>
    public bool IsTooMuch => Status == 429;
}

/// <summary>The accounts that a venue says an owner has.</summary>
/// <param name="Unknown">Why they are not known, one sentence; null = they are.</param>
public sealed record VenueOwner(string Source, Address Owner, IReadOnlyList<VenueAccountId> Accounts, string? Unknown);

/// <summary>What a venue pushes of an account's margins. Which is below 0 tells how urgent it is to ask.</summary>
public readonly record struct VenuePush(VenueAccountId Account, bool IsInitialBelow, bool IsMaintenanceBelow);

/// <param name="Milliseconds">Since 1970; null where <paramref name="Unknown"/> says why.</param>
public readonly record struct VenueClock(ulong? Milliseconds, string? Unknown);

/// <summary>One account of a venue at the venue's own instant, in the venue's own words. Figures have 18 decimals.</summary>
public sealed record VenueReport
{
    public required VenueAccountId Account { get; init; }

    public required MarginStatus Status { get; init; }

    /// <summary>One sentence when <see cref="Status"/> is Unknown.</summary>
    public string? UnknownReason { get; init; }

    /// <summary>Second at which the venue valued it; null where it did not say.</summary>
    public ulong? ValuedAt { get; init; }

    /// <summary>Second at which we asked, by our clock.</summary>
    public required ulong ReadAt { get; init; }

    /// <summary>Net: below 0 it is flagged for liquidation.</summary>
    public Int128? MaintenanceMargin { get; init; }

    public Int128? InitialMargin { get; init; }

    public Int128? AccountValue { get; init; }

    /// <summary>True while the venue judges the account by margins that it has lowered for a time.</summary>
    public bool IsDelayedLiquidation { get; init; }

    /// <summary>The rule set, as the venue names it.</summary>
    public string MarginType { get; init; } = "";

    public IReadOnlyList<VenueHolding> Holdings { get; init; } = [];

    /// <summary>What a second view of the same holdings says, or why there was none, one sentence; empty where it was not asked.</summary>
    public string Check { get; init; } = "";

    /// <summary>The answer as it came.</summary>
    public string Body { get; init; } = "";
}

/// <param name="Name">As the venue names the instrument or asset.</param>
/// <param name="Amount">Signed, as it came.</param>
public sealed record VenueHolding(string Name, string Amount);
