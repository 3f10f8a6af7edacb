using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Engine.Loops.Chain;

/// <summary>
/// Whose accounts are followed on a chain: who is in, who waits to enter. Always iterated in the order of the accounts' text. Each has a number, given as it came and
/// kept until <see cref="Clear"/>, by which others keep what they know of it (<see cref="Column{T}"/>).
/// </summary>
internal sealed class Census(IReadOnlyList<IProtocol> protocols)
{
    private readonly Column<MarginAccountId> accounts = new();
    private readonly Column<ushort> protocolOf = new();
    private readonly Column<bool> isIn = new();

    /// <summary>One too high; 0 = before all blocks.</summary>
    private readonly Column<ulong> found = new();

    private readonly Dictionary<int, string> names = [];
    private readonly Dictionary<DeploymentId, ushort> deployments = NumberOf(protocols);
    private readonly SortedSet<MarginAccountId> waiting = [];

    /// <summary>Numbers in the order of the accounts' text.</summary>
    private int[] order = [];
    private int[]?[] entered = new int[protocols.Count][];

    public int Count { get; private set; }

    public IReadOnlySet<MarginAccountId> Waiting => waiting;

    public MarginAccountId AccountAt(int number) => accounts[number];

    public string? NameAt(int number) => names.GetValueOrDefault(number);

    /// <summary>True when the account is in.</summary>
    public bool IsIn(int number) => isIn[number];

    public bool TryGet(MarginAccountId account, out Member member)
    {
        var place = Place(account);
        member = place >= 0 ? MemberAt(order[place]) : default;
        return place >= 0;
    }

    /// <summary>Takes an account in; false when its deployment is not configured here or it is in already.</summary>
    public bool Add(MarginAccountId account, string? ownerName, ulong? foundBlock)
    {
        if (!Load(account, ownerName, foundBlock))
        {
            return false;
        }

        Review(account);
        return true;
    }

    /// <summary>As <see cref="Add"/>, without asking whether it has entered: <see cref="ReviewAll"/> does. Quick where the accounts come in order.</summary>
    public bool Load(MarginAccountId account, string? ownerName, ulong? foundBlock)
    {
        if (!deployments.TryGetValue(account.Deployment, out var protocol))
        {
            return false;
        }

        var place = Place(account);
        var number = place >= 0 ? order[place] : Count;
        if (ownerName is not null)
        {
            names[number] = ownerName;
        }

        if (place >= 0)
        {
            return false;
        }

        Insert(~place, number);
        accounts[number] = account;
        protocolOf[number] = protocol;
        found[number] = foundBlock is { } block ? block + 1 : 0;
        isIn[number] = false;
        return true;
    }

    /// <summary>Puts the account where it belongs now: in, or waiting.</summary>
    public void Review(MarginAccountId account)
    {
        if (!TryGet(account, out var member))
        {
            return;
        }

        var now = protocols[member.Protocol].HasEntered(account);
        var changed = now ? waiting.Remove(account) : waiting.Add(account);
        if (changed || isIn[member.Number] != now)
        {
            isIn[member.Number] = now;
            entered[member.Protocol] = null;
        }
    }

    public void ReviewAll()
    {
        waiting.Clear();
        Array.Clear(entered);
        for (var number = 0; number < Count; number++)
        {
            isIn[number] = protocols[protocolOf[number]].HasEntered(accounts[number]);
            if (!isIn[number])
            {
                waiting.Add(accounts[number]);
            }
        }
    }

    /// <summary>The numbers of the accounts of one protocol that are in.</summary>
    public int[] Entered(int protocol)
    {
        if (entered[protocol] is { } known)
        {
            return known;
        }

        var list = new List<int>(Count);
        foreach (var number in order.AsSpan(0, Count))
        {
            if (protocolOf[number] == protocol && isIn[number])
            {
                list.Add(number);
            }
        }

        return entered[protocol] = [.. list];
    }

    /// <summary>How many of these numbers, which are in order, belong to accounts up to this one.</summary>
    public int UpTo(ReadOnlySpan<int> numbers, MarginAccountId account)
    {
        var (low, high) = (0, numbers.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = accounts[numbers[middle]].CompareTo(account) <= 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Finds accounts that are asked for in their order, each by a step or two.</summary>
    public Walk InOrder() => new(this);

    public void Clear()
    {
        Count = 0;
        accounts.Clear();
        protocolOf.Clear();
        isIn.Clear();
        found.Clear();
        order = [];
        names.Clear();
        waiting.Clear();
        entered = new int[protocols.Count][];
    }

    private Member MemberAt(int number) => new(number, protocolOf[number], NameAt(number), found[number] is > 0 and var block ? block - 1 : null);

    private static Dictionary<DeploymentId, ushort> NumberOf(IReadOnlyList<IProtocol> protocols)
    {
        var numbers = new Dictionary<DeploymentId, ushort>();
        for (var p = 0; p < protocols.Count; p++)
        {
            numbers.TryAdd(protocols[p].Id, checked((ushort)p));
        }

        return numbers;
    }

    /// <summary>Of the account in the order; where it is not there, the complement of where it would stand.</summary>
    private int Place(MarginAccountId account)
    {
        var before = Count > 0 && accounts[order[Count - 1]].CompareTo(account) < 0 ? Count : UpTo(order.AsSpan(0, Count), account);
        return before > 0 && accounts[order[before - 1]].Equals(account) ? before - 1 : ~before;
    }

    private void Insert(int place, int number)
    {
        if (Count == order.Length)
        {
            Array.Resize(ref order, Count + (Count / 4) + 16);
        }

        var numbers = order.AsSpan(0, ++Count);
        numbers[place..^1].CopyTo(numbers[(place + 1)..]);
        numbers[place] = number;
    }

    internal struct Walk(Census census)
    {
        private int place;

        public bool TryFind(MarginAccountId account, out Member member)
        {
            while (place < census.Count)
            {
                var number = census.order[place];
                var order = census.accounts[number].CompareTo(account);
                if (order >= 0)
                {
                    member = order == 0 ? census.MemberAt(number) : default;
                    return order == 0;
                }

                place++;
            }

            member = default;
            return false;
        }
    }
}

/// <param name="Number">Its number in the census.</param>
/// <param name="Protocol">Index of its protocol.</param>
/// <param name="FoundBlock">See <see cref="Storage.Candidate"/>.</param>
internal readonly record struct Member(int Number, int Protocol, string? OwnerName, ulong? FoundBlock)
{
    /// <summary>False at a block before the one in which it was found: a stale endpoint may show such a one after a restart.</summary>
    public bool IsThereAt(BlockHeader block) => FoundBlock is not { } found || found <= block.Number;
}

/// <summary>How an account came to be followed.</summary>
public static class CandidateSource
{
    public const string Watch = "watch";
    public const string Discovery = "discovery";
    public const string Command = "command";
}
