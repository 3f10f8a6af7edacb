using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Engine.Outbox;

/// <summary>Asks a chain for its own view of what alerts say.</summary>
public interface IConfirmer
{
    /// <summary>One answer per transition, in their order. A node that fails is an answer (unconfirmed), not an exception.</summary>
    Task<IReadOnlyList<Confirmation>> ConfirmAsync(ChainId chain, IReadOnlyList<AlertTransition> transitions, CancellationToken cancellationToken);
}
