using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

// What the view calls answer and the events carry, shaped as their ABI says: @lyrafinance/protocol 0.1.3-alpha. 18 decimals, times in seconds.
internal readonly record struct GreekCacheParameters(
    UInt256 MaxStrikesPerBoard, UInt256 AcceptableSpotPricePercentMove, UInt256 StaleUpdateDuration, UInt256 VarianceIvGWAVPeriod, UInt256 VarianceSkewGWAVPeriod,
    UInt256 OptionValueIvGWAVPeriod, UInt256 OptionValueSkewGWAVPeriod, UInt256 GwavSkewFloor, UInt256 GwavSkewCap, Int128 RateAndCarry);

internal readonly record struct StrikeAnswer(
    UInt256 Id, UInt256 StrikePrice, UInt256 Skew, UInt256 LongCall, UInt256 ShortCallBase, UInt256 ShortCallQuote, UInt256 LongPut, UInt256 ShortPut, UInt256 BoardId);

internal readonly record struct BoardAnswer(UInt256 Id, UInt256 Expiry, UInt256 Iv, bool Frozen, IReadOnlyList<UInt256> StrikeIds);

internal readonly record struct StrikeAndBoard(StrikeAnswer Strike, BoardAnswer Board);

/// <summary>Struct OptionPosition of OptionToken.sol.</summary>
internal readonly record struct OptionPosition(UInt256 PositionId, UInt256 StrikeId, byte OptionType, UInt256 Amount, UInt256 Collateral, byte State);

internal readonly record struct PositionWithOwner(UInt256 PositionId, UInt256 StrikeId, byte OptionType, UInt256 Amount, UInt256 Collateral, byte State, Address Owner);

internal readonly record struct PositionUpdated(UInt256 PositionId, Address Owner, byte UpdatedType, OptionPosition Position, UInt256 Timestamp);

internal readonly record struct BoardFrozen(UInt256 BoardId, bool Frozen);

internal readonly record struct BoardBaseIvSet(UInt256 BoardId, UInt256 BaseIv);

internal readonly record struct StrikeSkewSet(UInt256 StrikeId, UInt256 Skew);

internal readonly record struct BoardSettled(
    UInt256 BoardId, UInt256 SpotPriceAtExpiry, UInt256 TotalUserLongProfitQuote, UInt256 TotalBoardLongCallCollateral, UInt256 TotalBoardLongPutCollateral,
    UInt256 TotalAMMShortCallProfitBase, UInt256 TotalAMMShortCallProfitQuote, UInt256 TotalAMMShortPutProfitQuote);

internal readonly record struct BoardIvUpdated(UInt256 BoardId, UInt256 NewIv, UInt256 GlobalMaxIvVariance);

internal readonly record struct StrikeSkewUpdated(UInt256 StrikeId, UInt256 NewSkew, UInt256 GlobalMaxSkewVariance);

internal readonly record struct MinCollateralParametersSet(MinCollateralParameters Params);

internal readonly record struct GreekCacheParametersSet(GreekCacheParameters Params);
