using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Following;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Tests.Ethereum;

public sealed class ForksAndFaultsTests
{
    private static readonly Address Pool = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Hash32 Supply = Keccak256.HashUtf8("Supply()");

    /// <summary>Whatever chain, endpoint and luck do: what was told, applied in order, is always a chain, and at last the node's.</summary>
    [Fact]
    public async Task Under_any_forks_and_faults_what_was_told_is_the_chain()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            await RunAsync(new Random(seed), seed);
        }
    }

    private static async Task RunAsync(Random random, int seed)
    {
        var node = new FakeNode(firstNumber: 99, salt: (ulong)seed * 1_000_000)
        {
            LogsOf = number => [.. Enumerable.Range(0, (int)(number % 3)).Select(l => FakeNode.LogOf(Pool, Supply, (uint)l, BitConverter.GetBytes(number)))],
        };
        var time = new SimulatedTime();
        var follower = new ChainFollower(new EvmClient(node), new ChainFollowerOptions { BlocksAtOnce = 1 + random.Next(6), FinalityEvery = TimeSpan.FromSeconds(24) }, time);
        follower.Start(random.Next(2) == 0 ? node.Head : null);
        var told = new List<BlockHeader>();
        var final = 0UL;
        node.Fault = _ => random.Next(8) == 0 ? (NodeFault)(1 + random.Next(7)) : NodeFault.None;
        for (var turn = 0; turn < 40; turn++)
        {
            switch (random.Next(5))
            {
                case 0 when node.Canonical.Count > 12 && node.Finalized is { } limit && node.Head.Number > limit + 1:
                    var depth = 1 + random.Next((int)(node.Head.Number - limit - 1));
                    node.Reorg(depth, random.Next(depth + 3));
                    break;
                case 1:
                    node.Finalized = Math.Max(node.Finalized ?? node.Canonical[0].Header.Number, node.Head.Number - (ulong)random.Next(8));
                    break;
                default:
                    node.MineMany(random.Next(6));
                    break;
            }

            time.Advance(TimeSpan.FromSeconds(random.Next(20)));
            await TryPollAsync();
        }

        node.Fault = _ => NodeFault.None;
        node.MineMany(20);
        time.Advance(TimeSpan.FromSeconds(60));
        await TryPollAsync();
        told[^1].ShouldBe(node.Head, $"seed {seed}");
        told.Except(node.Canonical.Select(b => b.Header)).ShouldBeEmpty($"seed {seed}");

        async Task TryPollAsync()
        {
            try
            {
                await foreach (var e in follower.PollAsync(Filters, CancellationToken.None))
                {
                    Apply(e);
                }
            }
            catch (RpcException)
            {
                // Part of the game: the next poll goes on.
            }
        }

        void Apply(ChainEvent e)
        {
            switch (e)
            {
                case BlockAdded added:
                    if (told.Count > 0)
                    {
                        added.Header.ParentHash.ShouldBe(told[^1].Hash, $"seed {seed}");
                    }

                    foreach (var log in added.Logs)
                    {
                        log.Data.Span.SequenceEqual(BitConverter.GetBytes(added.Header.Number)).ShouldBeTrue($"seed {seed}");
                    }

                    added.Logs.Count.ShouldBe((int)(added.Header.Number % 3), $"seed {seed}");
                    told.Add(added.Header);
                    break;
                case BlockReverted reverted:
                    told[^1].ShouldBe(reverted.Header, $"seed {seed}");
                    reverted.Header.Number.ShouldBeGreaterThan(final, $"seed {seed}");
                    told.RemoveAt(told.Count - 1);
                    break;
                case BlockFinalized finalized:
                    told.Exists(h => h.Ref == finalized.Block).ShouldBeTrue($"seed {seed}");
                    finalized.Block.Number.ShouldBeGreaterThan(final, $"seed {seed}");
                    final = finalized.Block.Number;
                    break;
            }
        }
    }

    private static IReadOnlyCollection<LogFilter> Filters() => [new LogFilter([Pool], [Supply])];
}
