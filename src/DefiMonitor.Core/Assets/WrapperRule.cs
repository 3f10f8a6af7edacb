using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Assets;

public enum WrapperKind
{
    /// <summary>One unit is one unit of what is inside: aTokens (whose balances grow instead), wrapped natives.</summary>
    OneForOne,

    /// <summary>A view without arguments says what one whole token holds: wstETH.stEthPerToken(), rETH.getExchangeRate(), weETH.getRate().</summary>
    Rate,

    /// <summary>EIP-4626: convertToAssets(one whole share).</summary>
    Erc4626,
}

/// <summary>How much of another asset stands behind a token, and which contract of the token's own chain says so.</summary>
/// <param name="Of">The asset inside: a factor, or the name of another token of the same chain.</param>
/// <param name="Contract">The contract asked; not asked where the kind is OneForOne.</param>
/// <param name="Call">Signature of the view where the kind is Rate, such as <c>stEthPerToken()</c>.</param>
/// <param name="ShareDecimals">Decimals of the wrapper, for the question of EIP-4626.</param>
/// <param name="RateDecimals">The answer divided by 10^this is whole units inside of one whole token.</param>
public sealed record WrapperRule(WrapperKind Kind, string Of, Address Contract, string? Call = null, int ShareDecimals = 18, int RateDecimals = 18);
