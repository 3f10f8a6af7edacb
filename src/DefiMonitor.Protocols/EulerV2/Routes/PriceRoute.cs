using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>One step of a quote. Every step rounds down.</summary>
public enum StageKind : byte
{
    /// <summary>Shares of an EVault into its asset, from the vault's figures.</summary>
    Shares,

    /// <summary>Times what a contract answered for 10^33 units.</summary>
    Rate,
}

/// <param name="Source">Whom it comes from: an EVault, an oracle with its pair, or another ERC-4626 vault without one.</param>
/// <param name="Out">What comes out.</param>
internal readonly record struct Stage(StageKind Kind, PairKey Source, Address Out)
{
    /// <summary>
    /// The amount that is asked for: below the 2^112 that an EVault converts, and a multiple of every power of ten in which an adapter scales its feed, so that what
    /// comes out is the rate itself, unrounded.
    /// </summary>
    public static UInt256 Probe { get; } = UInt256.Pow10(33);

    /// <summary>What answers the rate.</summary>
    public Call Question => Source.Base.IsZero
        ? EulerAbi.ConvertToAssets.Function.Call(Source.Oracle, Probe)
        : EulerAbi.GetQuote.Function.Call(Source.Oracle, Probe, Source.Base, Source.Quote);
}

/// <summary>The way from a base to the unit of account, as the contracts go it.</summary>
/// <param name="Broken">Why it can't be followed, in one sentence; null when it can.</param>
internal sealed record PriceRoute(IReadOnlyList<Stage> Stages, string? Broken)
{
    /// <summary>The odd amount for which the whole way is held against the oracle's own answer.</summary>
    public static UInt256 CheckAmount { get; } = UInt256.Parse("123456789012345678901");
}
