using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// Judges many accounts at one instant out of the mirror. Interest and prices are looked up once; allocates per call, never per account. Several threads may judge at
/// once, as long as nobody writes to the tables meanwhile.
/// </summary>
internal sealed class BulkJudge(CometMarket market, AccountMirror mirror, UnknownReasons reasons)
{
    private readonly CometTables tables = market.Tables;

    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        var row = tables.Market;
        if (reasons.OfMarket(block) is not null || Computed.OrNull<BaseTotals>(() => row.Totals.Accrue(row.Parameters.Rates, at.Seconds)) is not { } totals)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        var basePrice = PriceOf(row.Parameters.BasePriceFeed, block);
        var assets = new SharedAsset[ReadWriter.MostAssets];
        var dense = new DenseAsset[ReadWriter.MostAssets];
        for (byte offset = 0; offset < row.Parameters.NumAssets; offset++)
        {
            tables.Assets.TryGet(offset, out var asset);
            assets[offset] = new SharedAsset(asset.Terms, PriceOf(asset.PriceFeed, block));
            dense[offset] = new DenseAsset(asset.Terms.Scale, assets[offset].Price, asset.Terms.LiquidateFactor);
        }

        var inWords = new DenseHealth(totals.BorrowIndex, new DenseAsset(row.Parameters.BaseScale, basePrice, 0), dense);
        var entries = mirror.Refreshed();
        for (var i = 0; i < slots.Length; i++)
        {
            ref readonly var account = ref entries[slots[i]];
            verdicts[i] = !account.IsIn || !market.IsCurrent(account.Row, row, block) ? Unknown
                : account.Row.Principal < 0 && inWords.TryJudge(account.Row.Principal, account.Held, out var verdict) ? verdict
                : Exact(account, totals, row.Parameters, basePrice, assets);
        }
    }

    private static Verdict Exact(in MirrorEntry account, in BaseTotals totals, in MarketParameters parameters, UInt256? basePrice, SharedAsset[] assets)
    {
        Span<HeldAsset> held = stackalloc HeldAsset[ReadWriter.MostAssets];
        var count = 0;
        foreach (ref readonly var holding in account.Held.AsSpan())
        {
            ref readonly var asset = ref assets[holding.Offset];
            if (asset.Price is not { } price)
            {
                return Unknown;
            }

            held[count++] = new HeldAsset(asset.Terms, holding.Balance, price);
        }

        if (account.Row.Principal != 0 && basePrice is null)
        {
            return Unknown;
        }

        try
        {
            var debt = account.Row.Principal < 0 ? (UInt128)BaseBalance.OfBorrow((UInt128)(-account.Row.Principal), totals.BorrowIndex) : 0;
            return Verdicts.Of(Health.Of(debt, basePrice ?? UInt256.Zero, parameters.BaseScale, held[..count]));
        }
        catch (ArithmeticException)
        {
            // Where the contract would revert there is no verdict.
            return Unknown;
        }
    }

    private UInt256? PriceOf(in Address feed, BlockHeader block) =>
        tables.Prices.TryGet(feed, out var price) && price.IsRead && market.IsFresh(price, block) ? price.Price : null;

    private readonly record struct SharedAsset(AssetTerms Terms, UInt256? Price);
}
