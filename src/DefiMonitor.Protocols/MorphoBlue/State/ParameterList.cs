using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>What can change in a market of Morpho Blue: its fee. Oracle, rate model and LLTV are fixed for ever, and what the owner enables or disables is for new markets.</summary>
internal sealed class ParameterList(MorphoMarket market)
{
    private const string Fee = "fee";

    public void List(ICollection<MarketParameter> into) =>
        into.Add(MarketParameter.Share(ParameterSubject.Market, Fee, market.Tables.Market.Totals.Fee, 18, ParameterKind.Other));

    public bool Restore(in MarketParameter old)
    {
        if (old.Name != Fee)
        {
            return false;
        }

        var row = market.Tables.Market;
        market.Tables.Market = row with { Totals = row.Totals with { Fee = (UInt128)old.Value } };
        return true;
    }
}
