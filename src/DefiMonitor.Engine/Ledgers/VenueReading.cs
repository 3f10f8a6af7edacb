using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Ledgers;

/// <summary>What a deployment says of itself and of the owner's accounts in it.</summary>
public sealed record VenueReading(DeploymentId Deployment, Func<Address, IReadOnlyList<Address>> SpendersOf, IReadOnlyList<VenueToken> Tokens, IReadOnlyList<(Address Owner, MarginReport Report)> Accounts);
