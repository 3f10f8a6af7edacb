using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// One reserve, and one account's part in it, as the tables have them: what <see cref="StateCapture"/> and <see cref="BulkJudge"/> share, so that they can't disagree.
/// </summary>
internal sealed class Legs(AaveMarket market)
{
    private readonly AaveTables tables = market.Tables;

    public LegTerms Terms(AaveVersion version, ushort id, in ReserveRow reserve, in AccountRow account, in EModeCategory category) =>
        LegTerms.Of(version, id, reserve.Configuration, account.Configuration, account.EMode, category);

    /// <summary>
    /// Which price counts: up to 3.1 a category's own source for the category's reserves, unless that answers 0 (EModeLogic.getEModeConfiguration).
    /// </summary>
    public Address PriceSource(AaveVersion version, in ReserveRow reserve, in AccountRow account, in EModeRow category) =>
        version <= AaveVersion.V31 && account.EMode != 0 && !category.PriceSource.IsZero && reserve.Configuration.EModeCategory == account.EMode
        && !(tables.Prices.TryGet(category.PriceSource, out var row) && row.State == PriceState.Zero)
            ? category.PriceSource
            : reserve.Asset;

    /// <summary>The balances that count, of which the last is debt that no index scales.</summary>
    public (UInt256 Supply, UInt256 Debt, UInt256 Other) Balances(AaveVersion version, in Address user, ushort id, in ReserveRow reserve)
    {
        var supply = tables.Balance(user, id, TokenSide.Supply);
        var debt = tables.Balance(user, id, TokenSide.Debt);
        var other = UInt256.Zero;
        if (version <= AaveVersion.V31 && tables.ReadDebts.TryGet(new ReadDebtKey(user, id, ReadDebtKind.Stable), out var stable))
        {
            other = stable.Amount;
        }
        else if (version == AaveVersion.V33 && !reserve.Configuration.HasVirtualAccounting
            && tables.ReadDebts.TryGet(new ReadDebtKey(user, id, ReadDebtKind.Discounted), out var discounted))
        {
            (debt, other) = (UInt256.Zero, discounted.Amount);
        }

        return (supply, debt, other);
    }

    public bool IsFresh(ulong readBlock, BlockHeader block) => readBlock != 0 && readBlock <= block.Number && block.Number - readBlock <= market.Options.MaxReadAgeBlocks;

    /// <summary>False while a debt that events do not tell is unread or old.</summary>
    public bool AreDebtsKnown(AaveVersion version, in Address user, ushort id, BlockHeader block) =>
        version > AaveVersion.V33
        || (IsDebtKnown(user, id, ReadDebtKind.Stable, block) && IsDebtKnown(user, id, ReadDebtKind.Discounted, block)
            && !tables.ReadDebts.Contains(new ReadDebtKey(user, id, ReadDebtKind.Scaled)));

    private bool IsDebtKnown(in Address user, ushort id, ReadDebtKind kind, BlockHeader block) =>
        !tables.ReadDebts.TryGet(new ReadDebtKey(user, id, kind), out var row) || IsFresh(row.Block, block);
}
