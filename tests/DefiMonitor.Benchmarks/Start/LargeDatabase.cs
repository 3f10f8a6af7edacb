using DefiMonitor.Benchmarks.Blocks;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Engine.Telemetry;

namespace DefiMonitor.Benchmarks.Start;

/// <summary>
/// The database that a monitor of many accounts would have left: the thousand of the small world enter and are judged by the real loop, and what that wrote (rows,
/// reports, memories, alerts) is written once more for each of the many, through the store's own statements. Of those in calm, whom no start looks at, only one in ten
/// gets the whole report and a memory: of everybody they would be four gigabytes.
/// </summary>
internal sealed class LargeDatabase
{
    private const int Chunk = 50_000;
    private const int WholeOneIn = 10;

    private readonly IProtocol protocol;
    private readonly JudgedBlock judged;
    private readonly Dictionary<Address, int> shapes = [];
    private readonly (Address Address, int Shape)[] everybody;
    private readonly SqlStore large;
    private readonly Fence fence;

    private LargeDatabase(SmallWorld world, IProtocol protocol, JudgedBlock judged, SqlStore large, Fence fence, int people)
    {
        (this.protocol, this.judged, this.large, this.fence) = (protocol, judged, large, fence);
        for (var i = 0; i < SmallWorld.Shapes; i++)
        {
            shapes.Add(world.Market.Owners[i], i);
        }

        everybody = new (Address, int)[people];
        for (var i = 0; i < people; i++)
        {
            everybody[i] = (SmallWorld.AddressOf(i), SmallWorld.ShapeOf(i));
        }

        Array.Sort(everybody, static (a, b) => a.Address.CompareTo(b.Address));
    }

    public static async Task MakeAsync(SmallWorld world, string path, int people)
    {
        var folder = Directory.CreateTempSubdirectory("defimonitor-start-").FullName;
        try
        {
            await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = Path.Combine(folder, "small.db") });
            JudgedBlock? block = null;
            using var metrics = new MonitorMetrics();
            await using var run = new Watched(world.Market, world.Node, metrics).Over(store, b => block = b);
            await run.Loop.StartAsync(CancellationToken.None);
            while (block?.Accounts.Count != SmallWorld.Shapes)
            {
                await run.Loop.StepAsync(CancellationToken.None);
            }

            await using var database = await SqlStore.OpenAsync(new SqlStoreOptions { Path = path, Durable = false });
            var writer = new LargeDatabase(world, run.Protocol, block, database, await database.ClaimAsync(run.Loop.Name), people);
            await writer.WriteCandidatesAsync();
            await writer.WriteStateAsync();
            await writer.WriteJudgementsAsync(await store.LatestAlertsAsync(run.Loop.Name), (await store.MemoriesAsync(run.Loop.Chain, int.MaxValue)).Memories);
            await writer.WriteBeatAsync();
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private Task WriteBeatAsync() =>
        large.BeatAsync(
            fence, new Heartbeat(TimeProvider.System.GetUtcNow(), judged.Head, judged.Head, null) { Reads = [new ReadMark(protocol.Id, judged.Head)] }, CancellationToken.None);

    private async Task WriteCandidatesAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var some in everybody.Chunk(Chunk))
        {
            await large.AddCandidatesAsync(fence, [.. some.Select(one => new Candidate(IdOf(one.Address), CandidateSource.Discovery, now, FoundBlock: judged.Head.Number))]);
        }
    }

    /// <summary>Rows whose key begins with somebody's address are his, all others the market's.</summary>
    private async Task WriteStateAsync()
    {
        foreach (var table in protocol.Tables)
        {
            var ofShape = new List<KeyValuePair<byte[], byte[]>>?[SmallWorld.Shapes];
            var rows = new List<RowWrite>();
            foreach (var row in table.Dump())
            {
                if (row.Key.Length >= Address.Size && shapes.TryGetValue(Address.FromBytes(row.Key.AsSpan(0, Address.Size)), out var shape))
                {
                    (ofShape[shape] ??= []).Add(row);
                }
                else
                {
                    rows.Add(new RowWrite(protocol.Id, table.Name, row.Key, row.Value));
                }
            }

            foreach (var (address, shape) in everybody)
            {
                foreach (var row in ofShape[shape] ?? [])
                {
                    rows.Add(new RowWrite(protocol.Id, table.Name, [.. address.ToArray(), .. row.Key.AsSpan(Address.Size)], row.Value));
                }

                if (rows.Count >= Chunk)
                {
                    await large.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = protocol.Id.Chain, Block = judged.Head, Rows = rows });
                    rows.Clear();
                }
            }

            await large.CommitFinalizedAsync(fence, new FinalizedCommit { Chain = protocol.Id.Chain, Block = judged.Head, Rows = rows });
        }
    }

    private async Task WriteJudgementsAsync(IReadOnlyList<AlertState> alerts, IReadOnlyList<AccountMemory> memories)
    {
        var report = new JudgedAccount[SmallWorld.Shapes];
        var memory = new AccountMemory[SmallWorld.Shapes];
        var alert = new AlertState?[SmallWorld.Shapes];
        foreach (var account in judged.Accounts)
        {
            report[ShapeOf(account.Account)] = account;
        }

        foreach (var one in memories)
        {
            memory[ShapeOf(one.Account)] = one;
        }

        foreach (var one in alerts)
        {
            if (MarginAccountId.TryParse(one.Subject.Key, out var account) && account is not null)
            {
                alert[ShapeOf(account)] = one;
            }
        }

        var now = TimeProvider.System.GetUtcNow();
        foreach (var some in everybody.Chunk(Chunk))
        {
            var commit = new List<(ReportRow Report, AccountMemory? Memory, AlertState? Alert)>(some.Length);
            foreach (var (address, shape) in some)
            {
                var id = IdOf(address);
                var of = report[shape];
                var subject = new AlertSubject(SubjectKind.Account, id.ToString());
                var isWhole = alert[shape] is not null || shape % WholeOneIn == 0;
                var worse = of.Worse with { Account = id };
                commit.Add((
                    new ReportRow(isWhole ? worse : worse with { Positions = [], Triggers = [], Remedies = [], Liquidations = [], NativeWords = [] }, of.Level, of.Distance?.Sigmas, now) { Calm = of.Calm },
                    isWhole ? memory[shape] with { Account = id, Baseline = memory[shape].Baseline! with { Account = id } } : null,
                    alert[shape] is { } open ? open with { Subject = subject, AlertId = AlertIds.Alert(subject, open.Rule, open.OpenedAt.Number) } : null));
            }

            await large.CommitAsync(fence, new JudgementCommit
            {
                At = now,
                Reports = commit.ConvertAll(static c => c.Report),
                Memories = [.. commit.Select(static c => c.Memory).OfType<AccountMemory>()],
                Alerts = [.. commit.Select(static c => c.Alert).OfType<AlertState>()],
            });
        }
    }

    private MarginAccountId IdOf(Address address) => new(protocol.Id, address.ToHex());

    private int ShapeOf(MarginAccountId account) => shapes[Address.Parse(account.Key)];
}
