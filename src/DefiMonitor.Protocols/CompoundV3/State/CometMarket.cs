using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>One market's tables and what follows from them. Shared by the parts of <see cref="CompoundV3Protocol"/>; holds no state of its own.</summary>
internal sealed class CometMarket(CompoundV3Deployment deployment, ProtocolOptions options)
{
    /// <summary>Principals read at a judged block: so many accounts are exact at each; above it they take turns.</summary>
    public const int PrincipalsABlock = 100;

    private readonly UserIds users = new(deployment.Id);

    public CompoundV3Deployment Deployment => deployment;

    public ProtocolOptions Options => options;

    public CometTables Tables { get; } = new();

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    public bool IsFresh(in PriceRow price, BlockHeader block) => price.Block != 0 && price.Block <= block.Number && block.Number - price.Block <= options.MaxReadAgeBlocks;

    /// <summary>True where the principal can't have moved since it was read: every movement accrues interest first.</summary>
    public bool IsCertain(in AccountRow row, in MarketRow market, BlockHeader block) => row.ReadBlock == block.Number || row.ReadAt > market.Totals.LastAccrualTime;

    /// <summary>False while the principal may have moved since it was read, and has waited longer than its turn takes.</summary>
    public bool IsCurrent(in AccountRow row, in MarketRow market, BlockHeader block) => IsCertain(row, market, block)
        || market.Round - Math.Min(row.ReadRound, market.Round) <= options.MaxReadAgeBlocks + (ulong)((Tables.Accounts.Count - 1) / PrincipalsABlock);

    /// <summary>The bits of the collaterals that we have of an account.</summary>
    public uint HeldOf(in Address user)
    {
        var held = 0u;
        foreach (var (offset, asset) in Tables.Assets)
        {
            held |= Tables.CollateralOf(user, asset.Asset) != 0 ? 1u << offset : 0;
        }

        return held;
    }

    public bool TryFind(in Address asset, out byte offset, out AssetRow row)
    {
        foreach (var (at, candidate) in Tables.Assets)
        {
            if (candidate.Asset == asset)
            {
                (offset, row) = (at, candidate);
                return true;
            }
        }

        (offset, row) = (0, default);
        return false;
    }

    /// <summary>From this block on all that an upgrade can change counts as unread.</summary>
    public void Close(ulong block) =>
        Tables.Market = Tables.Market with { IsOpen = false, ChangedBlock = block, Fields = MarketFields.None, TotalsBlock = 0 };

    /// <summary>Opens the market once all of it has been read in this very block.</summary>
    public void TryOpen(ulong block)
    {
        var row = Tables.Market;
        if (row.IsOpen || row.Fields != MarketFields.All || row.TotalsBlock != block)
        {
            return;
        }

        for (byte offset = 0; offset < row.Parameters.NumAssets; offset++)
        {
            if (!Tables.Assets.TryGet(offset, out var asset) || asset.ReadBlock != block
                || !Tables.Supplied.TryGet(asset.Asset, out var supplied) || supplied.ReadBlock != block)
            {
                return;
            }
        }

        for (var offset = row.Parameters.NumAssets; Tables.Assets.Contains(offset); offset++)
        {
            Tables.Assets.Remove(offset);
        }

        Tables.Market = row with { IsOpen = true, ChangedBlock = block };
    }
}
