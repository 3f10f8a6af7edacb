using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>One Spoke's tables and what follows from them. Shared by the parts of <see cref="AaveV4Protocol"/>; holds no state of its own.</summary>
internal sealed class AaveV4Market(AaveV4Deployment deployment, ProtocolOptions options)
{
    /// <summary>SPOKE_REVISION and HUB_REVISION whose formulas these are.</summary>
    public const ulong KnownRevision = 1;

    private readonly UserIds users = new(deployment.Id);

    public AaveV4Deployment Deployment => deployment;

    public ProtocolOptions Options => options;

    public AaveV4Tables Tables { get; } = new();

    public Address Spoke => deployment.Spoke;

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    public bool IsFresh(ulong readBlock, BlockHeader block) => readBlock != 0 && readBlock <= block.Number && block.Number - readBlock <= options.MaxReadAgeBlocks;

    /// <summary>True from an upgrade until all is read again: what logs mean is not known meanwhile.</summary>
    public bool IsUpgraded => Tables.Market is { IsOpen: false, Closing: MarketClosing.Upgraded };

    /// <summary>ERC-1967: a proxy points to other code from this block on.</summary>
    public void Upgrade(ulong block, Log log)
    {
        Tables.Implementations.Set(log.Address, AaveV4Abi.Upgraded.Decode(log).Implementation);
        Close(block, MarketClosing.Upgraded);
    }

    /// <summary>A log of the Spoke's that never came may have been about anybody: all are read again, once the market is.</summary>
    public void DoubtAll(ulong block, ISet<MarginAccountId> touched)
    {
        foreach (var (user, row) in Tables.Accounts)
        {
            if (row.EnteredBlock != 0)
            {
                Tables.MarkPending(user, block);
                touched.Add(IdOf(user));
            }
        }
    }

    /// <summary>From this block on the market counts as unread. Accounts stay in.</summary>
    public void Close(ulong block, MarketClosing why)
    {
        var row = Tables.Market;
        if (row.IsOpen || (why == MarketClosing.Upgraded && row.Closing != why))
        {
            Tables.Market = row with { IsOpen = false, Closing = why, ChangedBlock = block, Fields = MarketFields.None };
        }
    }

    /// <summary>Forgets what was read of the market, so that all that opens it is of this block.</summary>
    public void Begin(ulong block)
    {
        Tables.Market = Tables.Market with { Fields = MarketFields.None, ReadBlock = block };
        foreach (var key in Keys(Tables.Dynamics))
        {
            Tables.Dynamics.Remove(key);
        }

        foreach (var hub in Keys(Tables.Hubs))
        {
            Tables.Hubs.Set(hub, default);
        }

        foreach (var key in Keys(Tables.HubAssets))
        {
            Tables.HubAssets.TryGet(key, out var row);
            Tables.HubAssets.Set(key, row with { IsRead = false });
        }

        foreach (var id in Keys(Tables.Reserves))
        {
            Tables.Reserves.TryGet(id, out var row);
            Tables.Reserves.Set(id, row with { Fields = ReserveFields.None });
        }
    }

    /// <summary>Opens the market once the Spoke, every reserve and every hub are read in this very block and of a revision that is known.</summary>
    public void TryOpen(ulong block)
    {
        var row = Tables.Market;
        if (row.IsOpen || row.Fields != MarketFields.All || row.ReadBlock != block || row.Revision != KnownRevision)
        {
            return;
        }

        for (ushort id = 0; id < row.ReserveCount; id++)
        {
            if (!Tables.Reserves.TryGet(id, out var reserve) || reserve.Fields != ReserveFields.All
                || !Tables.Dynamics.Contains(new DynamicKey(id, reserve.LatestKey))
                || !Tables.Hubs.TryGet(reserve.Hub, out var hub) || hub is not { IsRead: true, Revision: KnownRevision }
                || !Tables.HubAssets.TryGet(new HubAssetKey(reserve.Hub, reserve.Asset), out var asset) || !asset.IsRead)
            {
                return;
            }
        }

        Tables.Market = row with { IsOpen = true, ChangedBlock = block, OpenedCount = row.ReserveCount };
    }

    private static List<TKey> Keys<TKey, TRow>(Core.State.StateTable<TKey, TRow> table)
        where TKey : unmanaged, IEquatable<TKey>
        where TRow : unmanaged
    {
        var keys = new List<TKey>(table.Count);
        foreach (var (key, _) in table)
        {
            keys.Add(key);
        }

        return keys;
    }
}
