using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// x^n in ray by squaring, half up at every step. Source: euler-vault-kit at 5b98b420, shared/lib/RPow.sol (of solmate), with a scalar of 10^27.
/// </summary>
public static class RPow
{
    /// <returns>False where a step overflows: the vault keeps its old accumulator then.</returns>
    /// <param name="x">Ray.</param>
    /// <param name="z">Ray; what was reached so far where a step overflows.</param>
    public static bool Try(UInt256 x, ulong n, out UInt256 z)
    {
        if (x.IsZero)
        {
            z = n == 0 ? FixedPoint.Ray : UInt256.Zero;
            return true;
        }

        z = (n & 1) == 0 ? FixedPoint.Ray : x;
        for (n >>= 1; n != 0; n >>= 1)
        {
            if (x.BitLength > 128 || !UInt256.TryAdd(x * x, FixedPoint.HalfRay, out var square))
            {
                return false;
            }

            x = square / FixedPoint.Ray;
            if ((n & 1) != 0)
            {
                if (!UInt256.TryMultiply(z, x, out var product) || !UInt256.TryAdd(product, FixedPoint.HalfRay, out product))
                {
                    return false;
                }

                z = product / FixedPoint.Ray;
            }
        }

        return true;
    }
}
