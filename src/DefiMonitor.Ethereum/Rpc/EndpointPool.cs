using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum.Rpc;

/// <summary>
/// Several endpoints of one chain as one. Only here are failures retried: with growing, jittered pauses, respecting Retry-After, on the next endpoint that is fit.
/// An endpoint is kept while it does well, so that one block is read from one place.
/// </summary>
/// <remarks>Retry, failover, budget and cool-down decide about one another (whom to ask next depends on all four), so this is one loop of its own and not a chain of Polly strategies.</remarks>
public sealed class EndpointPool : IRpcTransport, IAsyncDisposable
{
    private readonly Endpoint[] endpoints;
    private readonly ChainId? chain;
    private readonly EndpointPoolOptions options;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly RpcMetrics? metrics;
    private readonly Lock gate = new();
    private readonly EndpointComparison comparison;
    private int current;

    /// <param name="transports">In order of preference; at least one. Disposed with the pool.</param>
    /// <param name="chain">The chain that every endpoint must serve; asked before its first use. Null = not checked ('init' asks for it).</param>
    /// <param name="budget">Made for each endpoint; null = no limit.</param>
    public EndpointPool(
        IReadOnlyList<IRpcTransport> transports, ChainId? chain, EndpointPoolOptions options, TimeProvider time, Func<CallBudget>? budget = null, RpcMetrics? metrics = null, Random? random = null)
    {
        if (transports.Count == 0)
        {
            throw new ArgumentException("A pool has at least one endpoint.", nameof(transports));
        }

        endpoints = [.. transports.Select(t => new Endpoint(t, budget?.Invoke() ?? new CallBudget(null, null, time)))];
        this.chain = chain;
        this.options = options;
        this.time = time;
        this.random = random ?? Random.Shared;
        this.metrics = metrics;
        comparison = new EndpointComparison(this, options, time);
    }

    public string Name => endpoints[Volatile.Read(ref current)].Name;

    /// <summary>A pool of HTTP and WebSocket endpoints by URL.</summary>
    public static EndpointPool Connect(
        IEnumerable<EndpointUrl> urls, ChainId? chain, EndpointPoolOptions options, TimeProvider time, Func<CallBudget>? budget = null, RpcMetrics? metrics = null) =>
        new([.. urls.Select(u => u.IsWebSocket ? (IRpcTransport)new WebSocketTransport(u, time: time) : new HttpTransport(u, time: time))], chain, options, time, budget, metrics);

