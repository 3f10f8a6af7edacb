using System.Runtime.CompilerServices;
using DefiMonitor.Core.Chain;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.Ethereum.Ranges;

/// <summary>
/// The logs of long ranges, oldest first, without a hole: several pages are asked for at once, each as large as its endpoint allows and the logs' density advises; at most so
/// many are held. A range that no endpoint gives comes out as a page that says so. That the blocks are canonical is proved only as far as the node goes: ask for finalized ones.
/// </summary>
public sealed class LogRangeReader
{
    private const int TrialPages = 6;
    private const int ExtraRounds = 2;
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(1);

    private readonly IRpcTransport transport;
    private readonly EndpointPool? pool;
    private readonly LogLane[] lanes;
    private readonly LogRangeOptions options;
    private readonly TimeProvider time;
    private long calls;
    private int window;

    public LogRangeReader(IRpcTransport transport, LogRangeOptions options, TimeProvider time)
    {
        this.transport = transport;
        this.options = options;
        this.time = time;
        pool = transport as EndpointPool;
        lanes = pool is null ? [new LogLane(null, transport, options)] : [.. pool.Endpoints.Select(e => new LogLane(e, e.Transport, options))];
        window = Math.Max(1, options.InFlight);
    }

    /// <summary>JSON-RPC calls asked so far; those that the pool asked again are counted there.</summary>
    public long Calls => Interlocked.Read(ref calls);

    /// <summary>Most blocks that a page spans, where nothing is known of the node yet.</summary>
    public ulong MostBlocks => options.MostBlocks;

    private LogLane Current => pool is null ? lanes[0] : LaneOf(pool.Current);

    /// <summary>JSON-RPC calls that one page costs.</summary>
    public int CallsPerPage(IReadOnlyCollection<LogFilter> filters) => Question(filters).Count + 1;

    /// <summary>Reads a few pages at the newest end, to learn how many blocks one can span. Null where no endpoint gives them.</summary>
    /// <exception cref="RpcException">No endpoint answers.</exception>
    public async Task<LogTrial?> TryAsync(IReadOnlyCollection<LogFilter> filters, ulong from, ulong to, CancellationToken cancellationToken)
    {
        var question = Question(filters);
        LogTrial? trial = null;
        for (var i = 0; i < TrialPages; i++)
        {
            var asked = Math.Min(Current.Size.Size, to - from + 1);
            if (asked <= trial?.Blocks)
            {
                break;
            }

            var (page, failure) = await AnyAsync(question, to - asked + 1, to, 0, cancellationToken);
            if (page is not null)
            {
                trial = new LogTrial(Current.Size.Size, asked, page.Logs.Count);
            }
            else if (failure!.Kind != RpcFailure.TooMuch || asked == 1)
            {
                break;
            }
        }

        return trial is null ? null : trial with { BlocksPerPage = Current.Size.Size };
    }

    /// <param name="to">The last block, included.</param>
    /// <exception cref="ArgumentException">The filters ask for nothing.</exception>
    /// <exception cref="RpcException">No endpoint answers: what came before holds, the rest is to be asked for again.</exception>
    public async IAsyncEnumerable<LogPage> ReadAsync(IReadOnlyCollection<LogFilter> filters, ulong from, ulong to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var question = Question(filters);
        ulong? next = from <= to ? from : null;
        while (next is { } start)
        {
            // One turn goes up to the next gap.
            next = null;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var line = new PageLine(start, to, (a, b) => FetchAsync(question, a, b, stop.Token));
            try
            {
                while (line.Take(Volatile.Read(ref window), Current.Size.Size) is { } segment)
                {
                    var page = await segment.Page;
                    if (page.Unserved is { } why)
                    {
                        await stop.CancelAsync();
                        var end = await EndOfGapAsync(question, page.From, to, cancellationToken);
                        yield return new LogPage(page.From, end, [], why);
                        next = end < to ? end + 1 : null;
                        break;
                    }

                    line.PutBack(page.To, segment.To, Current.Size.Size);
                    yield return page;
                }
            }
            finally
            {
                await stop.CancelAsync();
                await line.EndAsync();
            }
        }
    }

    private LogQuestion Question(IReadOnlyCollection<LogFilter> filters)
    {
        var question = new LogQuestion(filters, options.MaxAddressesPerFilter);
        return question.Count > 0 ? question : throw new ArgumentException("The filters ask for no log.", nameof(filters));
    }

    private LogLane LaneOf(Endpoint? endpoint) => Array.Find(lanes, l => l.Endpoint == endpoint) ?? lanes[0];

