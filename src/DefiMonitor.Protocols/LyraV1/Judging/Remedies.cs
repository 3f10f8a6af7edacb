using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>The way out of each short that is not where it should be: OptionMarket.addCollateral. Closing costs a premium that only the pool knows, so it is not sized.</summary>
internal static class Remedies
{
    private const int Decimals = 18;

    public static List<Remedy> Of(LyraV1State state, List<ShortMargin> shorts, UInt256? named)
    {
        var remedies = new List<Remedy>();
        foreach (var margin in shorts)
        {
            if (HealthTarget.Of(margin.Factor, isLoop: false, named) is not { } target)
            {
                continue;
            }

            var inBase = margin.Position.Type == OptionType.ShortCallBase;
            var amount = UInt256.MulDiv(target, margin.Minimum, FixedPoint.Wad, Rounding.Up) - margin.Position.Collateral;
            var caveat = shorts.Count > 1 ? $"For position {margin.Position.Id} alone." : null;
            remedies.Add(new Remedy(
                RemedyKind.Deposit, inBase ? state.BaseAsset : state.QuoteAsset, inBase ? state.BaseSymbol : state.QuoteSymbol, Decimals, amount,
                UInt256.MulDiv(amount, inBase ? state.Spot : FixedPoint.Wad, FixedPoint.Wad, Rounding.Up),
                target, ShortMargin.FactorOf(margin.Position.Collateral + amount, margin.Minimum), caveat));
        }

        return remedies;
    }
}
