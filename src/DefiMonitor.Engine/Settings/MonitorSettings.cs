using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Alerting;

namespace DefiMonitor.Engine.Settings;

/// <summary>Everything the configuration folder says, checked.</summary>
public sealed record MonitorSettings
{
    public required IReadOnlyList<ChainSettings> Chains { get; init; }

    public required IReadOnlyList<DeploymentSettings> Deployments { get; init; }

    public required IReadOnlyList<OwnerSettings> Owners { get; init; }

    public RuleBook Rules { get; init; } = RuleBook.Default;

    public AssetCatalog Assets { get; init; } = AssetCatalog.Empty;

    /// <summary>The chains with endpoints.</summary>
    public IEnumerable<ChainSettings> Followed => Chains.Where(c => c.IsFollowed);

    public ChainSettings? ChainOf(ChainId id) => Chains.FirstOrDefault(c => c.Chain == id);

    public IEnumerable<DeploymentSettings> DeploymentsOn(ChainId chain) => Deployments.Where(d => d.Chain == chain);
}
