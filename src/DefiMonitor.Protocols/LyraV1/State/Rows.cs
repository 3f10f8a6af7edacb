using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.LyraV1;

// The rows of the state tables: unmanaged, packed, without padding, because a row is its bytes. A test holds each of them to that.

/// <summary>What all of the market's positions share; there is one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MarketRow
{
    /// <summary>False until everything was read.</summary>
    public bool IsOpen { get; init; }

    public MarketFields Fields { get; init; }

    public MinCollateralParameters Parameters { get; init; }

    /// <summary>Interest and carry of a year, 18 decimals.</summary>
    public Int128 RateAndCarry { get; init; }

    public Text32 Quote { get; init; }

    public Text32 Base { get; init; }
}

[Flags]
public enum MarketFields : byte
{
    None = 0,
    Parameters = 1,
    Rate = 2,
    All = Parameters | Rate,
}

/// <summary>The adapter's last answer for the underlying, 18 decimals.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct SpotRow(UInt256 Price, ulong Block, bool IsRead);

/// <summary>An expiry.</summary>
/// <param name="Expiry">Seconds.</param>
/// <param name="Iv">Base volatility, 18 decimals: a strike's is this times its skew.</param>
/// <param name="Settled">The spot it was settled at; 0 = not yet.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct BoardRow(ulong Expiry, UInt256 Iv, bool IsFrozen, UInt256 Settled);

[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct StrikeRow(UInt256 StrikePrice, UInt256 BoardId, UInt256 Skew);

/// <summary>An active position of an owner who is in.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct PositionRow(Address Owner, UInt256 StrikeId, OptionType Type, UInt256 Amount, UInt256 Collateral);
