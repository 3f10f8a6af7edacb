using DefiMonitor.App.Cli;
using DefiMonitor.App.Hosting;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Ledger;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Feeds;
using DefiMonitor.Engine.Ledgers;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;
using DefiMonitor.Ethereum.Rpc;

namespace DefiMonitor.App.Reading;

/// <summary>
/// Reads an owner on several chains at once, each at one block of its own, and makes one ledger of it. A chain that does not answer in time, or at all, is
/// Unknown; it delays no other.
/// </summary>
/// <param name="patience">For each chain.</param>
/// <param name="target">Health factor (wad) that the ways out aim at; null = the family's own.</param>
public sealed class LedgerReader(MonitorSettings settings, Terminal terminal, TimeSpan patience, UInt256? target)
{
    // A fork while a chain is read is met by reading it again at its new head.
    private const int Attempts = 3;

    public async Task<OwnerReading> ReadAsync(IReadOnlyList<(ChainSettings Chain, IReadOnlyList<Address> Owners)> chains, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(chains.Select(c => Task.Run(() => PartAsync(c.Chain, c.Owners, cancellationToken), cancellationToken)));
        var fresh = parts.Where(static p => p.Holdings.Stale is null).ToList();
        var market = new MarketData(fresh.SelectMany(static p => p.Prices).OrderBy(static p => p.Rank).Select(static p => p.Price).Concat(fresh.SelectMany(static p => p.VenuePrices)));
        return new OwnerReading(parts, LedgerBuilder.Build([.. parts.Select(static p => p.Holdings)], settings.Assets, market));
    }

    private async Task<ChainPart> PartAsync(ChainSettings chain, IReadOnlyList<Address> owners, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(patience, terminal.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await using var node = Node.Pool(chain, terminal.Time);
            var client = node.Client(chain);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await ReadAsync(chain, client, owners, either.Token);
                }
                catch (RpcException e) when (e.Kind == RpcFailure.UnknownBlock && attempt < Attempts)
                {
                    terminal.Progress($"{chain.Name}: {e.Message} Reading again.");
                }
            }
        }
        catch (RpcException e)
        {
            return ChainPart.Dead(chain, e.Message);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return ChainPart.Dead(chain, $"{chain.Name} did not answer within {patience.TotalSeconds:0} s; --wait SECONDS waits longer.");
        }
    }

    private async Task<ChainPart> ReadAsync(ChainSettings chain, EvmClient client, IReadOnlyList<Address> owners, CancellationToken cancellationToken)
    {
        var head = await client.GetHeadAsync(cancellationToken);
        var protocols = settings.DeploymentsOn(chain.Chain).Select(d => ProtocolFamilies.Create(d, chain, target)).ToList();
        var reading = await new OneShotReader(client, chain.NextBlockSeconds, new FeedReads(chain.Chain, settings.Assets.Feeds, chain.NextBlockSeconds)).ReadAsync(protocols, owners, head, cancellationToken);
        var venues = protocols.Where(static p => p.IsOpen).Select(p => new VenueReading(
            p.Id, p.SpendersOf, p.Tokens, [.. reading.Accounts.Where(a => a.Account.Deployment == p.Id).Select(static a => (a.Owner, a.AtBlock))])).ToList();
        var reads = new HoldingReads(settings.Assets, chain, owners, venues);
        var (answers, natives, why) = await AskAsync(chain, client, reads, owners, head, cancellationToken);
        var age = terminal.AgeSeconds(head);
        var limit = settings.Rules.StaleAfterSeconds;
        var holdings = reads.Holdings(head, answers, natives, why) with
        {
            AgeSeconds = age,
            Stale = limit > 0 && age > (long)limit ? $"the newest block of {chain.Name} is {Durations.Text((ulong)age)} old." : null,
            Failures = [.. reading.Failures.Select(static f => new FailedVenue(f.Deployment, f.Why))],
        };
        reading = reading with { Accounts = [.. reading.Accounts.Select(a => a with { Actions = WalletActions.Of(a.AtBlock, a.Actions, a.Owner, holdings) })] };
        return new ChainPart(chain, reading, holdings, [.. reads.Prices(head, answers)], [.. reads.VenuePrices(head)]);
    }

    /// <summary>A wallet that can't be read is Unknown and takes nothing from the accounts, which are read already.</summary>
    private static async Task<(CallResults Answers, IReadOnlyDictionary<Address, UInt256> Natives, string? Why)> AskAsync(
        ChainSettings chain, EvmClient client, HoldingReads reads, IReadOnlyList<Address> owners, BlockHeader head, CancellationToken cancellationToken)
    {
        try
        {
            var answers = (await client.CallAsync(reads.Calls, head, cancellationToken)).Results;
            IReadOnlyDictionary<Address, UInt256> natives = reads.NeedsNatives(answers) ? await client.GetBalancesAsync(owners, head, cancellationToken) : new Dictionary<Address, UInt256>();
            return (answers, natives, null);
        }
        catch (RpcException e) when (e.Kind != RpcFailure.UnknownBlock)
        {
            return (new CallResults(), new Dictionary<Address, UInt256>(), $"{chain.Name}: {e.Message}");
        }
    }
}
