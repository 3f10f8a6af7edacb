namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One account of the mirror, 24 bytes: what decides whether it can be judged, and where its legs lie.</summary>
internal struct MirrorEntry
{
    /// <summary>Bit i = the account uses reserve i, as collateral or debt: reserves 0 to 63, and 64 to 127.</summary>
    public ulong UsedLow;
    public ulong UsedHigh;

    /// <summary>Of its run in the arena.</summary>
    public int Start;
    public ushort Count;
    public byte EMode;
    public MirrorFlags Flags;
}

[Flags]
internal enum MirrorFlags : byte
{
    None = 0,

    /// <summary>All of its own inputs are there.</summary>
    Entered = 1,

    /// <summary>It must be read again.</summary>
    Pending = 2,

    /// <summary>Some of its debt is told by no event (matters up to 3.3).</summary>
    ReadDebts = 4,

    /// <summary>A balance needs more than the bits of a leg.</summary>
    Wide = 8,

    /// <summary>The tables have changed since it was built.</summary>
    Dirty = 16,
}

/// <summary>
/// One balance that counts, 16 bytes: the scaled amount in the low 120 bits, the leg's number above. The number is 2 * reserve for a supply and 2 * reserve + 1 for
/// a debt, so that it fits a byte.
/// </summary>
internal static class MirrorLeg
{
    public const int AmountBits = 120;

    public static UInt128 MaxAmount { get; } = (UInt128.One << AmountBits) - 1;

    public static UInt128 Of(int number, UInt128 amount) => ((UInt128)(uint)number << AmountBits) | amount;

    public static int SupplyOf(int reserve) => 2 * reserve;

    public static int DebtOf(int reserve) => (2 * reserve) + 1;
}
