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

    private Verdict Judge(ReadOnlySpan<MirrorLeg> legs, ReadOnlySpan<ReserveAt> reserves)
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

                var position = leg.Position;
                DynamicConfig terms = default;
                if (position.IsCollateral && !tables.Dynamics.TryGet(new DynamicKey(leg.Reserve, position.Key), out terms))
                {
                    return Unknown;
                }

                var owes = position.DrawnShares != 0;
                sum.Add(new AccountLeg(
                    reserve.Price,
                    reserve.Scale,
                    terms.CollateralFactor,
                    0,
                    reserve.Supply.ToAssets(position.SuppliedShares, Rounding.Down),
                    position.SuppliedShares != 0,
                    owes ? (position.DrawnShares * reserve.Supply.Index) + RayMath.PremiumRay(position.PremiumShares, position.PremiumOffsetRay, reserve.Supply.Index) : UInt256.Zero,
                    owes));
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
            reserves[id] = Computed.OrNull<SharePrice>(() => SharePrice.Of(asset.Asset, at.Seconds)) is { } supply
                ? new ReserveAt(true, price.Price, AccountLeg.ScaleOf(reserve.Decimals), supply)
                : default;
        }

        return reserves;
    }

    private readonly record struct ReserveAt(bool IsKnown, UInt256 Price, UInt256 Scale, SharePrice Supply);
}
