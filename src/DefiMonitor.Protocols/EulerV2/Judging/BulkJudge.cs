using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Judges many accounts at one instant out of the mirror. Interest, ramps and prices are worked out once; allocates per call, never per account.</summary>
internal sealed class BulkJudge(EulerMarket market, AccountMirror mirror, UnknownReasons reasons, Quotes quotes)
{
    private readonly EulerTables tables = market.Tables;

    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        if (reasons.OfMarket(block) is not null || AccumulatorAt(at) is not { } accumulator || ChainOf(tables.Market.Asset, at) is not { } debts)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        var prices = PricesAt(block, at);
        var entries = mirror.Entries;
        for (var i = 0; i < slots.Length; i++)
        {
            ref readonly var account = ref entries[slots[i]];
            verdicts[i] = account.IsIn ? Judge(account, accumulator, debts, prices) : Unknown;
        }
    }

    private static Verdict Judge(in MirrorEntry account, in UInt256 accumulator, QuoteChain debts, ReadOnlySpan<LegPrice> prices)
    {
        // A debt can't outlive its controller.
        if (!account.IsController && account.Owed.IsZero)
        {
            return new Verdict(MarginStatus.Healthy, UInt256.MaxValue);
        }

        try
        {
            var debt = Owed.ToAssetsUp(Owed.At(account.Owed, accumulator, account.Accumulator));
            var liability = debt.IsZero ? UInt256.Zero : debts.Quote(debt);
            var adjusted = UInt256.Zero;
            var raw = UInt256.Zero;
            foreach (ref readonly var leg in account.Legs.AsSpan())
            {
                ref readonly var price = ref prices[leg.Vault];
                if (price.Chain is not { } chain)
                {
                    if (price.Ltv == 0)
                    {
                        continue;
                    }

                    return Unknown;
                }

                if (price.Ltv == 0)
                {
                    // The contract asks for no quote of it.
                    raw = AccountHealth.Sum(raw, QuoteOrNothing(chain, leg.Shares));
                    continue;
                }

                var value = chain.Quote(leg.Shares);
                raw = AccountHealth.Sum(raw, value);
                adjusted += AccountHealth.Adjusted(value, price.Ltv);
            }

            return Verdicts.Of(new AccountHealth(debt, liability, adjusted, raw));
        }
        catch (ArithmeticException)
        {
            // Where the contract would revert there is no verdict.
            return Unknown;
        }
    }

    private static UInt256 QuoteOrNothing(QuoteChain chain, UInt128 shares)
    {
        try
        {
            return chain.Quote(shares);
        }
        catch (ArithmeticException)
        {
            return UInt256.Zero;
        }
    }

    private LegPrice[] PricesAt(BlockHeader block, Instant at)
    {
        var prices = new LegPrice[mirror.Vaults.Count];
        for (var i = 0; i < prices.Length; i++)
        {
            var vault = mirror.Vaults[i];
            tables.Collaterals.TryGet(vault, out var row);
            var chain = quotes.Unread(vault, block) is null ? ChainOf(vault, at) : null;
            prices[i] = LtvAt(row.Ltv, at) is { } ltv ? new LegPrice(ltv, chain) : new LegPrice(1, null);
        }

        return prices;
    }

    private static ushort? LtvAt(in LtvConfig ltv, Instant at)
    {
        try
        {
            return ltv.LiquidationAt(at.Seconds);
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }

    private QuoteChain? ChainOf(in Address from, Instant at)
    {
        try
        {
            return quotes.Stages(from) is { } stages ? QuoteChain.Of(stages, at.Seconds) : null;
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }

    private UInt256? AccumulatorAt(Instant at)
    {
        try
        {
            return tables.Totals.TryGet(market.Vault, out var row) ? row.Totals.At(at.Seconds).InterestAccumulator : null;
        }
        catch (ArithmeticException)
        {
            return null;
        }
    }

    /// <param name="Chain">Null where the price can't be had.</param>
    private readonly record struct LegPrice(ushort Ltv, QuoteChain? Chain);
}
