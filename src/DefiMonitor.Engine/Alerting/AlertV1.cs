using System.Text.Json.Serialization;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// A message as programs receive it: <c>alert.v1</c>, described by docs/alert.v1.schema.json. Amounts, values, prices and health factors are integers
/// in decimal text (they don't fit a JSON number); block numbers, seconds and counters are JSON numbers.
/// </summary>
public sealed record AlertV1
{
    public const string Version = "alert.v1";

    [JsonPropertyOrder(-10)]
    public string SchemaVersion { get; init; } = Version;

    /// <summary>The event's place in the monitor's own sequence; what <c>GET /v1/events?after=</c> resumes from. 0 = not yet committed.</summary>
    public long Seq { get; init; }

    public required string AlertId { get; init; }

    /// <summary>The same for every retry through one sink: drop what was seen.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>1 for the opening, then counting up without gaps within one alert.</summary>
    public required int TransitionNumber { get; init; }

    /// <summary>opened, escalated, eased, resolved, retracted, confirmed, disputed</summary>
    public required string State { get; init; }

    /// <summary>none, warning, danger, critical, liquidatable</summary>
    public required string Level { get; init; }

    public required string PreviousLevel { get; init; }

    public required string Rule { get; init; }

    public required SubjectV1 Subject { get; init; }

    /// <summary>CAIP-2; null for the monitor itself and for a venue.</summary>
    public string? Chain { get; init; }

    /// <summary>family / chain / name; null unless an account or a market is meant.</summary>
    public string? Deployment { get; init; }

    /// <summary>The account's key within its deployment, for most venues an address.</summary>
    public string? Account { get; init; }

    public string? OwnerName { get; init; }

    /// <summary>Null for the monitor itself.</summary>
    public BlockV1? Block { get; init; }

    /// <summary>hash, weak or pending (provisional); null where nothing was read.</summary>
    public string? Pin { get; init; }

    /// <summary>healthy, liquidatable, insolvent, unknown; null for other subjects than accounts.</summary>
    public string? Status { get; init; }

    /// <summary>True when only the earliest next block would let anyone liquidate, not yet this one.</summary>
    public bool AtNextBlock { get; init; }

    /// <summary>What the prices that are due would make of the account; null where none is, or no feed is followed.</summary>
    public NextPriceV1? NextPrice { get; init; }

    /// <summary>Wad; null = no debt, or not known (see status).</summary>
    public string? HealthFactor { get; init; }

    public string? PreviousHealthFactor { get; init; }

    public DistanceV1? Distance { get; init; }

    public IReadOnlyList<EdgeV1> Edges { get; init; } = [];

    public CauseV1? Cause { get; init; }

    /// <summary>Currency of all values and prices.</summary>
    public string? Unit { get; init; }

    public int? UnitDecimals { get; init; }

    public string? CollateralValue { get; init; }

    public string? DebtValue { get; init; }

    public IReadOnlyList<PositionV1> Positions { get; init; } = [];

    /// <summary>Ways to the target health factor, cheapest first; one of them is enough.</summary>
    public IReadOnlyList<RemedyV1> Remedies { get; init; } = [];

    /// <summary>What the owner can do, as far as the venue goes: wallet and allowances are not read for an alert.</summary>
    public IReadOnlyList<ActionV1> Actions { get; init; } = [];

    /// <summary>The most that one liquidation could take, largest seizure first; null while there is none to expect.</summary>
    public LiquidationV1? Liquidation { get; init; }

    public IReadOnlyList<BlockedV1> Blocked { get; init; } = [];

    /// <summary>Of the rule "parameters": what changed in the market.</summary>
    public IReadOnlyList<ParameterV1> Parameters { get; init; } = [];

    /// <summary>What that did to accounts: whose health factor fell first, lowest first; at most 20.</summary>
    public IReadOnlyList<ImpactV1> Impacts { get; init; } = [];

    /// <summary>How many accounts it touches.</summary>
    public int ImpactedAccounts { get; init; }

    public ConfirmationV1? Confirmation { get; init; }

    /// <summary>True when it should arrive without a sound.</summary>
    public bool Quiet { get; init; }

    /// <summary>True when it may wake people.</summary>
    public bool Wakes { get; init; }

    /// <summary>Seconds from the block's own time to the sending; null before it is sent and where there is no block.</summary>
    public long? AgeSeconds { get; init; }

    public required string Title { get; init; }

    public required IReadOnlyList<string> Lines { get; init; }
}

public sealed record SubjectV1(string Kind, string Key);

