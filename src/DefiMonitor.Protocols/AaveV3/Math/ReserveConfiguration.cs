using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// A reserve's configuration word. Source: ReserveConfiguration.sol and DataTypes.sol (ReserveConfigurationMap) of aave-v3-core 3.0.2 and aave-v3-origin 3.1 to 3.7.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct ReserveConfiguration(UInt256 Word)
{
    /// <summary>Base loan to value, bps.</summary>
    public uint Ltv => Field(0, 16);

    /// <summary>Base liquidation threshold, bps.</summary>
    public uint LiquidationThreshold => Field(16, 16);

    /// <summary>Bps; 10500 is a bonus of 5 %.</summary>
    public uint LiquidationBonus => Field(32, 16);

    /// <summary>The decimals that the contract computes with, whatever the token says.</summary>
    public int Decimals => (int)Field(48, 8);

    public bool IsActive => Word.Bit(56);

    public bool IsFrozen => Word.Bit(57);

    public bool IsPaused => Word.Bit(60);

    /// <summary>Whole tokens; 0 = no cap.</summary>
    public UInt256 SupplyCap => Word.ExtractBits(116, 36);

    /// <summary>Bps of the bonus that go to the protocol.</summary>
    public uint LiquidationProtocolFee => Field(152, 16);

    /// <summary>Up to 3.1 only: the one category of the reserve.</summary>
    public byte EModeCategory => (byte)Field(168, 8);

    /// <summary>Up to 3.6: with two decimals; not 0 = isolated collateral.</summary>
    public UInt256 DebtCeiling => Word.ExtractBits(212, 40);

    /// <summary>3.1 to 3.3: false for GHO on mainnet core, whose debt token is a special case.</summary>
    public bool HasVirtualAccounting => Word.Bit(252);

    /// <summary>10^decimals.</summary>
    /// <exception cref="OverflowException">More than 77 decimals: the contract's own power would wrap around.</exception>
    public UInt256 Unit => Decimals <= 77 ? UInt256.Pow10(Decimals) : throw new OverflowException($"10^{Decimals} does not fit 256 bits.");

    public UInt256 Bits(int offset, int length) => Word.ExtractBits(offset, length);

    public ReserveConfiguration With(int offset, int length, in UInt256 value)
    {
        var mask = ((UInt256.One << length) - UInt256.One) << offset;
        return new ReserveConfiguration((Word & ~mask) | ((value << offset) & mask));
    }

    private uint Field(int offset, int length) => (uint)Word.ExtractBits(offset, length);
}
