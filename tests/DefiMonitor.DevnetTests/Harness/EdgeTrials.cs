namespace DefiMonitor.DevnetTests.Harness;

/// <summary>Liquidations tried at the edge that we name and one unit beside it: there it goes through, here the contract refuses.</summary>
/// <typeparam name="TKind">What is counted apart.</typeparam>
internal sealed class EdgeTrials<TKind>(VenueDevnet devnet)
    where TKind : notnull
{
    private readonly Dictionary<TKind, int> tried = [];

    public IReadOnlyCollection<TKind> Kinds => tried.Keys;

    public int Count => tried.Values.Sum();

    public int Of(TKind kind) => tried.GetValueOrDefault(kind);

    /// <param name="refusal">The error beside it; null = any.</param>
    public async Task TryAsync(TKind kind, object there, object beside, string what, string? refusal = null)
    {
        var taken = await devnet.TryAsync(there);
        taken.GetProperty("ok").GetBoolean().ShouldBeTrue($"{what}: {taken}");
        var refused = await devnet.TryAsync(beside);
        refused.GetProperty("ok").GetBoolean().ShouldBeFalse($"one unit beside {what}");
        if (refusal is not null)
        {
            refused.GetProperty("error").GetString().ShouldBe(refusal, $"one unit beside {what}");
        }

        tried[kind] = Of(kind) + 1;
    }

    public override string ToString() => string.Join(", ", tried.Select(static pair => $"{pair.Key}: {pair.Value} edges tried on both sides"));
}
