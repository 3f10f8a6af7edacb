using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>One market's tables and what follows from them. Shared by the parts of <see cref="MorphoBlueProtocol"/>; holds no state of its own.</summary>
internal sealed class MorphoMarket(MorphoBlueDeployment deployment, ProtocolOptions options)
{
    // A pure function of the address, remembered: the text of an account's id is asked for at every log and every read.
    private readonly Dictionary<Address, MarginAccountId> ids = [];

    public MorphoBlueDeployment Deployment => deployment;

    public ProtocolOptions Options => options;

    public MorphoTables Tables { get; } = new();

    public IrmKind KindOf(in Address irm) => irm.IsZero ? IrmKind.None : irm == deployment.AdaptiveCurveIrm ? IrmKind.AdaptiveCurve : IrmKind.Unknown;

    public MarginAccountId IdOf(in Address user)
    {
        if (!ids.TryGetValue(user, out var id))
        {
            id = new MarginAccountId(deployment.Id, user.ToHex());
            ids.Add(user, id);
        }

        return id;
    }

    /// <summary>The user behind an account of this deployment.</summary>
    /// <exception cref="ArgumentException">The account belongs to another deployment, or its key is no address.</exception>
    public Address UserOf(MarginAccountId account) => account.Deployment == deployment.Id && Address.TryParse(account.Key, out var user)
        ? user
        : throw new ArgumentException($"{account} is no account of {deployment.Id}.", nameof(account));

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
