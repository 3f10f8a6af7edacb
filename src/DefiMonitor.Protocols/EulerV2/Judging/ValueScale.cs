using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The unit in which a vault is told: its unit of account, with at least 18 decimals, in which a feed's price is a number as it stands.</summary>
internal readonly struct ValueScale
{
    private readonly int more;

    public ValueScale(in TokenFace unit)
    {
        more = Math.Max(0, 18 - unit.Decimals);
        Decimals = unit.Decimals + more;
    }

    public int Decimals { get; }

    /// <summary>From units of account as the contract counts them. Like a price it is for people: what does not fit is 2^256 - 1, and takes no verdict with it.</summary>
    public UInt256 Of(in UInt256 value) => UInt256.TryMultiply(value, UInt256.Pow10(more), out var scaled) ? scaled : UInt256.MaxValue;

    /// <summary>Price of one whole token.</summary>
    /// <param name="chain">Whose steps, from <paramref name="firstStep"/> on, begin with the token.</param>
    public UInt256 PriceOf(QuoteChain chain, int firstStep, in TokenFace token)
    {
        try
        {
            return chain.Quote(UInt256.Pow10(token.Decimals + more), firstStep);
        }
        catch (OverflowException)
        {
            return UInt256.MaxValue;
        }
    }
}
