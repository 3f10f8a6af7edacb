using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>One step of a quote with what it was read to be.</summary>
/// <param name="Totals">Of the EVault, for <see cref="StageKind.Shares"/>.</param>
/// <param name="Rate">What 10^33 units gave, for <see cref="StageKind.Rate"/>.</param>
public readonly record struct StageState(StageKind Kind, VaultTotals Totals, UInt256 Rate);

/// <summary>The steps of a quote at one instant: each is a multiplication and a division that rounds down, in 512 bits as the adapters do it.</summary>
public sealed class QuoteChain
{
    private readonly Step[] steps;

    private QuoteChain(Step[] steps) => this.steps = steps;

    /// <summary>Without an asset of its own price: what is quoted is the unit of account already.</summary>
    public static QuoteChain Identity { get; } = new([]);

    /// <param name="at">Seconds; shares are converted with the vault's interest up to then.</param>
    public static QuoteChain Of(IReadOnlyList<StageState> stages, ulong at)
    {
        var made = new Step[stages.Count];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = stages[i].Kind == StageKind.Shares ? Shares(stages[i].Totals.At(at)) : Rate(stages[i].Rate);
        }

        return new QuoteChain(made);
    }

    /// <exception cref="OverflowException">The contract reverts.</exception>
    public UInt256 Quote(in UInt256 amount) => Quote(amount, 0);

    /// <summary>From a step on.</summary>
    public UInt256 Quote(in UInt256 amount, int firstStep)
    {
        var value = amount;
        for (var i = firstStep; i < steps.Length; i++)
        {
            ref readonly var step = ref steps[i];
            value = UInt256.MulDiv(value, step.Numerator, step.Denominator, Rounding.Down);
            if (step.IsShares && value > Owed.MaxAmount)
            {
                throw new OverflowException("The shares are more assets than an EVault can count.");
            }
        }

        return value;
    }

    /// <summary>What the first step alone makes of an amount; the amount itself where there is none.</summary>
    public UInt256 First(in UInt256 amount) => steps.Length == 0 ? amount : UInt256.MulDiv(amount, steps[0].Numerator, steps[0].Denominator, Rounding.Down);

    private static Step Shares(in VaultTotals totals) => new(totals.ConversionAssets, totals.ConversionShares, true);

    // Small numbers divide faster, and a rate is nearly always a multiple of a power of ten.
    private static Step Rate(UInt256 rate)
    {
        var exponent = 33;
        for (var part = 16; part > 0 && !rate.IsZero; part /= 2)
        {
            while (exponent >= part && (rate % UInt256.Pow10(part)).IsZero)
            {
                rate /= UInt256.Pow10(part);
                exponent -= part;
            }
        }

        return new Step(rate, UInt256.Pow10(exponent), false);
    }

    private readonly record struct Step(UInt256 Numerator, UInt256 Denominator, bool IsShares);
}
