using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Where a price pulls the liquidation. The search runs over the rate that a price is read as, so an edge is exact to its last digit.</summary>
public static class PriceEdges
{
    private const int MostDoublings = 64;

    /// <summary>The highest rate of a collateral's asset at which the account is liquidatable; null where none is low enough, or none high enough to be safe.</summary>
    public static UInt256? Falls(AccountAt account, Address asset, in UInt256 rate)
    {
        if (!IsUnsafe(account, asset, UInt256.Zero))
        {
            return null;
        }

        var low = UInt256.Zero;
        var high = rate;
        for (var doublings = 0; IsUnsafe(account, asset, high); doublings++)
        {
            if (doublings == MostDoublings)
            {
                return null;
            }

            low = high;
            high = (high * 2u) + UInt256.One;
        }

        return Search(account, asset, low, high, isLowUnsafe: true).Low;
    }

    /// <summary>The lowest rate of the asset that is owed at which the account is liquidatable; null where none is high enough.</summary>
    public static UInt256? Rises(AccountAt account, Address asset, in UInt256 rate)
    {
        if (IsUnsafe(account, asset, UInt256.Zero))
        {
            return UInt256.Zero;
        }

        var low = UInt256.Zero;
        var high = rate;
        for (var doublings = 0; !IsUnsafe(account, asset, high); doublings++)
        {
            if (doublings == MostDoublings)
            {
                return null;
            }

            low = high;
            high = (high * 2u) + UInt256.One;
        }

        return Search(account, asset, low, high, isLowUnsafe: false).High;
    }

    /// <summary>
    /// The smallest fall in ppm of every collateral that is not also owed which makes the account liquidatable; 0 when it is, null where no fall does.
    /// </summary>
    public static uint? UniformFall(AccountAt account)
    {
        if (!account.Health.IsHealthy)
        {
            return 0;
        }

        if (!IsUnsafe(account, Shock.Unit))
        {
            return null;
        }

        uint low = 0;
        var high = Shock.Unit;
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (IsUnsafe(account, middle))
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return high;
    }

    private static (UInt256 Low, UInt256 High) Search(AccountAt account, Address asset, UInt256 low, UInt256 high, bool isLowUnsafe)
    {
        while (high - low > UInt256.One)
        {
            var middle = low + ((high - low) >> 1);
            if (IsUnsafe(account, asset, middle) == isLowUnsafe)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return (low, high);
    }

    private static bool IsUnsafe(AccountAt account, Address asset, UInt256 rate) =>
        !Shifted(account, (of, now) => of == asset ? rate : now).Health.IsHealthy;

    private static bool IsUnsafe(AccountAt account, uint fall) => !Shifted(
        account, (of, now) => of == account.State.Asset || of == account.State.Unit ? now : now * (Shock.Unit - fall) / Shock.Unit).Health.IsHealthy;

    // On top of the shift that the account was made with.
    private static AccountAt Shifted(AccountAt account, Func<Address, UInt256, UInt256> shift) => new(
        account.State, account.At, (asset, rate) => shift(asset, account.Shift is { } first ? first(asset, rate) : rate));
}
