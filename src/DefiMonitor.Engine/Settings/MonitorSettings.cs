using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Settings;

/// <summary>Everything the configuration folder says, checked.</summary>
public sealed record MonitorSettings
{
    public required IReadOnlyList<ChainSettings> Chains { get; init; }

    public required IReadOnlyList<DeploymentSettings> Deployments { get; init; }

    public required IReadOnlyList<OwnerSettings> Owners { get; init; }

    /// <summary>Venues that speak through an API.</summary>
    public IReadOnlyList<VenueSettings> Venues { get; init; } = [];

    public RuleBook Rules { get; init; } = RuleBook.Default;

    public AssetCatalog Assets { get; init; } = AssetCatalog.Empty;

    public SinksSettings Sinks { get; init; } = new();

    /// <summary>Every value that must never be shown: the URLs of endpoints and sinks, tokens, keys.</summary>
    public IEnumerable<string> Secrets() => Chains.SelectMany(c => c.Endpoints).Select(e => e.Uri.ToString()).Concat(Sinks.Secrets());

    /// <summary>The chains with endpoints.</summary>
    public IEnumerable<ChainSettings> Followed => Chains.Where(c => c.IsFollowed);

    public ChainSettings? ChainOf(ChainId id) => Chains.FirstOrDefault(c => c.Chain == id);

    public IEnumerable<DeploymentSettings> DeploymentsOn(ChainId chain) => Deployments.Where(d => d.Chain == chain);
}
