namespace DefiMonitor.Core.Risk.Options;

/// <summary>Sensitivities to spot S, volatility and time, per unit of the underlying, in the quote unit. Time is years of 365 days, volatility 1.00 = 100 %.</summary>
/// <param name="Delta">dV/dS.</param>
/// <param name="Gamma">d2V/dS2.</param>
/// <param name="Vega">dV/dvol per 1.00 of volatility; divide by 100 for a vol point.</param>
/// <param name="Theta">-dV/dT per year; divide by 365 for a day.</param>
/// <param name="Rho">dV/dr at constant carry, per 1.00 of rate.</param>
/// <param name="CarryRho">dV/dq, per 1.00 of carry yield.</param>
/// <param name="Vanna">d2V/dS dvol.</param>
/// <param name="Volga">d2V/dvol2.</param>
/// <param name="Charm">-d2V/dS dT per year.</param>
/// <param name="DualDelta">dV/dK.</param>
/// <param name="DualGamma">d2V/dK2.</param>
public readonly record struct OptionGreeks(
    double Delta,
    double Gamma,
    double Vega,
    double Theta,
    double Rho,
    double CarryRho,
    double Vanna,
    double Volga,
    double Charm,
    double DualDelta,
    double DualGamma);
