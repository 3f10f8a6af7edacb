using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>One vault's tables and what follows from them. Shared by the parts of <see cref="EulerV2Protocol"/>; holds no state of its own.</summary>
internal sealed class EulerMarket
{
    private readonly UserIds users;

    public EulerMarket(EulerV2Deployment deployment, ProtocolOptions options)
    {
        Deployment = deployment;
        Options = options;
        users = new UserIds(deployment.Id);
        Routes = new RouteMap(Tables);
    }

    public EulerV2Deployment Deployment { get; }

    public ProtocolOptions Options { get; }

    public EulerTables Tables { get; } = new();

    public RouteMap Routes { get; }

    public Address Vault => Deployment.Vault;

    public MarginAccountId IdOf(in Address account) => users.IdOf(account);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    public bool IsFresh(ulong readBlock, BlockHeader block) => readBlock != 0 && readBlock <= block.Number && block.Number - readBlock <= Options.MaxReadAgeBlocks;

    /// <summary>True where the figures say all at the block: stored by the vault, or read in this very block.</summary>
    public static bool IsUsable(in TotalsRow row, BlockHeader block) => row.HasBorrows && (row.IsStored || row.Block == block.Number);

    /// <summary>Closes the market where the way of a price leads past a contract that has not been asked.</summary>
    public void CloseUnlessWhole(ulong block)
    {
        var row = Tables.Market;
        if (row.IsOpen && !IsWhole(row))
        {
            Tables.Market = row with { IsOpen = false, ChangedBlock = block };
        }
    }

    /// <summary>Opens the market once the whole way of every price is known, wherever it ends.</summary>
    public void TryOpen(ulong block)
    {
        var row = Tables.Market;
        if (!row.IsOpen && IsWhole(row))
        {
            Tables.Market = row with { IsOpen = true, ChangedBlock = block };
        }
    }

    private bool IsWhole(in MarketRow row)
    {
        if ((row.Fields & MarketFields.All) != MarketFields.All || !Tables.Totals.Contains(Vault) || Routes.Of(row.Asset) is null)
        {
            return false;
        }

        foreach (var (vault, collateral) in Tables.Collaterals)
        {
            if (!collateral.HasLtv || Routes.Of(vault) is null)
            {
                return false;
            }
        }

        return true;
    }
}
