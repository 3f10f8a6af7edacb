namespace DefiMonitor.Core.Risk.Options;

/// <param name="Value">In the quote unit of the forward, discounted, per one unit of the underlying.</param>
/// <param name="PinRisk">Expired or without volatility, and within 1e-4 of the strike: the sign of the payoff is not to be trusted.</param>
public readonly record struct OptionPrice(double Value, bool PinRisk);