    public IReadOnlyList<EndpointStatus> Status()
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            return [.. endpoints.Select((e, i) => e.Status(i == current, now))];
        }
    }

    public async Task<IReadOnlyList<RpcReply>> SendAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken) => (await AskAsync(batch, cancellationToken)).Replies;

    /// <summary>One post to the endpoint in use, which is neither waited for, nor turned from, nor cooled by it.</summary>
    public async Task<IReadOnlyList<RpcReply>> SendBesideAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var endpoint = Current;
        bool isFit;
        lock (gate)
        {
            isFit = endpoint.CoolingUntil <= time.GetUtcNow() && (endpoint.ChainChecked || chain is null);
        }

        if (!isFit)
        {
            throw new RpcException(RpcFailure.Unreachable, $"{endpoint.Name} is left alone for now, also by what is asked beside the work.");
        }

        if (!endpoint.Budget.TrySpend(batch.Count, out var wait, out _))
        {
            throw new RpcException(RpcFailure.BudgetSpent, $"The calls that are allowed for {endpoint.Name} are spent; what is asked beside the work does not wait for more.", wait);
        }

        return await PostAsync(endpoint, batch, beside: true, cancellationToken);
    }

    /// <summary>As <see cref="SendAsync(IReadOnlyList{RpcRequest}, CancellationToken)"/>, and who answered.</summary>
    internal async Task<(Endpoint Endpoint, IReadOnlyList<RpcReply> Replies)> AskAsync(IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var attempts = Math.Max(options.Attempts, endpoints.Length);
        var patience = options.Patience;
        for (var attempt = 1; ; attempt++)
        {
            var (endpoint, wait) = Choose();
            if (wait > patience)
            {
                throw Exhausted();
            }

            if (wait > TimeSpan.Zero)
            {
                patience -= wait;
                await Task.Delay(wait, time, cancellationToken);
            }

            try
            {
                return (endpoint, await SendAsync(endpoint, batch, cancellationToken));
            }
            catch (RpcException e) when (e.IsTransient || e.Kind == RpcFailure.Refused)
            {
                // Refused: a wrong key, a redirect. It will not mend itself soon, but another endpoint may serve.
                Failed(endpoint, e);
                if (attempt >= attempts || (endpoints.Length == 1 && e.Kind is RpcFailure.WrongChain or RpcFailure.Refused))
                {
                    throw attempt == 1 || endpoints.Length == 1 ? e : Exhausted();
                }
            }
        }
    }

    public IAsyncEnumerable<HeadHint>? SubscribeHeads(CancellationToken cancellationToken)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Transport.SubscribeHeads(cancellationToken) is { } heads)
            {
                return heads;
            }
        }

        return null;
    }

    public Task TendAsync(CancellationToken cancellationToken) => comparison.RunAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in endpoints)
        {
            switch (endpoint.Transport)
            {
                case IAsyncDisposable later:
                    await later.DisposeAsync();
                    break;
                case IDisposable now:
                    now.Dispose();
                    break;
            }
        }
    }

    internal IReadOnlyList<Endpoint> Endpoints => endpoints;

    internal Endpoint Current => endpoints[Volatile.Read(ref current)];

    /// <summary>One post to one endpoint, counted and within its budget.</summary>
    internal async Task<IReadOnlyList<RpcReply>> SendAsync(Endpoint endpoint, IReadOnlyList<RpcRequest> batch, CancellationToken cancellationToken)
    {
        if (!endpoint.ChainChecked && chain is { } expected)
        {
            await CheckChainAsync(endpoint, expected, cancellationToken);
        }

        await SpendAsync(endpoint, batch.Count, cancellationToken);
        var replies = await PostAsync(endpoint, batch, beside: false, cancellationToken);
        for (var i = 0; i < replies.Count; i++)
        {
            // An error that another endpoint, or this one later, would not give is no answer to pass on.
            if (replies[i].Error is { } error && RpcErrors.Classify(batch[i].Method, error) is RpcFailure.RateLimited or RpcFailure.Unreachable)
            {
                throw RpcErrors.ToException(endpoint.Name, batch[i].Method, replies[i].Error!);
            }
        }

        lock (gate)
        {
            endpoint.FailuresInARow = 0;
            endpoint.Trouble = null;
        }

        return replies;
    }

    internal void Use(Endpoint endpoint)
    {
        lock (gate)
        {
            var index = Array.IndexOf(endpoints, endpoint);
            if (index == current)
            {
                return;
            }

            current = index;
        }

        metrics?.Rotated(options.Network);
    }

    internal void Failed(Endpoint endpoint, RpcException failure)
    {
        lock (gate)
        {
            endpoint.FailuresInARow++;
            endpoint.Failures++;
            endpoint.RateLimits += failure.Kind == RpcFailure.RateLimited ? 1 : 0;
            endpoint.FineSince = null;
            endpoint.Trouble = failure.Message;
            endpoint.LastFailure = failure;
            var pause = options.FirstPause * Math.Pow(2, Math.Min(endpoint.FailuresInARow - 1, 16));
            pause = pause < options.LongestPause ? pause : options.LongestPause;
            pause *= 0.75 + (0.5 * random.NextDouble());
            pause = failure.Kind switch
            {
                RpcFailure.WrongChain => options.Banishment,
                RpcFailure.Refused => options.LongestPause,
                _ => pause,
            };
            pause = failure.RetryAfter is { } asked && asked > pause ? asked : pause;
            endpoint.CoolingUntil = time.GetUtcNow() + pause;
        }

        metrics?.Failed(options.Network, endpoint.Name, failure.Kind);
    }

    private (Endpoint Endpoint, TimeSpan Wait) Choose()
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            var best = current;
            for (var i = 0; i < endpoints.Length; i++)
            {
                // From the one in use onwards; when all are cooling, the one that is through first.
                var candidate = (current + i) % endpoints.Length;
                if (Wait(endpoints[candidate]) < Wait(endpoints[best]))
                {
                    best = candidate;
                }
            }

            if (best != current)
            {
                current = best;
                metrics?.Rotated(options.Network);
            }

            return (endpoints[best], Wait(endpoints[best]));
        }

        TimeSpan Wait(Endpoint endpoint) => endpoint.CoolingUntil > now ? endpoint.CoolingUntil - now : TimeSpan.Zero;
    }

    private async Task CheckChainAsync(Endpoint endpoint, ChainId expected, CancellationToken cancellationToken)
    {
        var request = RpcRequest.Create("eth_chainId");
        await SpendAsync(endpoint, 1, cancellationToken);
        var reply = (await PostAsync(endpoint, [request], beside: false, cancellationToken))[0];
        if (reply.Error is { } error)
        {
            throw RpcErrors.ToException(endpoint.Name, request.Method, error);
        }

        var served = new ChainId(new RpcJson(endpoint.Name, request.Method).Quantity(reply.Result, "the chain id"));
        if (served != expected)
        {
            throw new RpcException(RpcFailure.WrongChain, $"{endpoint.Name} serves {served}, but this chain is configured as {expected}: correct the endpoint, or move it to the file of its own chain.");
        }

        endpoint.ChainChecked = true;
    }

    private async Task SpendAsync(Endpoint endpoint, int calls, CancellationToken cancellationToken)
    {
        while (!endpoint.Budget.TrySpend(calls, out var wait, out var dayIsOver))
        {
            if (dayIsOver)
            {
                throw new RpcException(
                    RpcFailure.BudgetSpent, $"The {endpoint.Budget.PerDay:N0} calls a day that are allowed for {endpoint.Name} are spent; the next day begins at midnight UTC.", wait);
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<RpcReply>> PostAsync(Endpoint endpoint, IReadOnlyList<RpcRequest> batch, bool beside, CancellationToken cancellationToken)
    {
        foreach (var request in batch)
        {
            endpoint.Count(request);
            metrics?.Asked(options.Network, endpoint.Name, request.Method);
        }

        lock (gate)
        {
            endpoint.Posts++;
        }

        var start = time.GetTimestamp();
        var replies = await (beside ? endpoint.Transport.SendBesideAsync(batch, cancellationToken) : endpoint.Transport.SendAsync(batch, cancellationToken));
        metrics?.Answered(options.Network, endpoint.Name, time.GetElapsedTime(start));
        return replies.Count == batch.Count
            ? replies
            : throw new RpcException(RpcFailure.Malformed, $"{endpoint.Name} gives {replies.Count} replies to {batch.Count} requests.");
    }

    private RpcException Exhausted()
    {
        lock (gate)
        {
            if (endpoints.Length == 1 && endpoints[0].LastFailure is { } only)
            {
                return new RpcException(only.Kind, only.Message, endpoints[0].CoolingUntil - time.GetUtcNow(), only);
            }

            var last = endpoints.MinBy(e => e.CoolingUntil)!.LastFailure;
            return new RpcException(
                last?.Kind ?? RpcFailure.Unreachable,
                $"None of {endpoints.Length} endpoints answers: {string.Join(" ", endpoints.Select(e => e.Trouble).OfType<string>())}",
                inner: last);
        }
    }
}
