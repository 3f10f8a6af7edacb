using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>The completeness equations of a followed chain's deployments against the totals of the real contracts.</summary>
internal static class Equations
{
    public static async Task<IReadOnlyList<Completeness>> ReadAsync(FollowedChain chain, CountingProtocol protocol)
    {
        var answers = await chain.Client.CallAsync([.. protocol.Totals()], chain.Head, CancellationToken.None);
        return protocol.Complete(answers.Results);
    }

    /// <summary>How many there are; all of them hold.</summary>
    public static async Task<int> HoldAsync(FollowedChain chain, string what)
    {
        // One question for all deployments, so that a long walk stays short.
        var answers = await chain.Client.CallAsync([.. chain.Protocols.SelectMany(static p => p.Totals())], chain.Head, CancellationToken.None);
        var held = 0;
        foreach (var protocol in chain.Protocols)
        {
            var equations = protocol.Complete(answers.Results);
            equations.ShouldNotBeEmpty();
            foreach (var equation in equations)
            {
                // No sum is equal to the total of stable debt; nobody here has any.
                if (equation.What.Contains("stable", StringComparison.Ordinal))
                {
                    continue;
                }

                equation.Holds.ShouldBe(true, $"{protocol.Id} {equation} at block {chain.Head.Ref}, {what}");
                held++;
            }
        }

        return held;
    }
}
