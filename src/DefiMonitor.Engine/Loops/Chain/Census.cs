using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>Whose accounts are followed on a chain: who is in, who waits to enter. Always iterated in the order of the accounts' text.</summary>
internal sealed class Census(IReadOnlyList<IProtocol> protocols)
{
    private readonly SortedDictionary<MarginAccountId, Member> members = [];
    private readonly SortedSet<MarginAccountId> waiting = [];
    private MarginAccountId[]?[] entered = new MarginAccountId[protocols.Count][];

    public int Count => members.Count;

    public IReadOnlySet<MarginAccountId> Waiting => waiting;

    public IEnumerable<KeyValuePair<MarginAccountId, Member>> Members => members;

    public bool TryGet(MarginAccountId account, out Member member)
    {
        var found = members.TryGetValue(account, out var there);
        member = there!;
        return found;
    }

    /// <summary>Takes an account in; false when its deployment is not configured here or it is in already.</summary>
    public bool Add(MarginAccountId account, string? ownerName, ulong? foundBlock)
    {
        for (var p = 0; p < protocols.Count; p++)
        {
            if (protocols[p].Id == account.Deployment)
            {
                if (members.TryGetValue(account, out var there))
                {
                    members[account] = there with { OwnerName = ownerName ?? there.OwnerName };
                    return false;
                }

                members.Add(account, new Member(p, ownerName, foundBlock));
                if (!protocols[p].HasEntered(account))
                {
                    waiting.Add(account);
                }

                entered[p] = null;
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts the account where it belongs now: in, or waiting.</summary>
    public void Review(MarginAccountId account)
    {
        if (!members.TryGetValue(account, out var member))
        {
            return;
        }

        var changed = protocols[member.Protocol].HasEntered(account) ? waiting.Remove(account) : waiting.Add(account);
        if (changed)
        {
            entered[member.Protocol] = null;
        }
    }

    public void ReviewAll()
    {
        waiting.Clear();
        Array.Clear(entered);
        foreach (var (account, member) in members)
        {
            if (!protocols[member.Protocol].HasEntered(account))
            {
                waiting.Add(account);
            }
        }
    }

    /// <summary>The accounts of one protocol that are in.</summary>
    public MarginAccountId[] Entered(int protocol)
    {
        if (entered[protocol] is { } known)
        {
            return known;
        }

        var list = new List<MarginAccountId>();
        foreach (var (account, member) in members)
        {
            if (member.Protocol == protocol && !waiting.Contains(account))
            {
                list.Add(account);
            }
        }

        return entered[protocol] = [.. list];
    }

    public void Clear()
    {
        members.Clear();
        waiting.Clear();
        entered = new MarginAccountId[protocols.Count][];
    }
}

/// <param name="Protocol">Index of its protocol.</param>
/// <param name="FoundBlock">See <see cref="Storage.Candidate"/>.</param>
internal sealed record Member(int Protocol, string? OwnerName, ulong? FoundBlock)
{
    /// <summary>False at a block before the one in which it was found: a stale endpoint may show such a one after a restart.</summary>
    public bool IsThereAt(BlockHeader block) => FoundBlock is not { } found || found <= block.Number;
}

internal static class CandidateSource
{
    public const string Watch = "watch";
    public const string Discovery = "discovery";
    public const string Command = "command";
}
