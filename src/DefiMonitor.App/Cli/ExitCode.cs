namespace DefiMonitor.App.Cli;

/// <summary>What the program says to whoever started it. Stated in --help; scripts rely on it.</summary>
public static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The work was done and something was found: a failed check, an undelivered test alert.</summary>
    public const int Found = 1;

    /// <summary>Wrong usage, or a wrong configuration.</summary>
    public const int Usage = 2;

    /// <summary>A node could not be reached, or what it says could not be read.</summary>
    public const int Node = 3;

    /// <summary>Our figures and the chain's own differ.</summary>
    public const int Disagreement = 4;

    /// <summary>The database can't do it.</summary>
    public const int Store = 5;

    /// <summary>A bug.</summary>
    public const int Bug = 70;

    /// <summary>Stopped by Ctrl-C or a signal before the work was done.</summary>
    public const int Interrupted = 130;

    public const string Help =
        """
        Exit codes: 0 well; 1 done, and something was found (a failed check, a message not delivered); 2 wrong usage or configuration;
        3 a node can't be reached or read; 4 our figures and the chain's differ; 5 the database can't do it; 70 a bug; 130 interrupted.
        """;
}
