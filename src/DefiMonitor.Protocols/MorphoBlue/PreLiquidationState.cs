using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>One pre-liquidation contract as one account sees it.</summary>
/// <param name="Price">Of its own oracle.</param>
/// <param name="IsAuthorized">The account lets it act.</param>
/// <param name="SharesOracle">Its oracle is the market's.</param>
/// <param name="Unarmed">Why it can't act, or can't be computed; null when it can.</param>
/// <param name="IsUnread">True where that is because something could not be read.</param>
public sealed record PreLiquidationState(
    Address Contract, PreLiquidationTerms Terms, UInt256 Price, bool IsAuthorized, bool SharesOracle, string? Unarmed, bool IsUnread = false);
