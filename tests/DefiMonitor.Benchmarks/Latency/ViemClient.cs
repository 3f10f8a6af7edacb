using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.DevnetTests.Harness;

namespace DefiMonitor.Benchmarks.Latency;

/// <summary>peers/latency-viem.mjs as a process of its own.</summary>
internal sealed class ViemClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess process;

    private ViemClient(ChildProcess process) => this.process = process;

    public static async Task<ViemClient> StartAsync(string socket, Address pool)
    {
        var folder = Path.Combine(Repository.Root, "tests", "DefiMonitor.Benchmarks", "peers");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "viem")))
        {
            throw new InvalidOperationException($"viem is not installed in {folder}: run 'npm ci --ignore-scripts' there, or compare.sh, which does.");
        }

        var client = new ViemClient(ChildProcess.Start("The viem client", "node", ["latency-viem.mjs", socket, pool.ToHex()], folder));
        await client.process.ReadLineAsync(Patience, "that it is subscribed");
        return client;
    }

    public async Task ListenAsync(bool yes)
    {
        await process.WriteLineAsync(yes ? "listen" : "rest");
        await process.ReadLineAsync(Patience, "that it has heard");
    }

    /// <summary>Milliseconds from the announcement of that block to its logs, decoded; and how many there were.</summary>
    public async Task<(double Milliseconds, int Logs)> BlockAsync(ulong number)
    {
        var line = JsonDocument.Parse(await process.ReadLineAsync(Patience, $"what block {number} took")).RootElement;
        return line.GetProperty("number").GetUInt64() == number
            ? (line.GetProperty("ms").GetDouble(), line.GetProperty("logs").GetInt32())
            : throw new InvalidOperationException($"The viem client speaks of block {line.GetProperty("number")} instead of {number}.");
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
