using System.Runtime.InteropServices;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>A user's configuration word: bit 2i = borrows reserve i, bit 2i + 1 = uses it as collateral. Source: UserConfiguration.sol.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct UserConfiguration(UInt256 Word)
{
    public const int MaxReserves = 128;

    public bool IsEmpty => Word.IsZero;

    public bool IsBorrowing(int reserve) => Word.Bit(2 * reserve);

    public bool IsCollateral(int reserve) => Word.Bit((2 * reserve) + 1);

    public bool Uses(int reserve) => IsBorrowing(reserve) || IsCollateral(reserve);

    public UserConfiguration WithBorrowing(int reserve, bool on) => With(2 * reserve, on);

    public UserConfiguration WithCollateral(int reserve, bool on) => With((2 * reserve) + 1, on);

    private UserConfiguration With(int bit, bool on)
    {
        var mask = UInt256.One << bit;
        return new UserConfiguration(on ? Word | mask : Word & ~mask);
    }
}
