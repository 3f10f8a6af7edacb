using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>One market's tables and what follows from them. Shared by the parts of <see cref="MorphoBlueProtocol"/>; holds no state of its own.</summary>
internal sealed class MorphoMarket(MorphoBlueDeployment deployment, ProtocolOptions options)
{
    private readonly UserIds users = new(deployment.Id);

    public MorphoBlueDeployment Deployment => deployment;

    public ProtocolOptions Options => options;

    public MorphoTables Tables { get; } = new();

    public IrmKind KindOf(in Address irm) => irm.IsZero ? IrmKind.None : irm == deployment.AdaptiveCurveIrm ? IrmKind.AdaptiveCurve : IrmKind.Unknown;

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    public bool IsFresh(ulong readBlock, BlockHeader block) => readBlock != 0 && readBlock <= block.Number && block.Number - readBlock <= options.MaxReadAgeBlocks;

    /// <summary>From this block on the totals count as unread: a log did not follow from them.</summary>
    public void Close(ulong block)
    {
        var row = Tables.Market;
        if (row.IsOpen)
        {
            Tables.Market = row with { IsOpen = false, ChangedBlock = block, Fields = row.Fields & ~(MarketFields.Totals | MarketFields.RateAtTarget) };
        }
    }

    /// <summary>Opens the market once all of it is there, what moves read in this very block.</summary>
    public void TryOpen(ulong block)
    {
        var row = Tables.Market;
        if (!row.IsOpen && (row.Fields & MarketFields.All) == MarketFields.All && row.TotalsBlock == block
            && (row.RateAtTargetBlock == block || KindOf(row.Parameters.Irm) != IrmKind.AdaptiveCurve))
        {
            Tables.Market = row with { IsOpen = true, ChangedBlock = block };
        }
    }
}
