using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Engine.Settings;

namespace DefiMonitor.App.Reading;

/// <summary>What one chain contributes to an owner's ledger.</summary>
/// <param name="Reading">The accounts beside the chain's own view; null when the chain could not be read.</param>
/// <param name="Prices">By the configured sources, each with its rank.</param>
/// <param name="VenuePrices">By the venues themselves, in case no source answers.</param>
public sealed record ChainPart(
    ChainSettings Chain, ChainReading? Reading, ChainHoldings Holdings, IReadOnlyList<(int Rank, RootPrice Price)> Prices, IReadOnlyList<RootPrice> VenuePrices)
{
    public static ChainPart Dead(ChainSettings chain, string why) =>
        new(chain, null, new ChainHoldings { Chain = chain.Chain, Name = chain.Name, Unreadable = why }, [], []);
}
