using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>Judges many accounts at one instant out of the mirror. Interest and prices are worked out once a reserve; allocates per call, never per account.</summary>
internal sealed class BulkJudge(AaveV4Market market, AccountMirror mirror, UnknownReasons reasons)
{
    private readonly AaveV4Tables tables = market.Tables;

    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public void Judge(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        if (!tables.Market.IsOpen)
        {
            verdicts[..slots.Length].Fill(Unknown);
            return;
        }

        mirror.Refresh();
        var reserves = ReservesAt(block, at);
        var entries = mirror.Entries;
        for (var i = 0; i < slots.Length; i++)
        {
            ref readonly var account = ref entries[slots[i]];
            verdicts[i] = account.IsIn ? Judge(account.Legs, reserves) : Unknown;
        }
    }

    private static Verdict Judge(ReadOnlySpan<MirrorLeg> legs, ReadOnlySpan<ReserveAt> reserves)
    {
        try
        {
            var sum = default(AccountSum);
            foreach (ref readonly var leg in legs)
            {
                ref readonly var reserve = ref reserves[leg.Reserve];
                if (!reserve.IsKnown)
                {
                    return Unknown;
                }

                if (leg.IsCollateral)
                {
                    if (reserve.FactorOf(leg.Key) is not { } factor)
                    {
                        return Unknown;
                    }

                    if (factor != 0 && leg.SuppliedShares != 0)
                    {
                        sum.AddCollateral(reserve.ToAssets(leg.SuppliedShares) * reserve.Unit, factor);
                    }
                }

                if (leg.DrawnShares != 0)
                {
                    var premiumRay = RayMath.PremiumRay(leg.PremiumShares, leg.PremiumOffsetRay, reserve.Index);
                    sum.AddDebt(((leg.DrawnShares * reserve.Index) + premiumRay) * reserve.Unit);
                }
            }

            return Verdicts.Of(sum);
        }
        catch (ArithmeticException)
        {
            // Where the contract would revert there is no verdict.
            return Unknown;
        }
    }

    private ReserveAt[] ReservesAt(BlockHeader block, Instant at)
    {
        var reserves = new ReserveAt[tables.Market.ReserveCount];
        for (ushort id = 0; id < reserves.Length; id++)
        {
            if (reasons.OfReserve(id, block) is not null)
            {
                continue;
            }

            tables.Reserves.TryGet(id, out var reserve);
            tables.Prices.TryGet(id, out var price);
            tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset);
            var number = id;
            reserves[id] = Computed.OrNull<ReserveAt>(
                () => ReserveAt.Of(number, reserve, price.Price, SharePrice.Of(asset.Asset, at.Seconds), tables.Dynamics)) ?? default;
        }

        return reserves;
    }
}
