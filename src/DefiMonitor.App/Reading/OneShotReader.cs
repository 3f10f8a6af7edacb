using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Reading;

/// <summary>Reads accounts once, at one block, without a database: markets opened, accounts entered, prices and the chain's own view read, all pinned to that block.</summary>
/// <param name="feeds">Read at the same block; null = none.</param>
public sealed class OneShotReader(EvmClient client, ulong nextBlockSeconds, FeedReads? feeds = null)
{
    // As IProtocol states them.
    private const int OpenRounds = 6;
    private const int SnapshotRounds = 4;
    private const int FeedRounds = 4;

    private readonly HashSet<MarginAccountId> touched = [];
    private Pin pin = Pin.Strong;

    /// <summary>The weakest of all answers so far.</summary>
    public Pin Pin => pin;

    /// <exception cref="Ethereum.Rpc.RpcException">The node failed.</exception>
    public async Task<ChainReading> ReadAsync(IReadOnlyList<IProtocol> protocols, IReadOnlyList<Address> owners, BlockHeader head, CancellationToken cancellationToken)
    {
        var accounts = new List<AccountReading>();
        var failures = new List<(DeploymentId, string)>();
        var next = feeds is null ? NextPrices.None : feeds.Of(head, await BesideAsync(_ => feeds.Calls, 1, head, cancellationToken));
        foreach (var protocol in protocols)
        {
            if (await TryOpenAsync(protocol, head, cancellationToken))
            {
                accounts.AddRange(await AccountsAsync(protocol, owners, next, head, cancellationToken));
            }
            else
            {
                failures.Add((protocol.Id, "its contracts could not be read; is the address in config/protocols right, and a contract there at this block?"));
            }
        }

        return new ChainReading(head, pin, accounts, failures) { Next = next };
    }

    /// <summary>Reads the market's own state; false when it could not be read.</summary>
    public async Task<bool> TryOpenAsync(IProtocol protocol, BlockHeader head, CancellationToken cancellationToken)
    {
        await AskAsync(protocol, protocol.Open, OpenRounds, head, cancellationToken);
        return protocol.IsOpen;
    }

    private async Task<List<AccountReading>> AccountsAsync(IProtocol protocol, IReadOnlyList<Address> owners, NextPrices next, BlockHeader head, CancellationToken cancellationToken)
    {
        var accounts = owners.Select(protocol.AccountOf).ToList();
        foreach (var account in accounts)
        {
            await AskAsync(protocol, soFar => protocol.Snapshot(account, soFar), SnapshotRounds, head, cancellationToken);
        }

        // Prices and the chain's own view in one question, so that both speak of the same state.
        var answers = await AskAsync(protocol, _ => protocol.Reads(head).Concat(accounts.SelectMany(protocol.Confirm)), 1, head, cancellationToken);
        var readings = new List<AccountReading>();
        for (var i = 0; i < accounts.Count; i++)
        {
            var account = accounts[i];
            var state = protocol.Capture(account, head);
            var now = new Instant(head.Timestamp);
            var atBlock = protocol.Evaluate(state, now, Shock.None);
            var atNext = protocol.Evaluate(state, now + nextBlockSeconds, Shock.None);
            readings.Add(new AccountReading(account, atBlock, atNext, protocol.Compare(state, answers))
            {
                Owner = owners[i],
                AtMarket = NextPrices.Foresee(atNext, next.AtMarket, shock => protocol.Evaluate(state, now + nextBlockSeconds, shock)),
            });
        }

        if (!readings.Exists(static one => one.AtBlock.Positions.Count > 0))
        {
            return readings;
        }

        var limits = await BesideAsync(_ => accounts.SelectMany(a => protocol.Limits(protocol.Capture(a, head))), 1, head, cancellationToken);
        readings = readings.ConvertAll(one => one with { Actions = protocol.ActionsOf(protocol.Capture(one.Account, head), new Instant(head.Timestamp), limits) });
        var caps = await CapsAsync(protocol, head, cancellationToken);
        return readings.ConvertAll(one => one with { Caps = [.. caps.Where(cap => one.AtBlock.Positions.Any(leg => leg.Asset == cap.Asset))] });
    }

    /// <summary>The caps before the feeds behind the market's prices, one an asset and adapter.</summary>
    private async Task<List<(Address Asset, string Symbol, PriceCap Cap)>> CapsAsync(IProtocol protocol, BlockHeader head, CancellationToken cancellationToken)
    {
        var answers = await BesideAsync(protocol.Feeds, FeedRounds, head, cancellationToken);
        return [.. protocol.FeedsOf(answers).Where(static feed => feed.Cap is not null).Select(static feed => (feed.Asset, feed.Symbol, feed.Cap!)).Distinct()];
    }

    // Beside the verdicts: a node that fails here takes no account away; what hangs on the answers then says that it is not known.
    private async Task<CallResults> BesideAsync(Func<CallResults, IEnumerable<Call>> next, int rounds, BlockHeader head, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(next, rounds, head, cancellationToken);
        }
        catch (RpcException error) when (error.Kind != RpcFailure.UnknownBlock)
        {
            return new CallResults();
        }
    }

    /// <summary>Asks in rounds, each with the answers so far. Writes them, in the order asked, once every call has one; else writes nothing.</summary>
    public async Task<CallResults> AskAsync(IProtocol protocol, Func<CallResults, IEnumerable<Call>> next, int rounds, BlockHeader head, CancellationToken cancellationToken)
    {
        var (asked, soFar) = await RoundsAsync(next, rounds, head, cancellationToken);
        if (soFar.Count == asked.Count)
        {
            foreach (var call in asked)
            {
                soFar.TryGet(call, out var result);
                protocol.ApplyRead(head, call, result, touched);
            }
        }

        return soFar;
    }

    /// <summary>Asks in rounds, each with the answers so far, and writes nothing.</summary>
    public async Task<CallResults> ReadAsync(Func<CallResults, IEnumerable<Call>> next, int rounds, BlockHeader head, CancellationToken cancellationToken) =>
        (await RoundsAsync(next, rounds, head, cancellationToken)).SoFar;

    private async Task<(List<Call> Asked, CallResults SoFar)> RoundsAsync(Func<CallResults, IEnumerable<Call>> next, int rounds, BlockHeader head, CancellationToken cancellationToken)
    {
        var asked = new List<Call>();
        var known = new HashSet<Call>();
        var soFar = new CallResults();
        for (var round = 0; round < rounds; round++)
        {
            var calls = next(soFar).Where(known.Add).ToList();
            if (calls.Count == 0)
            {
                break;
            }

            asked.AddRange(calls);
            var answers = await client.CallAsync(calls, head, cancellationToken);
            pin = answers.Pin > pin ? answers.Pin : pin;
            foreach (var call in calls)
            {
                if (answers.Results.TryGet(call, out var result))
                {
                    soFar.Set(call, result);
                }
            }
        }

        return (asked, soFar);
    }
}
