using System.Globalization;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Benchmarks.Latency;

/// <summary>
/// From a node's announcement of a head to the committed judgement with its outbox rows, on a local node with the real contracts of Aave 3.6:
/// <c>latency [--accounts N] [--blocks N]</c>. A viem client that only fetches and decodes the logs is heard in turn on the same node. At every block all prices move
/// and three people act.
/// </summary>
internal static class LatencyRow
{
    private const int Rounds = 10;
    private const int WarmUp = 30;
    private const int Sample = 200;
    private const int CallsAtMost = 3;
    private const int Deeds = 3;

    // What the loop does behind a block is through by then.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    public static async Task RunAsync(string[] args)
    {
        var given = new Arguments(args);
        var (people, blocks) = (given.Number("accounts", 10_000), given.Number("blocks", 200));
        var folder = Directory.CreateTempSubdirectory("defimonitor-latency-").FullName;
        try
        {
            await RunAsync(people, Math.Max(1, blocks / Rounds), Path.Combine(folder, "monitor.db"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task RunAsync(int people, int chunk, string database)
    {
        // So far back that no block of the run lies in the future.
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeSeconds();
        await using var devnet = await Devnet.StartAsync(accounts: 0, seed: 1, yesterday);
        var crowd = await devnet.DoAsync(new { cmd = "crowd", market = Devnet.Core36, count = people });
        List<Address> owners = [.. crowd.GetProperty("accounts").EnumerateArray().Select(static a => Address.Parse(a.GetString()!))];
        var socket = devnet.Rpc.Replace("http:", "ws:", StringComparison.Ordinal);
        if (!EndpointUrl.TryParse(socket, out var url, out var error))
        {
            throw new InvalidOperationException(error);
        }

        var deployment = devnet.Settings.Deployments.Single(static d => d.Id.Name == Devnet.Core36);
        await using var monitor = await RunningMonitor.StartAsync(devnet.Settings, deployment, url, owners, database);
        await using var viem = await ViemClient.StartAsync(socket, devnet.Pools[Devnet.Core36]);
        await WarmUpAsync(devnet, monitor, viem);
        var ours = new List<MeasuredBlock>();
        var theirs = new List<double>();
        monitor.ForgetStages();
        for (var round = 0; round < Rounds; round++)
        {
            ours.AddRange(await OursAsync(devnet, monitor, chunk));
            theirs.AddRange(await TheirsAsync(devnet, monitor, viem, chunk));
        }

        var stages = monitor.Stages();
        var equal = await monitor.EndAsync(Math.Min(Sample, people));
        Print(people, equal, ours, theirs, stages);
    }

    /// <summary>Until everybody has entered and stands on disk, which is a cost of the start, and both programs are warm.</summary>
    private static async Task WarmUpAsync(Devnet devnet, RunningMonitor monitor, ViemClient viem)
    {
        ulong? entered = null;
        for (var i = 0; ; i++)
        {
            var head = await StirAsync(devnet);
            await monitor.JudgedAsync(head);
            await Task.Delay(Pause);
            if (entered is null && monitor.Waiting == 0)
            {
                entered = head;
            }

            if (i >= WarmUp && entered is { } all && monitor.StoredAt(head) >= all)
            {
                break;
            }

            if (i % 10 == 9)
            {
                await TheirsAsync(devnet, monitor, viem, 5);
            }
        }
    }

    private static async Task<List<MeasuredBlock>> OursAsync(Devnet devnet, RunningMonitor monitor, int blocks)
    {
        var measured = new List<MeasuredBlock>();

        // The first takes in what it was kept from while the other was heard.
        for (var i = 0; i <= blocks; i++)
        {
            var block = await monitor.MeasuredAsync(await StirAsync(devnet));
            await Task.Delay(Pause);
            if (i > 0)
            {
                measured.Add(block);
            }
        }

        return measured;
    }

    private static async Task<List<double>> TheirsAsync(Devnet devnet, RunningMonitor monitor, ViemClient viem, int blocks)
    {
        monitor.IsResting = true;
        await viem.ListenAsync(true);
        var measured = new List<double>();
        for (var i = 0; i < blocks; i++)
        {
            var number = await StirAsync(devnet);
            var (milliseconds, logs) = await viem.BlockAsync(number);
            if (logs < Deeds)
            {
                throw new InvalidOperationException($"viem decoded {logs} logs of block {number}, in which {Deeds} people acted.");
            }

            measured.Add(milliseconds);
            await Task.Delay(Pause);
        }

        await viem.ListenAsync(false);
        monitor.IsResting = false;
        return measured;
    }

    private static async Task<ulong> StirAsync(Devnet devnet) =>
        (await devnet.DoAsync(new { cmd = "stir", actions = Deeds, volatility = 0.003 })).GetProperty("number").GetUInt64();

    private static void Print(int people, int equal, List<MeasuredBlock> ours, List<double> theirs, string stages)
    {
        if (ours.Find(static b => b.Calls > CallsAtMost) is { } busy)
        {
            Console.Error.WriteLine($"Block {busy.Number} took {busy.Calls} JSON-RPC calls over the socket ({busy.Methods}); {CallsAtMost} are promised.");
        }

        var told = ours.FindAll(static b => b.Told > 0);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accounts={people} equal_to_contract={equal} blocks={ours.Count} blocks_told={told.Count} calls_most={ours.Max(static b => b.Calls)} stages_p50_ms={stages}"));
        Console.WriteLine(string.Join(' ', [
            .. Both("total", ours.Select(static b => b.Total)),
            .. Both("told", told.Select(static b => b.Total)),
            .. Both("node", ours.Select(static b => b.Node)),
            .. Both("ours", ours.Select(static b => b.Ours)),
            .. Both("logs", ours.Select(static b => b.Logs)),
            .. Both("viem", theirs)]));
    }

    private static string[] Both(string name, IEnumerable<double> values)
    {
        var all = values.ToList();
        return [FormattableString.Invariant($"{name}_p50={Figures.Quantile(all, 0.5):F2}"), FormattableString.Invariant($"{name}_p99={Figures.Quantile(all, 0.99):F2}")];
    }
}
