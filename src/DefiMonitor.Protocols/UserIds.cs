using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols;

/// <summary>Accounts of a deployment in which an account is a user's address.</summary>
internal sealed class UserIds(DeploymentId deployment)
{
    // A pure function of the address, remembered: the text of an account's id is asked for at every log and every read.
    private readonly Dictionary<Address, MarginAccountId> ids = [];

    public MarginAccountId IdOf(in Address user)
    {
        if (!ids.TryGetValue(user, out var id))
        {
            id = new MarginAccountId(deployment, user.ToHex());
            ids.Add(user, id);
        }

        return id;
    }

    /// <summary>The user behind an account of this deployment.</summary>
    /// <exception cref="ArgumentException">The account belongs to another deployment, or its key is no address.</exception>
    public Address UserOf(MarginAccountId account) => account.Deployment == deployment && Address.TryParse(account.Key, out var user)
        ? user
        : throw new ArgumentException($"{account} is no account of {deployment}.", nameof(account));
}
