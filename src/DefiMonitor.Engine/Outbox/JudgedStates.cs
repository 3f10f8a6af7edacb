using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Engine.Outbox;

/// <summary>
/// The inputs of the accounts that alerts were raised about, as they were judged: what the chain's own view is compared with. The chain's loop puts them in
/// before it commits, the outbox looks them up. Memory only: after a restart the answer is "unconfirmed", and the chain's loop tells the rest later.
/// </summary>
public sealed class JudgedStates(int capacity = 8192)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(MarginAccountId Account, Hash32 Block), JudgedState> states = [];
    private readonly Queue<(MarginAccountId Account, Hash32 Block)> order = new();

    /// <summary>Called on the loop's own thread: <see cref="IProtocol.Confirm"/> is asked here, so that nobody else touches the tables.</summary>
    public void Remember(IProtocol protocol, AccountState state)
    {
        var key = (state.Account, state.Block.Hash);
        var judged = new JudgedState(protocol, state, [.. protocol.Confirm(state.Account)]);
        lock (gate)
        {
            if (!states.TryAdd(key, judged))
            {
                states[key] = judged;
                return;
            }

            order.Enqueue(key);
            if (order.Count > capacity)
            {
                states.Remove(order.Dequeue());
            }
        }
    }

    public JudgedState? Find(MarginAccountId account, Hash32 block)
    {
        lock (gate)
        {
            return states.GetValueOrDefault((account, block));
        }
    }
}

/// <param name="Calls">The chain's own verdict on the account.</param>
public sealed record JudgedState(IProtocol Protocol, AccountState State, IReadOnlyList<Call> Calls);
