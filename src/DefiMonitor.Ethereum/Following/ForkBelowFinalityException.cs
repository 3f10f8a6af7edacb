using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum.Following;

/// <summary>The endpoint shows a chain that does not contain the block which it, or another, called final. Nothing can be undone so far back.</summary>
public sealed class ForkBelowFinalityException(string chainName, BlockRef finalized, BlockHeader head)
    : Exception($"The endpoint shows a chain (head {head.Ref}) that forked off below the finalized block {finalized}: make sure that it serves the right chain, then run 'repair --chain {chainName}', which drops the state of that chain and takes it afresh.")
{
    public BlockRef Finalized => finalized;

    public BlockHeader Head => head;
}
