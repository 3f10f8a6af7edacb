using DefiMonitor.App.Cli;
using DefiMonitor.Core.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Ranges;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Hosting;

/// <summary>A way to one chain's nodes, closed when disposed.</summary>
public sealed class Node : IAsyncDisposable
{
    private Node(IRpcTransport transport) => Transport = transport;

    public IRpcTransport Transport { get; }

    /// <summary>All endpoints of a chain as one, with retries and failover.</summary>
    public static Node Pool(ChainSettings chain, TimeProvider time, RpcMetrics? metrics = null) => new(EndpointPool.Connect(
        chain.Endpoints, chain.Chain, new EndpointPoolOptions { Network = chain.Chain.ToString() }, time, () => new CallBudget(chain.CallsPerDay, null, time), metrics));

    /// <summary>One endpoint alone, without retries and failover.</summary>
    public static Node Single(EndpointUrl url, TimeProvider time) =>
        new(url.IsWebSocket ? new WebSocketTransport(url, time: time) : new HttpTransport(url, time: time));

    /// <summary>Calls since midnight UTC at the endpoint that has spent most: each has a plan of its own.</summary>
    public long SpentToday() => Transport is EndpointPool pool ? pool.Status().Max(e => e.SpentToday) : 0;

    public EvmClient Client(ChainSettings chain, TimeProvider? time = null) => new(Transport, new EvmClientOptions { Multicall = chain.Multicall }, time);

    /// <summary>For long ranges of logs.</summary>
    public LogRangeReader Ranges(ChainSettings chain, TimeProvider time)
    {
        var usual = new LogRangeOptions();
        return new LogRangeReader(Transport, chain.LogRange is { } limit ? usual with { MostBlocks = limit } : usual, time);
    }

    public async ValueTask DisposeAsync()
    {
        switch (Transport)
        {
            case IAsyncDisposable later:
                await later.DisposeAsync();
                break;
            case IDisposable now:
                now.Dispose();
                break;
        }
    }

    /// <summary>URLs of the command line.</summary>
    /// <exception cref="CliException">One of them is none.</exception>
    public static IReadOnlyList<EndpointUrl> Urls(IReadOnlyList<string> texts) =>
        [.. texts.Select(t => EndpointUrl.TryParse(t, out var url, out var error) ? url : throw new CliException(ExitCode.Usage, $"--rpc: {error}"))];

    /// <summary>Asks the first URL which chain it serves, and finds that chain in the configuration; a chain that nobody configured gets cautious defaults.</summary>
    /// <exception cref="CliException">The node can't be reached.</exception>
    public static async Task<(ChainSettings Chain, IReadOnlyList<EndpointUrl> Urls)> ChainOfAsync(
        MonitorSettings settings, IReadOnlyList<string> texts, TimeProvider time, CancellationToken cancellationToken)
    {
        var urls = Urls(texts);
        await using var node = Single(urls[0], time);
        ChainId id;
        try
        {
            id = await new EvmClient(node.Transport).GetChainIdAsync(cancellationToken);
        }
        catch (RpcException e)
        {
            throw new CliException(ExitCode.Node, e.Message, e);
        }

        var known = settings.ChainOf(id) ?? new ChainSettings { Name = $"chain-{id.Value}", Chain = id, NextBlockSeconds = 1, File = "the defaults" };
        return (known with { Endpoints = urls }, urls);
    }
}
