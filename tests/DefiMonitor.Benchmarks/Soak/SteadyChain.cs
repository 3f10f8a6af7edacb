using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Benchmarks.Soak;

/// <summary>
/// A chain that can go on for ever: prices swing about where they began, people give back what they take, what is long final is forgotten. Blocks carry the
/// wall clock's seconds.
/// </summary>
internal sealed class SteadyChain : IRpcTransport
{
    // Aave 3.7, the newest.
    private const ulong Revision = 11;

    // People who act in a block.
    private const int Acting = 4;
    private const int UnfinalBlocks = 8;
    private const int BlocksKept = 512;

    private readonly Random random = new(1);
    private readonly FakeNode node;
    private readonly UInt256[] firstPrices;
    private readonly TimeProvider time;

    public SteadyChain(int people, TimeProvider time)
    {
        this.time = time;
        Market = new FakeAave(Revision, seed: 7, isEmpty: true, people: people);
        Market.NextBlock(Now - Market.Header.Timestamp);
        for (var i = 0; i < people; i++)
        {
            // In the market's own reckoning a debt of 16,000 or so is at the edge.
            Market.Supply(Market.Owners[i], CollateralOf(i), 20_000);
            Market.Borrow(Market.Owners[i], Market.Reserves[2], (uint)(i % 50 == 0 ? random.Next(11_500, 15_500) : random.Next(1_000, 9_500)));
        }

        firstPrices = [.. Market.Reserves.Select(static r => r.Price)];
        node = new FakeNode(Market.Header.Number, Market.Header.Timestamp)
        {
            ChainId = 31337, OnCall = (call, _) => Market.Answer(call), Finalized = Market.Header.Number,
        };
    }

    public FakeAave Market { get; }

    public string Name => node.Name;

    public int Calls { get; private set; }

    private ulong Now => (ulong)time.GetUtcNow().ToUnixTimeSeconds();

    public Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        Calls += batch.Count;
        return node.SendAsync(batch, cancellationToken);
    }

    public void Mine()
    {
        Market.NextBlock(Math.Max(Now, Market.Header.Timestamp) - Market.Header.Timestamp);
        for (var i = 0; i < Acting; i++)
        {
            Act(random.Next(Market.Owners.Count));
        }

        for (var i = 0; i < firstPrices.Length; i++)
        {
            // Up to 0.1 % a block, more often back than away: it stays within some percent of where it began.
            var reserve = Market.Reserves[i];
            var back = reserve.Price > firstPrices[i] ? -5 : 5;
            reserve.Price = reserve.Price * (ulong)(100_000 + back + random.Next(-100, 101)) / 100_000u;
        }

        var head = node.MineAfter(Market.Header.Timestamp - node.Head.Timestamp, [.. Market.Logs]);
        node.Finalized = Math.Max(node.Finalized!.Value, head.Number - UnfinalBlocks);
        node.Requests.Clear();
        node.ForgetBefore(head.Number < BlocksKept ? 0 : head.Number - BlocksKept);
    }

    private FakeReserve CollateralOf(int person) => Market.Reserves[person % 2];

    private void Act(int person)
    {
        // No positions but those of the beginning: a market that grows would be memory that grows.
        var user = Market.Owners[person];
        switch (random.Next(4))
        {
            case 0:
                Market.Supply(user, CollateralOf(person), (ulong)random.Next(1, 500));
                break;
            case 1:
                Market.Withdraw(user, CollateralOf(person), 2);
                break;
            case 2:
                Market.Borrow(user, Market.Reserves[2], (ulong)random.Next(1, 100));
                break;
            default:
                Market.Repay(user, Market.Reserves[2], 2);
                break;
        }
    }
}
