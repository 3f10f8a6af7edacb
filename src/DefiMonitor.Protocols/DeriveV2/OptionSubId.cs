using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>OptionEncoding.fromSubId of lyra-utils: bits 0 to 31 expiry in seconds, 32 to 94 strike with 8 decimals, 95 set for a call.</summary>
/// <param name="Strike">18 decimals.</param>
public readonly record struct OptionSubId(ulong Expiry, UInt256 Strike, bool IsCall)
{
    private const int StrikeShift = 32;
    private const int CallShift = 95;
    private const int Bits = 96;
    private const ulong StrikeMask = (1UL << 63) - 1;
    private const ulong Granularity = 10_000_000_000;

    /// <summary>Null where it is longer than 96 bits: the contracts refuse it.</summary>
    public static OptionSubId? From(in UInt256 subId) => !(subId >> Bits).IsZero
        ? null
        : new OptionSubId((ulong)(subId & uint.MaxValue), ((subId >> StrikeShift) & StrikeMask) * Granularity, !(subId >> CallShift).IsZero);

    /// <exception cref="ArgumentException">The strike has more than 8 decimals or more than 63 bits, or the expiry is 0 or more than 32.</exception>
    public UInt256 Pack()
    {
        var (strike, rest) = UInt256.DivRem(Strike, Granularity);
        if (!rest.IsZero || strike > StrikeMask || Expiry is 0 or > uint.MaxValue)
        {
            throw new ArgumentException($"An option at {Strike} expiring at {Expiry} has no sub id.");
        }

        return (IsCall ? UInt256.One << CallShift : UInt256.Zero) | (strike << StrikeShift) | Expiry;
    }
}
