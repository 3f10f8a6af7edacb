namespace DefiMonitor.Core.Risk.Options;

/// <summary>
/// Sensitivities to the forward of a Black (1976) option, the ones Derive and Deribit quote. Per unit of the underlying, in the quote unit;
/// volatility 1.00 = 100 %, time in years of 365 days, the discount factor held still.
/// </summary>
/// <param name="Delta">dV/dF.</param>
/// <param name="Gamma">d2V/dF2.</param>
/// <param name="Vega">dV/dvol.</param>
/// <param name="Theta">-dV/dT per year at constant discount.</param>
/// <param name="Vanna">d2V/dF dvol.</param>
/// <param name="Volga">d2V/dvol2.</param>
/// <param name="Charm">-d2V/dF dT per year at constant discount.</param>
public readonly record struct ForwardGreeks(double Delta, double Gamma, double Vega, double Theta, double Vanna, double Volga, double Charm);