public sealed record BlockV1(ulong Number, string Hash, ulong Timestamp);

/// <param name="Tag">Always "model": an estimate.</param>
/// <param name="Sigmas">Daily standard deviations of the account's own mix to the nearest trigger, two digits.</param>
/// <param name="DailySigma">One of them, as a share (0.04 = 4 %), six digits.</param>
/// <param name="Assumed">True when a token of the mix has no profile and the cautious default was used.</param>
/// <param name="UniformFallPpm">Exact: by how many ppm all collateral must fall together; null where no fall does.</param>
/// <param name="SecondsAtConstantPrices">Until interest alone gets there; null = more than a hundred years.</param>
public sealed record DistanceV1(string Tag, double? Sigmas, double? DailySigma, bool Assumed, uint? UniformFallPpm, ulong? SecondsAtConstantPrices);

/// <param name="Tag">Always "model": the price has not landed.</param>
/// <param name="Status">As it would be: healthy, liquidatable, insolvent, unknown.</param>
/// <param name="HealthFactor">As it would be, wad; null = no debt, or not known.</param>
public sealed record NextPriceV1(string Tag, string Status, string? HealthFactor, IReadOnlyList<NextFeedV1> Feeds);

/// <param name="Oracle">What it says now, in <paramref name="Decimals"/>.</param>
/// <param name="Next">What it is going to say.</param>
/// <param name="ApartPpm">Of what it says now, floored.</param>
/// <param name="Due">deviation, heartbeat or pending</param>
public sealed record NextFeedV1(string Name, string Feed, int Decimals, string Oracle, string Next, ulong ApartPpm, bool Rises, string Due);

/// <param name="Side">falls or rises</param>
public sealed record EdgeV1(string Asset, string Symbol, string Side, string Price, string CurrentPrice, ulong DistancePpm);

/// <param name="Kind">price, interest, own-transaction, liquidation, parameter, reorg, reading</param>
public sealed record CauseV1(string Kind, string Text);

/// <param name="Side">collateral or debt</param>
public sealed record PositionV1(
    string Side, string Asset, string Symbol, int Decimals, string Amount, string Price, string Value, uint ThresholdBps, bool Counts);

/// <param name="Kind">repay or deposit</param>
public sealed record RemedyV1(
    string Kind, string Asset, string Symbol, int Decimals, string Amount, string Value, string TargetHealthFactor, string? HealthFactorAfter, string? Caveat);

/// <param name="Kind">repay, deposit, withdraw</param>
/// <param name="Possible">yes, limited, unknown, no: as far as the venue goes</param>
/// <param name="Limit">The most that the venue takes or gives, where it names an amount.</param>
public sealed record ActionV1(string Kind, string Asset, string Symbol, int Decimals, string Possible, string? Limit, IReadOnlyList<ActionReasonV1> Reasons);

public sealed record ActionReasonV1(string Code, string Text);

public sealed record LiquidationV1(
    string DebtAsset, string DebtSymbol, string DebtToCover, string CollateralAsset, string CollateralSymbol, string CollateralTaken, string Loss);

/// <param name="Subject">market, asset, e-mode, collateral ...</param>
/// <param name="Asset">The token or vault, where it is of one.</param>
/// <param name="Number">Where the contract counts them, as with e-mode categories.</param>
/// <param name="Kind">threshold, bonus, oracle, emode, cap, pause, rate-model, implementation, other</param>
/// <param name="Unit">number, share, flag, address, seconds, time, bits</param>
/// <param name="Before">The contract's integer or address; null where the subject is new.</param>
public sealed record ParameterV1(
    string Subject, string? Asset, uint? Number, string? Symbol, string Name, string Kind, string Unit, int Decimals, string? Before, string After);

/// <param name="HealthFactorBefore">Wad; null = no debt, or not known.</param>
/// <param name="Source">computed: the old parameters at the same block and prices. filed: the last report, of the block named. unknown: one of the two is not known.</param>
public sealed record ImpactV1(string Account, string? OwnerName, string? HealthFactorBefore, string? HealthFactorAfter, string Source, ulong? FiledBlock);

public sealed record BlockedV1(string Code, string Text, ulong? Until);

/// <param name="State">confirmed, unconfirmed, disputed</param>
/// <param name="Reason">Why it could not be confirmed, or what the chain says otherwise.</param>
/// <param name="Ours">Our figures as text, where they differ.</param>
/// <param name="Chain">The chain's.</param>
public sealed record ConfirmationV1(string State, string? Reason = null, string? Ours = null, string? Chain = null);
