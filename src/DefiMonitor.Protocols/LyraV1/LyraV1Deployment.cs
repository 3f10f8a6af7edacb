using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.LyraV1;

/// <summary>One option market of Lyra v1 (Avalon): an owner has one account in it, with all of his positions.</summary>
public sealed record LyraV1Deployment
{
    public required DeploymentId Id { get; init; }

    public required Address OptionMarket { get; init; }

    public required Address OptionToken { get; init; }

    public required Address OptionGreekCache { get; init; }

    public required Address SynthetixAdapter { get; init; }

    /// <summary>The token that collateral of the quote kinds is in, 18 decimals (sUSD).</summary>
    public required Address QuoteAsset { get; init; }

    /// <summary>The underlying, 18 decimals (sETH).</summary>
    public required Address BaseAsset { get; init; }

    public static IReadOnlyList<string> AddressKeys { get; } = ["optionMarket", "optionToken", "optionGreekCache", "synthetixAdapter", "quoteAsset", "baseAsset"];

    /// <summary>Makes the protocol from the six addresses that the configuration states.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) => new LyraV1Protocol(
        new LyraV1Deployment
        {
            Id = deployment.Id,
            OptionMarket = deployment.Addresses["optionMarket"],
            OptionToken = deployment.Addresses["optionToken"],
            OptionGreekCache = deployment.Addresses["optionGreekCache"],
            SynthetixAdapter = deployment.Addresses["synthetixAdapter"],
            QuoteAsset = deployment.Addresses["quoteAsset"],
            BaseAsset = deployment.Addresses["baseAsset"],
        },
        options);
}
