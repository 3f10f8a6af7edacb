using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>What all accounts share of one reserve at one instant, worked out once a pass.</summary>
internal readonly struct ReserveAt
{
    private const ushort NoKey = ushort.MaxValue;

    /// <summary>Keys that stand in an array; those beyond are looked up.</summary>
    private const uint MostAtHand = 1_024;

    private readonly SharePrice supply;
    private readonly FixedRatio ratio;
    private readonly bool hasRatio;

    // By key; collateral factors in bps.
    private readonly ushort[] factors;
    private readonly ushort id;
    private readonly Core.State.StateTable<DynamicKey, DynamicConfig> dynamics;

    private ReserveAt(in SharePrice supply, in UInt256 unit, ushort[] factors, ushort id, Core.State.StateTable<DynamicKey, DynamicConfig> dynamics)
    {
        this.supply = supply;
        this.factors = factors;
        this.id = id;
        this.dynamics = dynamics;
        Unit = unit;
        hasRatio = supply.TryRatio(out ratio);
        IsKnown = true;
    }

    /// <summary>False where nobody who has flagged or borrowed it can be judged.</summary>
    public bool IsKnown { get; }

    /// <summary>The value of the asset's smallest unit, 10^26 for a dollar.</summary>
    public UInt256 Unit { get; }

    /// <summary>Ray.</summary>
    public UInt256 Index => supply.Index;

    /// <param name="dynamics">Of all reserves.</param>
    public static ReserveAt Of(ushort id, in ReserveRow reserve, in UInt256 price, in SharePrice supply, Core.State.StateTable<DynamicKey, DynamicConfig> dynamics)
    {
        var byKey = new ushort[Math.Min(reserve.LatestKey, MostAtHand - 1) + 1];
        for (var key = 0; key < byKey.Length; key++)
        {
            byKey[key] = dynamics.TryGet(new DynamicKey(id, (uint)key), out var terms) ? terms.CollateralFactor : NoKey;
        }

        return new ReserveAt(supply, price * AccountLeg.ScaleOf(reserve.Decimals), byKey, id, dynamics);
    }

    /// <summary>Bps; null where the key has not been read.</summary>
    public uint? FactorOf(uint key) =>
        key < (uint)factors.Length ? factors[key] != NoKey ? factors[key] : null
        : dynamics.TryGet(new DynamicKey(id, key), out var terms) ? terms.CollateralFactor : null;

    /// <summary>SharePrice.ToAssets, rounded down: by the ratio, or where that can't be certain by the division itself.</summary>
    public UInt256 ToAssets(UInt128 shares) =>
        hasRatio && ratio.Floor((ulong)(shares >> 64), (ulong)shares, out var high, out var low) == 0
            ? new UInt256(0, 0, high, low)
            : supply.ToAssets(shares, Rounding.Down);
}
