namespace DefiMonitor.Engine.Telemetry;

/// <summary>The way of a head to its committed judgement, in order; label <c>stage</c> in small letters.</summary>
public enum BlockStage
{
    /// <summary>From the announcement until its logs are in; waiting for the loop, the pause between two judgements and tries that failed included.</summary>
    Follow,

    /// <summary>Its logs, and those of the blocks before it that came with it, into the tables.</summary>
    Fold,

    /// <summary>Markets that open and accounts that enter.</summary>
    Enter,

    /// <summary>What is read at each head, and the comparison with the chain.</summary>
    Read,

    Judge,

    /// <summary>From the judgement until it is on disk.</summary>
    Commit,
}

/// <summary>The way of a message to a sink; label <c>stage</c> in small letters.</summary>
public enum DeliveryStage
{
    /// <summary>Behind other messages, and between attempts.</summary>
    Queued,

    /// <summary>For the chain's own view.</summary>
    Confirm,

    /// <summary>For the sink's acceptance.</summary>
    Send,
}
