using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>Requirements at one spot and second. Each strike is priced once.</summary>
internal sealed class Requirements(MinCollateralParameters parameters, Int128 rate, UInt256 spot, ulong at)
{
    private readonly Dictionary<(bool IsCall, UInt256 Strike, ulong Expiry), ShockedPrice> priced = [];

    public UInt256 Spot => spot;

    public ulong At => at;

    public static Requirements Of(LyraV1State state, in UInt256 spot, ulong at) => new(state.Parameters, state.RateAndCarry, spot, at);

    /// <exception cref="ArithmeticException">Where the contract reverts.</exception>
    public UInt256 Of(in PositionState position)
    {
        var key = (position.IsCall, position.StrikePrice, position.Expiry);
        if (!priced.TryGetValue(key, out var price))
        {
            price = MinimumCollateral.Price(position.IsCall, parameters, position.StrikePrice, position.Expiry, spot, rate, at);
            priced.Add(key, price);
        }

        return MinimumCollateral.Of(position.Type, parameters, price, position.StrikePrice, position.Amount);
    }
}
