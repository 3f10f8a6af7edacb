using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Assets;

/// <summary>
/// How a token moves, for risk estimates only (Model, never a verdict). A token is its root risk factor plus a basis of its own:
/// wstETH is ETH and a small basis, so a wstETH/WETH loop is as quiet as it should be.
/// </summary>
/// <param name="Factor">Root risk factor, such as ETH, BTC or USD.</param>
/// <param name="FactorDailyVolatility">Standard deviation of the factor's daily log return against USD (0.04 = 4 %).</param>
/// <param name="BasisDailyVolatility">The same of the token against its factor.</param>
/// <param name="Assumed">True when the token is in no file and the cautious default is used.</param>
public sealed record AssetProfile(string Factor, double FactorDailyVolatility, double BasisDailyVolatility, bool Assumed);

/// <summary>Looks a token up: by chain and address first, by symbol for chains that no file names.</summary>
public interface IAssetProfiles
{
    AssetProfile Of(ChainId chain, Address token, string symbol);

    /// <summary>Correlation of the daily returns of two different factors, between -1 and 1.</summary>
    double Correlation(string factor, string other);

    /// <summary>All that is known, in an order that does not change: another text for other answers.</summary>
    string Text { get; }
}
