using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>One market of Morpho Blue: an owner has one account in it.</summary>
public sealed record MorphoBlueDeployment
{
    public required DeploymentId Id { get; init; }

    /// <summary>The Morpho contract of the chain.</summary>
    public required Address Morpho { get; init; }

    /// <summary>The AdaptiveCurveIrm of the chain; a market with another rate model has its rate read.</summary>
    public required Address AdaptiveCurveIrm { get; init; }

    /// <summary>keccak256 of the market's five parameters.</summary>
    public required Hash32 MarketId { get; init; }

    /// <summary>Pre-liquidation contracts of this market that borrowers may have authorised; those of Morpho's factory only are to be trusted.</summary>
    public IReadOnlyList<Address> PreLiquidations { get; init; } = [];

    /// <summary>Makes the protocol from what the configuration states: the addresses morpho and adaptiveCurveIrm, the marketId, and preLiquidations.</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) => new MorphoBlueProtocol(
        new MorphoBlueDeployment
        {
            Id = deployment.Id,
            Morpho = deployment.Addresses["morpho"],
            AdaptiveCurveIrm = deployment.Addresses["adaptiveCurveIrm"],
            MarketId = deployment.Hashes["marketId"],
            PreLiquidations = deployment.AddressLists.TryGetValue("preLiquidations", out var contracts) ? contracts : [],
        },
        options);
}
