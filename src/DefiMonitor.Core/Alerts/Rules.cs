namespace DefiMonitor.Core.Alerts;

/// <summary>The names of the rules, as they stand in alerts, messages and the database.</summary>
public static class Rules
{
    /// <summary>Account: how near the nearest trigger is, and whether it holds.</summary>
    public const string Distance = "distance";

    /// <summary>Account: a liquidation that happened. Told once for each; it stays closed on file, and is retracted when a fork undoes it.</summary>
    public const string Liquidated = "liquidated";

    /// <summary>Account near the edge, or chain: state that can't be read.</summary>
    public const string Unknown = "unknown";

    /// <summary>Account: it would be liquidatable at the price that is due. A model, in an alert of its own.</summary>
    public const string NextPrice = "next-price";

    /// <summary>Account of a venue that speaks through an API: what the venue itself says of its margins.</summary>
    public const string VenueMargin = "venue-margin";

    /// <summary>Chain: no new block.</summary>
    public const string Late = "late";

    /// <summary>Chain: the node can't be read.</summary>
    public const string Blind = "blind";

    /// <summary>Chain: the loop that judges it has stopped.</summary>
    public const string LoopDead = "loop-dead";

    /// <summary>Market: our figures differ from the chain's.</summary>
    public const string Drift = "drift";

    /// <summary>Market: the debts of all its borrowers don't add up to the contract's total.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>Market: parameters that changed. Told once for each block that they were seen at; it stays closed on file, and is retracted when a fork undoes it.</summary>
    public const string Parameters = "parameters";

    /// <summary>Monitor: messages don't get out.</summary>
    public const string OutboxStuck = "outbox-stuck";

    /// <summary>Monitor: a test that a person asked for.</summary>
    public const string Test = "test";
}
