namespace DefiMonitor.Protocols;

/// <summary>The unit of a venue that counts in a token: its symbol, which the token has chosen itself.</summary>
internal static class TokenUnit
{
    /// <summary>The words that stand for a currency elsewhere: a token that calls itself so is no dollar.</summary>
    private static readonly string[] Reserved = ["USD", "base"];

    public static string Of(string symbol) => Reserved.Contains(symbol, StringComparer.OrdinalIgnoreCase) ? $"{symbol} (token)" : symbol;
}
