using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>One market of Compound III: one Comet, one base token. An owner has one account in it.</summary>
public sealed record CompoundV3Deployment
{
    /// <summary>What a market's feeds may quote in.</summary>
    public static IReadOnlyList<string> Units { get; } = ["usd", "eth", "btc"];

    public required DeploymentId Id { get; init; }

    /// <summary>The market's proxy.</summary>
    public required Address Comet { get; init; }

    /// <summary>What the market's feeds quote in, and so its values. No verdict depends on it: the contract compares values of one unit, whichever.</summary>
    public string Unit { get; init; } = "USD";

    /// <summary>Makes the protocol from what the configuration states: the address comet, and as the variant what the feeds quote in (usd where none is written).</summary>
    public static IProtocol Create(ProtocolDeployment deployment, ProtocolOptions options) => new CompoundV3Protocol(
        new CompoundV3Deployment
        {
            Id = deployment.Id,
            Comet = deployment.Addresses["comet"],
            Unit = (deployment.Variant ?? Units[0]).ToUpperInvariant(),
        },
        options);
}
