using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One account at one instant: what the solvers start from.</summary>
public sealed class AccountAt
{
    private readonly LegInputs[] inputs;
    private readonly AccountLeg[] legs;

    public AccountAt(AaveVersion version, LegInputs[] inputs, ulong at)
    {
        this.inputs = inputs;
        Version = version;
        At = at;
        legs = new AccountLeg[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            legs[i] = inputs[i].At(version, at);
        }

        Sum = AccountSum.Of(version, legs);
        HealthFactor = Sum.HealthFactor(version);
    }

    public AaveVersion Version { get; }

    /// <summary>Seconds since 1970.</summary>
    public ulong At { get; }

    public AccountSum Sum { get; }

    /// <summary>Wad; 2^256 - 1 without debt.</summary>
    public UInt256 HealthFactor { get; }

    public ReadOnlySpan<AccountLeg> Legs => legs;

    public ReadOnlySpan<LegInputs> Inputs => inputs;

    public AccountAt AtInstant(ulong at) => new(Version, inputs, at);

    /// <summary>The sums of all legs but one.</summary>
    public AccountSum Without(int index)
    {
        var sum = default(AccountSum);
        for (var i = 0; i < legs.Length; i++)
        {
            if (i != index)
            {
                sum.Add(Version, legs[i]);
            }
        }

        return sum;
    }

    /// <summary>The health factor with one leg replaced, wad.</summary>
    public UInt256 HealthWith(int index, in AccountLeg leg)
    {
        var sum = Without(index);
        sum.Add(Version, leg);
        return sum.HealthFactor(Version);
    }
}
