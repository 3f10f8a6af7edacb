using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Tests.Protocols;

/// <summary>Drives one adapter over a market as the engine does: fold, open, enter, read, seal; and steps back.</summary>
internal sealed class ProtocolRun(IProtocol protocol, Func<Call, CallResult?> answer)
{
    private readonly Stack<List<TableDiff>> diffs = new();

    public IProtocol Protocol => protocol;

    public HashSet<MarginAccountId> Touched { get; } = [];

    public List<Call> LastReads { get; private set; } = [];

    public int Depth => diffs.Count;

    /// <summary>What the newest block changed.</summary>
    public IReadOnlyList<TableDiff> LastDiffs => diffs.Peek();

    /// <summary>One block. Owners that are not in yet enter; a read whose answer is null is never written.</summary>
    public void Take(BlockHeader block, IReadOnlyList<Log> logs, IEnumerable<Address> owners, bool isHead)
    {
        Fold(block, logs);
        if (isHead)
        {
            Read(block, owners);
        }

        diffs.Push(protocol.Tables.Select(table => table.Seal()).ToList());
    }

    public void Undo()
    {
        var block = diffs.Pop();
        for (var i = 0; i < block.Count; i++)
        {
            protocol.Tables[i].Undo(block[i]);
        }
    }

    /// <summary>Every row of every table, as text.</summary>
    public List<string> Dump() => protocol.Tables
        .SelectMany(table => table.Dump().Select(row => $"{table.Name} {Convert.ToHexString(row.Key)} {Convert.ToHexString(row.Value)}"))
        .ToList();

    private void Fold(BlockHeader block, IReadOnlyList<Log> logs)
    {
        var done = new HashSet<uint>();
        bool grew;
        do
        {
            grew = false;
            var filters = protocol.Filters;
            foreach (var log in logs.Where(log => filters.Any(filter => filter.Matches(log)) && done.Add(log.LogIndex)).ToList())
            {
                protocol.Apply(block, log, Touched);
                grew = true;
            }
        }
        while (grew);
    }

    private void Read(BlockHeader block, IEnumerable<Address> owners)
    {
        if (!protocol.IsOpen)
        {
            Ask(block, protocol.Open, 6);
        }

        if (!protocol.IsOpen)
        {
            return;
        }

        foreach (var account in owners.Select(protocol.AccountOf).Where(account => !protocol.HasEntered(account)))
        {
            Ask(block, soFar => protocol.Snapshot(account, soFar), 4);
        }

        LastReads = protocol.Reads(block).ToList();
        foreach (var call in LastReads)
        {
            if (answer(call) is { } result)
            {
                protocol.ApplyRead(block, call, result, Touched);
            }
        }
    }

    private void Ask(BlockHeader block, Func<CallResults, IEnumerable<Call>> next, int rounds)
    {
        var asked = new List<Call>();
        var known = new HashSet<Call>();
        var soFar = new CallResults();
        for (var round = 0; round < rounds; round++)
        {
            var calls = next(soFar).Where(known.Add).ToList();
            if (calls.Count == 0)
            {
                break;
            }

            foreach (var call in calls)
            {
                asked.Add(call);
                if (answer(call) is { } result)
                {
                    soFar.Set(call, result);
                }
            }
        }

        next(soFar).Where(known.Add).ShouldBeEmpty("the rounds did not suffice");
        foreach (var call in asked)
        {
            if (soFar.TryGet(call, out var result))
            {
                protocol.ApplyRead(block, call, result, Touched);
            }
        }
    }
}
