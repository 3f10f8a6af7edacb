using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Tape;

namespace DefiMonitor.Engine.Replay;

/// <summary>What really happened, from the tape alone: the canonical chain, its liquidations, and the chain's own verdict on any account at any block.</summary>
public sealed class TapeTruth
{
    private readonly ChainTape tape;
    private readonly Dictionary<DeploymentId, IProtocol> protocols;
    private readonly IReadOnlySet<MarginAccountId> watched;
    private List<(MarginAccountId Account, BlockHeader Block)>? liquidations;

    public TapeTruth(ChainTape tape, IReadOnlyList<IProtocol> protocols, IReadOnlySet<MarginAccountId> watched)
    {
        this.tape = tape;
        this.protocols = protocols.ToDictionary(static p => p.Id);
        this.watched = watched;
        Blocks = [.. tape.CanonicalBlocks().SkipWhile(static b => !b.Seen).Select(static b => b.Header)];
        UnreadableBlocks = CountUnreadable();
    }

    /// <summary>The canonical chain from the first block that was a head, oldest first.</summary>
    public IReadOnlyList<BlockHeader> Blocks { get; }

    /// <summary>Canonical blocks that came while the node did not answer.</summary>
    public int UnreadableBlocks { get; }

    /// <summary>Of watched accounts, in the chain's order. Empty until every market is open: only then is it known whose logs are liquidations.</summary>
    public IReadOnlyList<(MarginAccountId Account, BlockHeader Block)> Liquidations =>
        liquidations ?? (protocols.Values.All(static p => p.IsOpen) ? liquidations = FindLiquidations() : []);

    /// <summary>
    /// The chain's own view at a block, held against the state the monitor has; null where the tape has none.
    /// </summary>
    public Agreement? View(MarginAccountId account, BlockHeader block)
    {
        var protocol = protocols[account.Deployment];
        if (!protocol.HasEntered(account))
        {
            return null;
        }

        var results = new CallResults();
        foreach (var call in protocol.Confirm(account))
        {
            if (!tape.TryAnswer(block.Hash, call, out var result))
            {
                return null;
            }

            results.Set(call, result);
        }

        return protocol.Compare(protocol.Capture(account, block), results);
    }

    /// <summary>The chain's own health factor, wad; null where it can't be had.</summary>
    public UInt256? Health(MarginAccountId account, BlockHeader block) =>
        View(account, block)?.Chain.FirstOrDefault(static w => w.Name == "healthFactor")?.Value;

    private List<(MarginAccountId Account, BlockHeader Block)> FindLiquidations() =>
    [
        .. from block in tape.CanonicalBlocks()
           from log in block.Logs
           from protocol in protocols.Values
           let liquidation = protocol.LiquidationOf(log)
           where liquidation is not null && watched.Contains(liquidation.Account)
           select (liquidation.Account, block.Header),
    ];

    private int CountUnreadable()
    {
        var canonical = Blocks.Select(static b => b.Hash).ToHashSet();
        var down = false;
        var count = 0;
        foreach (var step in tape.Steps)
        {
            down = step switch
            {
                TapeDown => true,
                TapeUp => false,
                _ => down,
            };
            count += down && step is TapeBlock block && canonical.Contains(block.Header.Hash) ? 1 : 0;
        }

        return count;
    }
}
