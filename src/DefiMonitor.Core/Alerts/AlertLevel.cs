namespace DefiMonitor.Core.Alerts;

/// <summary>How near the edge. Each level stands for every one below it.</summary>
public enum AlertLevel
{
    None = 0,

    /// <summary>First warning: days.</summary>
    Warning = 1,

    /// <summary>Hours.</summary>
    Danger = 2,

    /// <summary>Near the edge: the last level before liquidation; wakes people.</summary>
    Critical = 3,

    /// <summary>The contract would let anyone liquidate.</summary>
    Liquidatable = 4,
}

public enum SubjectKind
{
    Account,
    Owner,
    Market,
    Chain,
    Monitor,

    /// <summary>An account of a venue that speaks through an API.</summary>
    Venue,
}

/// <summary>What an alert is about; the key is canonical text (a MarginAccountId, a VenueAccountId, a CAIP-2 chain, a deployment, "monitor").</summary>
public sealed record AlertSubject(SubjectKind Kind, string Key)
{
    public override string ToString() => $"{Kind}:{Key}";
}

/// <summary>One subject has one alert under one rule. Ordered by subject, then rule, as text: the order in which alerts are committed and told.</summary>
public readonly record struct AlertKey(AlertSubject Subject, string Rule) : IComparable<AlertKey>
{
    public int CompareTo(AlertKey other)
    {
        var kind = Subject.Kind.CompareTo(other.Subject.Kind);
        if (kind != 0)
        {
            return kind;
        }

        var key = string.CompareOrdinal(Subject.Key, other.Subject.Key);
        return key != 0 ? key : string.CompareOrdinal(Rule, other.Rule);
    }
}

public enum TransitionKind
{
    Opened,
    Escalated,
    Eased,
    Resolved,

    /// <summary>A reorg undid what the alert told.</summary>
    Retracted,

    /// <summary>The chain's own view came later and agrees.</summary>
    Confirmed,

    /// <summary>The chain's own view came later and denies it.</summary>
    Disputed,
}
