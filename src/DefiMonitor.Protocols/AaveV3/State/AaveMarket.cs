using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One market's tables and what follows from them. Shared by the parts of <see cref="AaveV3Protocol"/>; holds no state of its own.</summary>
internal sealed class AaveMarket(AaveV3Deployment deployment, ProtocolOptions options)
{
    private readonly UserIds users = new(deployment.Id);

    public AaveV3Deployment Deployment => deployment;

    public ProtocolOptions Options => options;

    public AaveTables Tables { get; } = new();

    /// <summary>The formula set in force: the newest, tentatively, when the revision is unknown.</summary>
    public AaveVersion Version => VersionOf(Tables.Market.Revision);

    /// <summary>True when the revision is unknown: then only accounts that agree with the chain at the block are judged.</summary>
    public bool IsTentative => deployment.Formulas is null && AaveVersions.OfRevision(Tables.Market.Revision) is null;

    public ReserveFields NeededOfReserve => Version >= AaveVersion.V31 ? ReserveFields.Data | ReserveFields.Grace : ReserveFields.Data;

    public EModeFields NeededOfEMode => Version switch
    {
        <= AaveVersion.V31 => EModeFields.Parameters,
        <= AaveVersion.V35 => EModeFields.Parameters | EModeFields.Collateral,
        AaveVersion.V36 => EModeFields.Parameters | EModeFields.Collateral | EModeFields.Ltvzero,
        _ => EModeFields.Parameters | EModeFields.Collateral | EModeFields.Ltvzero | EModeFields.Isolated,
    };

    public AaveVersion VersionOf(ulong revision) => deployment.Formulas ?? AaveVersions.OfRevision(revision) ?? AaveVersions.Newest;

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    /// <summary>From this block on the market counts as unread. Accounts stay in: their balances are folded on, or marked to be read again.</summary>
    public void Close(ulong block, MarketClosing why)
    {
        var market = Tables.Market;
        if (market.IsOpen)
        {
            Tables.Market = market with { IsOpen = false, Fields = MarketFields.None, Closing = why, ChangedBlock = block };
        }
    }

    /// <summary>Opens the market once its own reads, every listed reserve and the categories are there, all of this block.</summary>
    public void TryOpen(ulong block)
    {
        var market = Tables.Market;
        if (market.IsOpen || market.Fields != MarketFields.All || market.ListBlock != block)
        {
            return;
        }

        var needed = NeededOfReserve;
        foreach (var (_, asset) in Tables.Assets)
        {
            if (asset.ListedBlock == block
                && (!Tables.Reserves.TryGet(asset.Reserve, out var reserve) || reserve.ReadBlock != block || (reserve.Fields & needed) != needed))
            {
                return;
            }
        }

        if (Version >= AaveVersion.V32 && !HasFirstCategories())
        {
            return;
        }

        DropUnlisted(block);
        Tables.Market = market with { IsOpen = true, ChangedBlock = block };
    }

    private bool HasFirstCategories()
    {
        for (byte id = 1; id <= MarketOpening.CategoriesAtOnce; id++)
        {
            if (!Tables.EModes.Contains(id))
            {
                return false;
            }
        }

        return true;
    }

    // A dropped reserve leaves a hole that the contract passes over; its row must not be counted.
    private void DropUnlisted(ulong block)
    {
        var gone = new List<Address>();
        foreach (var (asset, row) in Tables.Assets)
        {
            if (row.ListedBlock != block)
            {
                gone.Add(asset);
            }
        }

        foreach (var asset in gone)
        {
            Tables.Assets.TryGet(asset, out var row);
            if (Tables.Reserves.TryGet(row.Reserve, out var reserve) && reserve.Asset == asset)
            {
                Tables.Reserves.Remove(row.Reserve);
            }

            Tables.Assets.Remove(asset);
        }
    }
}
