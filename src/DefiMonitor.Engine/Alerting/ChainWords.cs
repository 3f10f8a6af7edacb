using DefiMonitor.Core.Alerts;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What is said of chains, markets and the monitor itself.</summary>
internal static class ChainWords
{
    public static string Head(TransitionKind kind, AlertLevel level) => kind switch
    {
        TransitionKind.Opened or TransitionKind.Escalated => level.ToString().ToUpperInvariant(),
        _ => kind.ToString().ToUpperInvariant(),
    };

    /// <summary>What it means for the accounts of a chain that nobody sees them just now.</summary>
    public static string AtStake(IReadOnlyList<StandingAccount> near, int accounts)
    {
        if (accounts == 0)
        {
            return "No account is watched here.";
        }

        if (near.Count == 0)
        {
            return $"{accounts} accounts are watched here; none is so near its edge that a move of this length would matter.";
        }

        var names = new List<string>();
        foreach (var account in near)
        {
            var distance = account.Sigmas is { } sigmas ? $", {Say.Sigmas(sigmas)} daily sigmas when last read" : "";
            names.Add($"{Say.Who(account.Account, account.OwnerName)} on {account.Account.Deployment}{distance}");
            if (names.Count == 5 && near.Count > 5)
            {
                names.Add($"and {near.Count - 5} more");
                break;
            }
        }

        return "Near the edge and out of sight: " + string.Join("; ", names) + ". Look at them by other means.";
    }
}
