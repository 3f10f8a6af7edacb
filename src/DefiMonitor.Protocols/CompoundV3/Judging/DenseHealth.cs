using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// <see cref="Health"/> for many accounts of one market at one instant, in 64-bit words. Either the very verdict that <see cref="Health"/> gives, or a refusal: what
/// leaves the words is left to the exact path.
/// </summary>
internal readonly struct DenseHealth
{
    private const ulong Wad = 1_000_000_000_000_000_000;

    // So that sums of all assets of a market stay within two words.
    private const int ValueBits = 120;

    private readonly WordDivisor wad;
    private readonly WordDivisor indexScale;
    private readonly ulong borrowIndex;
    private readonly DenseAsset baseToken;
    private readonly DenseAsset[] assets;

    /// <param name="assets">By offset.</param>
    public DenseHealth(ulong borrowIndex, in DenseAsset baseToken, DenseAsset[] assets)
    {
        wad = new WordDivisor(Wad);
        indexScale = new WordDivisor(BaseTotals.IndexScale);
        this.borrowIndex = borrowIndex;
        this.baseToken = baseToken;
        this.assets = assets;
    }

    /// <param name="principal">Below 0.</param>
    /// <param name="held">Of assets whose prices are there.</param>
    public bool TryJudge(Int128 principal, ReadOnlySpan<MirrorHolding> held, out Verdict verdict)
    {
        verdict = default;
        if (!baseToken.IsHeld
            || !TryMulDiv((UInt128)(-principal), borrowIndex, indexScale, out var debt) || !TryMulDiv(debt, baseToken.Price, baseToken.Scale, out var owed))
        {
            return false;
        }

        UInt128 collateral = 0, counted = 0;
        foreach (ref readonly var holding in held)
        {
            ref readonly var asset = ref assets[holding.Offset];
            if (!asset.IsHeld || !TryMulDiv(holding.Balance, asset.Price, asset.Scale, out var value) || value >> ValueBits != 0
                || !TryMulDiv(value, asset.Factor, wad, out var part))
            {
                return false;
            }

            collateral += value;
            counted += part;
        }

        if (owed == 0)
        {
            verdict = new Verdict(MarginStatus.Healthy, UInt256.MaxValue);
            return true;
        }

        Multiply(counted, Wad, out var n2, out var n1, out var n0);
        if (WordQuotient.Divide(n2, n1, n0, (ulong)(owed >> 64), (ulong)owed, out var h1, out var h0) != 0)
        {
            return false;
        }

        var status = counted >= owed ? MarginStatus.Healthy : collateral < owed ? MarginStatus.Insolvent : MarginStatus.Liquidatable;
        verdict = new Verdict(status, new UInt256(0, 0, h1, h0));
        return true;
    }

    private static void Multiply(UInt128 a, ulong b, out ulong n2, out ulong n1, out ulong n0)
    {
        n1 = Math.BigMul((ulong)a, b, out n0);
        n2 = Math.BigMul((ulong)(a >> 64), b, out var part);
        n1 += part;
        n2 += n1 < part ? 1UL : 0UL;
    }

    private static bool TryMulDiv(UInt128 a, ulong b, in WordDivisor divisor, out UInt128 result)
    {
        Multiply(a, b, out var n2, out var n1, out var n0);
        var lost = divisor.Divide(n2, n1, n0, out var q1, out var q0);
        result = new UInt128(q1, q0);
        return lost == 0;
    }
}

/// <summary>What one unit of an asset counts for, in 64-bit words.</summary>
internal readonly struct DenseAsset
{
    /// <param name="price">8 decimals; null = not there.</param>
    /// <param name="factor">liquidateCollateralFactor, wad.</param>
    public DenseAsset(ulong scale, UInt256? price, ulong factor)
    {
        IsHeld = price is { } there && there <= ulong.MaxValue && scale != 0;
        if (IsHeld)
        {
            Scale = new WordDivisor(scale);
            Price = (ulong)price!.Value;
            Factor = factor;
        }
    }

    public WordDivisor Scale { get; }

    public ulong Price { get; }

    public ulong Factor { get; }

    /// <summary>False where the price does not fit, or is not there.</summary>
    public bool IsHeld { get; }
}
