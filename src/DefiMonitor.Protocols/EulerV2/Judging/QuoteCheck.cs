using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Holds a whole route against the vault's own oracle, for one odd amount in every judged block: an adapter that is no plain ratio is found out by it.</summary>
internal sealed class QuoteCheck(EulerMarket market, Quotes quotes)
{
    public void Write(BlockHeader block, in Address from, CallResult result)
    {
        var isRead = EulerAbi.GetQuote.TryDecode(result, out var quoted, out _);
        market.Tables.Checks.Set(from, new CheckRow(block.Number, isRead, isRead && Agrees(from, block, quoted)));
    }

    private bool Agrees(in Address from, BlockHeader block, in UInt256 quoted)
    {
        try
        {
            return quotes.Stages(from) is { } stages && QuoteChain.Of(stages, block.Timestamp).Quote(PriceRoute.CheckAmount) == quoted;
        }
        catch (ArithmeticException)
        {
            return false;
        }
    }
}
