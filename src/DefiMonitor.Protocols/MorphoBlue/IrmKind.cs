namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>Where a market's interest comes from.</summary>
public enum IrmKind
{
    /// <summary>No rate model: no interest.</summary>
    None,

    /// <summary>Computed here, for any instant.</summary>
    AdaptiveCurve,

    /// <summary>Asked of the contract at every judged block; later instants are judged with the interest up to that block.</summary>
    Unknown,
}
