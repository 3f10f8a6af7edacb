using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Discovery;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Ethereum.Ranges;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Protocols;
using Microsoft.Data.Sqlite;

namespace DefiMonitor.Benchmarks.Backfill;

/// <summary>
/// Backfill and discovery of a chain's logs: <c>backfill serve</c> is the node; <c>backfill ours --url URL</c> searches it as 'discover' does, into SQLite on disk, and
/// prints logs/s; <c>backfill bytes --url URL</c> only fetches the same pages.
/// </summary>
internal static class BackfillRow
{
    private const int PagesAtOnce = 4;

    public static async Task RunAsync(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "serve":
                await CannedNode.ServeAsync(args[1..]);
                break;
            case "ours":
                await OursAsync(new Arguments(args));
                break;
            case "bytes":
                await BytesAsync(new Arguments(args));
                break;
            default:
                throw new ArgumentException("write backfill serve, backfill ours --url URL or backfill bytes --url URL.");
        }
    }

    // No log with four topics takes fewer bytes of JSON.
    private const long LeastLog = 500;

    private static async Task OursAsync(Arguments args)
    {
        var folder = Directory.CreateTempSubdirectory("defimonitor-backfill-");
        try
        {
            // Once over a tenth of the chain, so that what is compiled on first use is.
            var url = Url(args);
            var blocks = (ulong)args.Number("blocks", 0);
            await SearchAsync(url, Path.Combine(folder.FullName, "warm.db"), blocks / 10);
            var (seconds, rows, people, calls, page) = await SearchAsync(url, Path.Combine(folder.FullName, "backfill.db"), blocks);
            var expected = args.Number("logs", 0);
            if (rows != expected)
            {
                throw new InvalidOperationException($"{rows} of {expected} logs are in the database.");
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{rows / seconds:F0} logs={rows} people={people} calls={calls} blocks_per_page={page} seconds={seconds:F2}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(double Seconds, long Rows, int People, long Calls, ulong BlocksPerPage)> SearchAsync(EndpointUrl url, string file, ulong to)
    {
        var id = new DeploymentId("morpho-blue", new ChainId(1), "market");
        var protocol = ProtocolCatalog.Create(
            new ProtocolDeployment(
                id, new Dictionary<string, Address> { ["morpho"] = Address.Parse(CannedChain.Morpho), ["adaptiveCurveIrm"] = Address.Parse("0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC") }, 1, null, null)
            {
                Hashes = new Dictionary<string, Hash32> { ["marketId"] = Hash32.Parse(CannedChain.Market) },
            },
            new ProtocolOptions());
        await using var pool = EndpointPool.Connect([url], new ChainId(1), new EndpointPoolOptions { Network = "eip155:1" }, TimeProvider.System);
        await using var store = await SqlStore.OpenAsync(new SqlStoreOptions { Path = file });
        var fence = await store.ClaimAsync("discover/eip155:1");
        var watch = Stopwatch.StartNew();
        var reader = new LogRangeReader(pool, new LogRangeOptions { InFlight = PagesAtOnce }, TimeProvider.System);
        var search = new BorrowerSearch(store, reader, TimeProvider.System, bulk: true);
        var plan = await search.PlanAsync(protocol, 1, to, CancellationToken.None);
        await search.RunAsync(fence, plan, static _ => { }, CancellationToken.None);
        var seconds = watch.Elapsed.TotalSeconds;
        if (plan.Coverage.Missing(1, to).Count > 0)
        {
            throw new InvalidOperationException("blocks are missing.");
        }

        return (seconds, RowsOf(file), (await store.DiscoveredAsync(id, 1, to)).Count, reader.Calls, plan.BlocksPerPage);
    }

    private static long RowsOf(string file)
    {
        using var db = new SqliteConnection($"Data Source={file};Pooling=False");
        db.Open();
        using var command = db.CreateCommand();
        command.CommandText = "SELECT count(*) FROM discovery_log";
        return (long)command.ExecuteScalar()!;
    }

    private static async Task BytesAsync(Arguments args)
    {
        var url = Url(args);
        var blocks = args.Number("blocks", 0);
        var page = args.Number("page", 40);
        await FetchAsync(url, blocks / 10, page);
        var watch = Stopwatch.StartNew();
        var bytes = await FetchAsync(url, blocks, page);
        var seconds = watch.Elapsed.TotalSeconds;
        if (bytes < LeastLog * args.Number("logs", 0))
        {
            throw new InvalidOperationException($"{bytes} bytes are not all logs.");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{args.Number("logs", 0) / seconds:F0} mb={bytes / 1e6:F0} seconds={seconds:F2}"));
    }

    private static async Task<long> FetchAsync(EndpointUrl url, int blocks, int page)
    {
        using var http = new HttpClient();
        var next = 1 - page;
        var sum = 0L;
        await Task.WhenAll(Enumerable.Range(0, PagesAtOnce).Select(async _ =>
        {
            var buffer = new byte[256 * 1024];
            int from;
            while ((from = Interlocked.Add(ref next, page)) <= blocks)
            {
                using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(
                    $$"""{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"fromBlock":"0x{{from:x}}","toBlock":"0x{{Math.Min(blocks, from + page - 1):x}}","address":"{{CannedChain.Morpho}}"}]}"""));
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using var request = new HttpRequestMessage(HttpMethod.Post, url.Uri) { Content = content };
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                response.EnsureSuccessStatusCode();
                await using var stream = await response.Content.ReadAsStreamAsync();
                int read;
                while ((read = await stream.ReadAsync(buffer)) > 0)
                {
                    Interlocked.Add(ref sum, read);
                }
            }
        }));
        return sum;
    }

    private static EndpointUrl Url(Arguments args) =>
        EndpointUrl.TryParse(args.Text("url"), out var url, out var error) ? url : throw new ArgumentException($"--url: {error}");
}
