using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Discovery;

/// <summary>What a search for borrowers is going to ask, before it does.</summary>
/// <param name="Question">Names what is asked for: coverage counts for this question only.</param>
/// <param name="From">First block of the search.</param>
/// <param name="To">Last block of it, a finalized one.</param>
/// <param name="Coverage">What earlier runs have read.</param>
/// <param name="Missing">What is left to read.</param>
/// <param name="BlocksPerPage">As the newest pages showed; older ones are seldom denser.</param>
/// <param name="CallsPerPage">JSON-RPC calls that one page costs.</param>
public sealed record SearchPlan(
    IProtocol Protocol, string Question, ulong From, ulong To, BlockCoverage Coverage, IReadOnlyList<CoveredRange> Missing, ulong BlocksPerPage, int CallsPerPage)
{
    public ulong Blocks => Missing.Aggregate(0UL, static (sum, r) => sum + (r.Last - r.First + 1));

    public ulong Pages => Missing.Aggregate(0UL, (sum, r) => sum + ((r.Last - r.First) / BlocksPerPage) + 1);

    /// <summary>JSON-RPC calls to expect. More where the logs lie denser than at the newest end or a node fails, fewer where they are rarer.</summary>
    public ulong Calls => Pages * (ulong)CallsPerPage;
}

/// <param name="Block">Everything of the search below or at this block has been asked for.</param>
/// <param name="Logs">Logs of borrowings found by this run.</param>
/// <param name="Calls">JSON-RPC calls of this run.</param>
public sealed record SearchProgress(DeploymentId Deployment, ulong Block, ulong BlocksLeft, long Logs, long Calls);