    /// <summary>The page, or its front part where the whole is refused; unserved where even its first block is.</summary>
    private async Task<LogPage> FetchAsync(LogQuestion question, ulong from, ulong to, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (page, failure) = await AnyAsync(question, from, to, ExtraRounds, cancellationToken);
            if (page is not null)
            {
                return page;
            }

            if (from < to && failure!.Kind is RpcFailure.TooMuch or RpcFailure.Timeout)
            {
                to = from + Math.Min(Current.Size.Size, to - from) - 1;
                continue;
            }

            var (first, why) = from == to ? (null, failure) : await AnyAsync(question, from, from, ExtraRounds, cancellationToken);
            if (first is null)
            {
                return new LogPage(from, to, [], why!.Message);
            }

            // What is refused begins further on.
            to = from + ((to - from) / 2);
            if (to == from)
            {
                return first;
            }
        }
    }

    /// <summary>
    /// The last block of a gap that begins with <paramref name="from"/>: ever longer strides until a block is served, then halves. What lies between two refused blocks is not
    /// asked one by one: it counts as part of the gap, which is shown and asked for again the next time.
    /// </summary>
    private async Task<ulong> EndOfGapAsync(LogQuestion question, ulong from, ulong to, CancellationToken cancellationToken)
    {
        var refused = from;
        ulong? served = null;
        for (var stride = 1UL; served is null; stride *= 2)
        {
            if (refused == to)
            {
                return to;
            }

            var probe = stride < to - refused ? refused + stride : to;
            if (await ServesAsync(probe))
            {
                served = probe;
            }
            else
            {
                refused = probe;
            }
        }

        while (served.Value - refused > 1)
        {
            var middle = refused + ((served.Value - refused) / 2);
            if (await ServesAsync(middle))
            {
                served = middle;
            }
            else
            {
                refused = middle;
            }
        }

        return refused;

        async Task<bool> ServesAsync(ulong block) => (await AnyAsync(question, block, block, 0, cancellationToken)).Page is not null;
    }

    /// <summary>Asks the endpoint in use and, where it refuses, the others; <paramref name="again"/> times more where an answer can't be right, which the next may be.</summary>
    private async Task<(LogPage? Page, RpcException? Failure)> AnyAsync(LogQuestion question, ulong from, ulong to, int again, CancellationToken cancellationToken)
    {
        var batch = LogLane.Requests(question, from, to);
        for (var round = 0; ; round++)
        {
            var (asked, page, failure) = await FirstAsync(question, batch, from, to, cancellationToken);
            if (page is not null || (from < to && failure!.Kind is RpcFailure.TooMuch or RpcFailure.Timeout))
            {
                return (page, failure);
            }

            var sentences = new List<string> { failure!.Message };
            foreach (var other in lanes.Where(l => l != asked && l.Endpoint is not null))
            {
                try
                {
                    Interlocked.Add(ref calls, batch.Count);
                    return (Worked(other, other.Read(question, batch, await pool!.SendAsync(other.Endpoint!, batch, cancellationToken), from, to)), null);
                }
                catch (RpcException e)
                {
                    sentences.Add(e.Message);
                }
            }

            var whole = new RpcException(failure.Kind, string.Join(' ', sentences), inner: failure);
            if (failure.Kind == RpcFailure.Timeout)
            {
                throw whole;
            }

            if (round >= again || failure.Kind is not (RpcFailure.Malformed or RpcFailure.UnknownBlock))
            {
                return (null, whole);
            }

            await Task.Delay(ShortPause * (round + 1), time, cancellationToken);
        }
    }

    private async Task<(LogLane Asked, LogPage? Page, RpcException? Failure)> FirstAsync(LogQuestion question, List<RpcRequest> batch, ulong from, ulong to, CancellationToken cancellationToken)
    {
        Endpoint? endpoint;
        IReadOnlyList<RpcReply> replies;
        try
        {
            (endpoint, replies) = await AskAsync(batch, cancellationToken);
        }
        catch (RpcException e) when (e.Kind is RpcFailure.TooMuch or RpcFailure.Timeout)
        {
            // The request or the reply as a whole; a node that hangs costs much time, so that the page shrinks faster.
            var asked = to - from + 1;
            Current.Size.Failed(e.Kind == RpcFailure.Timeout ? Math.Max(2, asked / 4) : asked, e.Message);
            return (Current, null, e);
        }

        var lane = LaneOf(endpoint);
        try
        {
            return (lane, Worked(lane, lane.Read(question, batch, replies, from, to)), null);
        }
        catch (RpcException e) when (e.Kind is RpcFailure.TooMuch or RpcFailure.Malformed or RpcFailure.UnknownBlock or RpcFailure.Unsupported or RpcFailure.Refused)
        {
            if (e.Kind == RpcFailure.TooMuch)
            {
                lane.Size.Failed(to - from + 1, e.Message);
            }

            return (lane, null, e);
        }
    }

    private static LogPage Worked(LogLane lane, LogPage page)
    {
        lane.Size.Worked(page.To - page.From + 1, page.Logs.Count);
        return page;
    }

    /// <summary>Asks, and waits for a node that is away for a while or asks for fewer requests.</summary>
    private async Task<(Endpoint? Endpoint, IReadOnlyList<RpcReply> Replies)> AskAsync(List<RpcRequest> batch, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            try
            {
                Interlocked.Add(ref calls, batch.Count);
                return pool is null ? (null, await new RpcCaller(transport).SendAsync(batch, cancellationToken)) : await pool.AskAsync(batch, cancellationToken);
            }
            catch (RpcException e) when (e.Kind is RpcFailure.Unreachable or RpcFailure.RateLimited && waited + Pause(e) <= options.Patience)
            {
                if (e.Kind == RpcFailure.RateLimited)
                {
                    Volatile.Write(ref window, Math.Max(1, Volatile.Read(ref window) / 2));
                }

                waited += Pause(e);
                await Task.Delay(Pause(e), time, cancellationToken);
            }
        }

        static TimeSpan Pause(RpcException e) => e.RetryAfter is { } asked && asked > ShortPause ? asked : ShortPause;
    }
}
