using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>Why a vault, or an account of it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(EulerMarket market, Quotes quotes)
{
    private readonly EulerTables tables = market.Tables;

    /// <summary>What everybody shares.</summary>
    public string? OfMarket(BlockHeader block)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            return row.ChangedBlock == 0
                ? $"The vault {market.Deployment.Id} has not been read yet."
                : $"Collaterals or price routes of {market.Deployment.Id} changed in block {row.ChangedBlock} and have not been read again since.";
        }

        return tables.Totals.TryGet(market.Vault, out var totals) && EulerMarket.IsUsable(totals, block)
            ? quotes.Unread(row.Asset, block)
            : $"The figures of the vault {market.Deployment.Id} could not be read at block {block.Number}.";
    }

    public string? OfAccount(in Address account)
    {
        if (!tables.Accounts.Contains(account))
        {
            return "The account has not entered yet.";
        }

        return tables.Pending.TryGet(account, out var pending) ? $"The account has had to be read again since block {pending.Since}, and has not been yet." : null;
    }
}
