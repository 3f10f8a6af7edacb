using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Portfolio;

/// <summary>What bulk judging says of an account: as <see cref="MarginReport"/>, without the words. MaxValue = no debt; zero and meaningless when Unknown.</summary>
public readonly record struct Verdict(MarginStatus Status, UInt256 HealthFactor);

/// <summary>What our figures and the chain's own view say of each other.</summary>
public enum AgreementKind
{
    Equal,
    Different,

    /// <summary>One side could not be had: says nothing either way.</summary>
    Unreadable,
}

/// <param name="Text">Equal: empty. Different: which words, ours and the chain's. Unreadable: why.</param>
/// <param name="ChainSaysLiquidatable">The chain's own verdict, where it was read.</param>
public sealed record Agreement(AgreementKind Kind, string Text, IReadOnlyList<NativeWord> Chain, bool? ChainSaysLiquidatable);
