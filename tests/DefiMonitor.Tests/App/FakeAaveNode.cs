using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Ethereum.Rpc;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using DefiMonitor.Tests.Settings;

namespace DefiMonitor.Tests.App;

/// <summary>An Aave market in memory behind a node that is served over HTTP: a chain of its own.</summary>
internal sealed class FakeAaveNode : IAsyncDisposable
{
    public const int Revision = 6;

    private static readonly ReadOnlyMemory<byte> BalanceOf = AbiSelector.Of("balanceOf(address)");
    private static readonly ReadOnlyMemory<byte> Allowance = AbiSelector.Of("allowance(address,address)");
    private static readonly ReadOnlyMemory<byte> EthBalance = AbiSelector.Of("getEthBalance(address)");

    private FakeAaveNode(FakeAave aave, FakeNode node, SlowNode slow, HttpNode http)
    {
        Aave = aave;
        Node = node;
        Slow = slow;
        Http = http;
    }

    public FakeAave Aave { get; }

    public FakeNode Node { get; }

    /// <summary>What makes it hang.</summary>
    public SlowNode Slow { get; }

    public HttpNode Http { get; }

    public static async Task<FakeAaveNode> StartAsync(ulong chain, int seed)
    {
        var aave = new FakeAave(Revision, seed);
        var node = new FakeNode(aave.Header.Number, aave.Header.Timestamp, $"http://chain-{chain}", salt: chain * 1_000) { ChainId = chain };
        node.OnCall = (call, _) => call switch
        {
            _ when Starts(call, EthBalance) => Word(UInt256.Pow10(18)),
            _ when Starts(call, Allowance) => Word(5u),
            _ when Starts(call, BalanceOf) && aave.Reserves.Exists(r => r.Asset == call.To) => Word(UInt256.Pow10(aave.Reserves.Find(r => r.Asset == call.To)!.Symbol == "USDC" ? 8 : 0)),
            _ when Starts(call, BalanceOf) => new CallResult(true, default),
            _ => aave.Answer(call),
        };
        var slow = new SlowNode(node);
        return new FakeAaveNode(aave, node, slow, await HttpNode.StartAsync(slow));
    }

    /// <summary>One more block on the market, and on the chain.</summary>
    public BlockHeader Mine()
    {
        Aave.Mine();
        return Node.MineAfter(Aave.Header.Timestamp - Node.Head.Timestamp, [.. Aave.Logs]);
    }

    public static void Configure(ConfigFolder folder, params (string Name, ulong Chain, string Url)[] chains)
    {
        foreach (var (name, chain, url) in chains)
        {
            folder.With($"chains/{name}.json", $$"""{ "name": "{{name}}", "chainId": "eip155:{{chain}}", "endpoints": ["{{url}}"], "nextBlockSeconds": 12, "pollSeconds": 1 }""");
        }

        var deployments = chains.Select(c => $$"""{ "chain": "eip155:{{c.Chain}}", "name": "core", "poolAddressesProvider": "{{FakeAave.ProviderAddress}}", "source": "a fake" }""");
        folder.With("protocols/aave-v3.json", $$"""{ "deployments": [ {{string.Join(", ", deployments)}} ] }""");
    }

    public async ValueTask DisposeAsync()
    {
        Slow.Release();
        await Http.DisposeAsync();
    }

    private static bool Starts(Call call, ReadOnlyMemory<byte> selector) => call.Data.Span.StartsWith(selector.Span);

    private static CallResult Word(UInt256 value) => new(true, Hash32.FromUInt256(value).ToArray());
}

/// <summary>Passes everything on, or keeps everybody waiting until it is released.</summary>
internal sealed class SlowNode(IRpcTransport inner) : IRpcTransport
{
    private TaskCompletionSource? gate;

    public string Name => inner.Name;

    public void Hang() => gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        gate?.TrySetResult();
        gate = null;
    }

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        if (gate is { } closed)
        {
            await closed.Task.WaitAsync(cancellationToken);
        }

        return await inner.SendAsync(batch, cancellationToken);
    }
}
