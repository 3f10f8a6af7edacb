using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Discovery;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Ranges;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Ethereum;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Tests.Engine.Discovery;

public sealed class BorrowerSearchTests : IDisposable
{
    private static readonly LogRangeOptions Pages = new() { FirstBlocks = 50, MostBlocks = 50, Patience = TimeSpan.Zero };

    private readonly IProtocol protocol = BorrowedChain.Protocol();
    private readonly SimulatedTime time = new() { AutoAdvance = true };
    private readonly string folder = Directory.CreateTempSubdirectory("defimonitor-discovery-").FullName;

    private string File => Path.Combine(folder, "d.db");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_finds_who_borrowed_and_the_next_run_asks_only_for_what_is_new(bool bulk)
    {
        var node = BorrowedChain.Node(1_000);
        await RunAsync(node, 100, 900, bulk);
        (await FoundAsync(100, 900)).ShouldBe(BorrowedChain.Borrowers(100, 900));
        Rows().ShouldBe(BorrowedChain.Logs(100, 900));
        HasIndex().ShouldBe(bulk, "building it is one long commit, and beside a running monitor his have to come through");

        node.Requests.Clear();
        var plan = await RunAsync(node, 100, 1_000, bulk);
        plan.Blocks.ShouldBe(100UL);
        LowestAsked(node).ShouldBeGreaterThan(900UL);
        (await FoundAsync(100, 1_000)).ShouldBe(BorrowedChain.Borrowers(100, 1_000));
        (await FoundAsync(500, 520)).ShouldBe(BorrowedChain.Borrowers(500, 520));

        node.Requests.Clear();
        (await RunAsync(node, 100, 1_000, bulk)).Missing.ShouldBeEmpty();
        node.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_it_costs_is_told_before_and_is_what_it_costs()
    {
        var node = BorrowedChain.Node(1_000);
        var asked = 0;
        await RunAsync(node, 100, 1_000, true, plan =>
        {
            asked = node.Requests.Count;
            plan.Calls.ShouldBe(2UL * 19);
        });
        (node.Requests.Count - asked).ShouldBe(2 * 19);
    }

    [Fact]
    public async Task A_node_that_dies_leaves_what_was_read_and_the_next_run_goes_on_from_there()
    {
        var node = BorrowedChain.Node(1_000);
        for (var run = 0; ; run++)
        {
            var left = 24;
            node.Fault = batch => (left -= batch.Count) < 0 ? NodeFault.Fail : NodeFault.None;
            try
            {
                await RunAsync(node, 100, 1_000, true);
                run.ShouldBeGreaterThan(0);
                break;
            }
            catch (RpcException e)
            {
                e.Kind.ShouldBe(RpcFailure.Unreachable);
                run.ShouldBeLessThan(20);
            }
        }

        (await FoundAsync(100, 1_000)).ShouldBe(BorrowedChain.Borrowers(100, 1_000));
        Rows().ShouldBe(BorrowedChain.Logs(100, 1_000));
    }

    /// <summary>What a kill at any moment leaves: the files as they are. Coverage never says more than the rows hold.</summary>
    [Fact]
    public async Task A_kill_at_any_moment_loses_no_borrower()
    {
        var resumed = 0;
        for (var after = 1; after < 19; after += 2)
        {
            var run = Directory.CreateDirectory(Path.Combine(folder, $"{after}")).FullName;
            var node = BorrowedChain.Node(1_000);
            var hanging = new Hanging(node, after);
            var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = Path.Combine(run, "alive.db") });
            using var stop = new CancellationTokenSource();
            var search = new BorrowerSearch(store, new LogRangeReader(hanging, Pages, time), new Ticking(), bulk: true);
            var living = Task.Run(async () =>
            {
                var fence = await store.ClaimAsync("discover/eip155:1");
                await search.RunAsync(fence, await search.PlanAsync(protocol, 100, 1_000, stop.Token), static _ => { }, stop.Token);
            });
            await hanging.Hangs;
            foreach (var file in Directory.GetFiles(run, "alive.db*").Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
            {
                System.IO.File.Copy(file, file.Replace("alive", "dead", StringComparison.Ordinal));
            }

            await stop.CancelAsync();
            await ((Task)living).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await store.DisposeAsync();

            resumed += (await RunAsync(node, 100, 1_000, true, null, Path.Combine(run, "dead.db"))).Blocks < 901 ? 1 : 0;
            (await FoundAsync(100, 1_000, Path.Combine(run, "dead.db"))).ShouldBe(BorrowedChain.Borrowers(100, 1_000));
        }

        resumed.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task What_no_node_serves_is_kept_as_such_and_asked_for_again()
    {
        var node = BorrowedChain.Node(1_000);
        node.PrunedBelow = 300;
        node.Broken = 700;
        var plan = await RunAsync(node, 100, 1_000, true);
        plan.Coverage.Unserved(100, 1_000).Select(g => (g.First, g.Last)).ShouldBe([(100UL, 299UL), (700UL, 700UL)]);

        var again = await RunAsync(node, 100, 1_000, true);
        again.Blocks.ShouldBe(201UL);
        again.Coverage.Unserved(100, 1_000).Count.ShouldBe(2);

        var archive = BorrowedChain.Node(1_000);
        (await RunAsync(archive, 100, 1_000, true)).Blocks.ShouldBe(201UL);
        archive.Requests.Count.ShouldBeLessThan(20);
        (await RunAsync(archive, 100, 1_000, true)).Missing.ShouldBeEmpty();
        (await FoundAsync(100, 1_000)).ShouldBe(BorrowedChain.Borrowers(100, 1_000));
    }

    [Fact]
    public async Task What_was_read_for_another_question_counts_for_nothing()
    {
        var node = BorrowedChain.Node(300);
        await RunAsync(node, 100, 400, true);
        await using var store = await OpenAsync(File);
        (await store.DiscoveryAsync(protocol.Id, "another")).Ranges.ShouldBeEmpty();
        var fence = await store.ClaimAsync("discover/eip155:1");
        await store.BeginDiscoveryAsync(fence, protocol.Id, "another", withoutIndex: false);
        Rows().ShouldBe(0);
        (await store.DiscoveredAsync(protocol.Id, 0, 1_000)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_search_that_another_has_taken_over_writes_nothing_more()
    {
        var node = BorrowedChain.Node(1_000);
        await using var store = await OpenAsync(File);
        var search = new BorrowerSearch(store, new LogRangeReader(node, Pages, time), time, bulk: true);
        var fence = await store.ClaimAsync("discover/eip155:1");
        var plan = await search.PlanAsync(protocol, 100, 1_000, CancellationToken.None);
        await store.ClaimAsync("discover/eip155:1");
        await Should.ThrowAsync<FencedException>(() => search.RunAsync(fence, plan, static _ => { }, CancellationToken.None));
        Rows().ShouldBe(0);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Task<SqlStore> OpenAsync(string file) => SqlStore.OpenAsync(new SqlStoreOptions { Path = file });

    private static ulong LowestAsked(FakeNode node) => node.Requests.Where(r => r.Method == "eth_getLogs").Min(r => Convert.ToUInt64(r.Params[0].GetProperty("fromBlock").GetString(), 16));

    private async Task<SearchPlan> RunAsync(IRpcTransport node, ulong from, ulong to, bool bulk, Action<SearchPlan>? planned = null, string? file = null)
    {
        await using var store = await OpenAsync(file ?? File);
        var search = new BorrowerSearch(store, new LogRangeReader(node, Pages, time), time, bulk);
        var plan = await search.PlanAsync(protocol, from, to, CancellationToken.None);
        planned?.Invoke(plan);
        await search.RunAsync(await store.ClaimAsync("discover/eip155:1"), plan, static _ => { }, CancellationToken.None);
        return plan;
    }

    private async Task<IReadOnlyList<string>> FoundAsync(ulong from, ulong to, string? file = null)
    {
        await using var store = await OpenAsync(file ?? File);
        return [.. (await store.DiscoveredAsync(protocol.Id, from, to)).Select(a => a.Key)];
    }

    private long Rows() => Ask("SELECT count(*) FROM discovery_log");

    private bool HasIndex() => Ask("SELECT count(*) FROM sqlite_master WHERE name = 'discovery_log_by_account'") == 1;

    private long Ask(string sql)
    {
        using var db = new SqliteConnection($"Data Source={File};Pooling=False");
        db.Open();
        using var command = db.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Half a second goes by between any two looks at it.</summary>
    private sealed class Ticking : TimeProvider
    {
        private long halves;

        public override long TimestampFrequency => 2;

        public override long GetTimestamp() => Interlocked.Increment(ref halves);
    }

    /// <summary>Answers so many posts, then never again.</summary>
    private sealed class Hanging(IRpcTransport inner, int answers) : IRpcTransport
    {
        private readonly TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int asked;

        public Task Hangs => hangs.Task;

        public string Name => inner.Name;

        public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref asked) > answers)
            {
                hangs.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await inner.SendAsync(batch, cancellationToken);
        }
    }
}
