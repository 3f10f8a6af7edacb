using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols;

/// <summary>Accounts of a deployment in which an account is a user's address.</summary>
internal sealed class UserIds(DeploymentId deployment)
{
    public MarginAccountId IdOf(in Address user) => new(deployment, user);

    /// <summary>The user behind an account of this deployment.</summary>
    /// <exception cref="ArgumentException">The account belongs to another deployment, or its key is no address.</exception>
    public Address UserOf(MarginAccountId account) => account.Deployment == deployment && (account.TryGetUser(out var user) || Address.TryParse(account.Key, out user))
        ? user
        : throw new ArgumentException($"{account} is no account of {deployment}.", nameof(account));
}
