namespace DefiMonitor.Core.Risk.Options;

/// <summary>The sign w of the payoff w (F - K).</summary>
public enum OptionSide
{
    Put = -1,
    Call = 1,
}
