namespace DefiMonitor.Core.Risk.Options;

/// <summary>A result, or the reason why there is none. A refused outcome holds no number: <see cref="TryGet"/> is the way in.</summary>
public readonly record struct Outcome<T>
    where T : struct
{
    private readonly T value;

    private Outcome(T value, Refusal refusal)
    {
        this.value = value;
        Refusal = refusal;
    }

    /// <summary><see cref="Options.Refusal.None"/> where the value is there.</summary>
    public Refusal Refusal { get; }

    public bool IsKnown => Refusal == Refusal.None;

    /// <summary>Null where refused.</summary>
    public T? Value => IsKnown ? value : null;

    public static Outcome<T> Known(T value) => new(value, Refusal.None);

    public static Outcome<T> Refused(Refusal reason) => new(default, reason);

    public bool TryGet(out T result)
    {
        result = value;
        return IsKnown;
    }
}
