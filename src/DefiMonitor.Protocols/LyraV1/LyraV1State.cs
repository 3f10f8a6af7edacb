using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>The inputs of one owner in one market at one block. Figures have 18 decimals.</summary>
public sealed record LyraV1State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    public MinCollateralParameters Parameters { get; init; }

    public Int128 RateAndCarry { get; init; }

    public UInt256 Spot { get; init; }

    public Address QuoteAsset { get; init; }

    public Address BaseAsset { get; init; }

    public string QuoteSymbol { get; init; } = "";

    public string BaseSymbol { get; init; } = "";

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<PositionState> Positions { get; init; } = [];
}

/// <summary>One position with its strike and board.</summary>
/// <param name="Collateral">In base units for <see cref="OptionType.ShortCallBase"/>, in quote units for the other shorts, 0 for longs.</param>
/// <param name="Expiry">Seconds.</param>
/// <param name="Volatility">The board's times the strike's skew: what the market trades at. No requirement goes by it.</param>
/// <param name="Settled">The spot that the board was settled at; 0 = not yet.</param>
public readonly record struct PositionState(
    UInt256 Id, OptionType Type, UInt256 Amount, UInt256 Collateral, UInt256 StrikePrice, ulong Expiry, bool IsFrozen, UInt256 Volatility, UInt256 Settled)
{
    public bool IsShort => Type >= OptionType.ShortCallBase;

    public bool IsCall => Type is not (OptionType.LongPut or OptionType.ShortPutQuote);

    /// <summary>True while it can be liquidated at all: OptionMarket._doTrade refuses from the second of expiry on.</summary>
    public bool IsLiveShort(ulong at) => IsShort && at < Expiry;
}
