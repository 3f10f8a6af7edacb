using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols;

/// <summary>Our words against the contract's, one by one: equal to the last integer or not.</summary>
internal static class WordAgreement
{
    /// <param name="unknown">Why there are no words of ours; null = there are.</param>
    /// <param name="ours">In the order of the contract's.</param>
    /// <param name="liquidatable">The contract's word on that.</param>
    public static Agreement Of(string? unknown, Func<IReadOnlyList<NativeWord>> ours, IReadOnlyList<NativeWord> native, bool? liquidatable)
    {
        if (unknown is not null)
        {
            return new Agreement(AgreementKind.Unreadable, unknown, native, liquidatable);
        }

        IReadOnlyList<NativeWord> words;
        try
        {
            words = ours();
        }
        catch (ArithmeticException error)
        {
            return new Agreement(AgreementKind.Different, $"we can't compute the account ({error.Message}), the contract can", native, liquidatable);
        }

        var differences = new List<string>();
        for (var i = 0; i < native.Count; i++)
        {
            if (words[i].Value != native[i].Value)
            {
                differences.Add($"{native[i].Name}: ours {words[i].Value}, the chain's {native[i].Value}");
            }
        }

        return new Agreement(differences.Count == 0 ? AgreementKind.Equal : AgreementKind.Different, string.Join("; ", differences), native, liquidatable);
    }

    public static Agreement Unreadable(string? why) => new(AgreementKind.Unreadable, why ?? "The contract's own view was not read.", [], null);
}
