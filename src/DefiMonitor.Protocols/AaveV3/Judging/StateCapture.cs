using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Takes one account's inputs out of the tables.</summary>
internal sealed class StateCapture(AaveMarket market, Legs legs, UnknownReasons reasons)
{
    private readonly AaveTables tables = market.Tables;

    /// <param name="trustFormulas">True to look past an unknown revision: what its confirmation itself is computed from.</param>
    public AaveV3State Capture(MarginAccountId id, BlockHeader block, bool trustFormulas = false)
    {
        var user = market.UserOf(id);
        var state = new AaveV3State(id, block) { Pool = tables.Market.Pool };
        if (reasons.OfMarket() is { } closed)
        {
            return state with { Unknown = closed };
        }

        tables.Accounts.TryGet(user, out var account);
        var cause = reasons.CauseOf(user, account, block);
        if (cause is not AccountCause.None and not AccountCause.Unconfirmed)
        {
            return state with { Unknown = reasons.OfAccount(cause, user, account, block) };
        }

        var row = tables.Market;
        var version = market.Version;
        tables.EModes.TryGet(account.EMode, out var category);
        var reserves = new List<AaveReserveState>();
        string? unknown = null;
        for (ushort reserve = 0; reserve < UserConfiguration.MaxReserves; reserve++)
        {
            if (!tables.Reserves.TryGet(reserve, out var found))
            {
                continue;
            }

            var isUsed = account.Configuration.Uses(reserve);
            if (!isUsed && tables.Balance(user, reserve, TokenSide.Supply).IsZero)
            {
                continue;
            }

            var source = legs.PriceSource(version, found, account, category);
            unknown ??= isUsed ? reasons.OfReserve(version, user, reserve, found, source, block) : null;
            reserves.Add(ReserveState(version, user, reserve, found, account, category.Category, source));
        }

        return state with
        {
            Unknown = unknown ?? (trustFormulas ? null : reasons.OfAccount(cause, user, account, block)),
            Version = version,
            IsTentative = market.IsTentative,
            Configuration = account.Configuration,
            EMode = account.EMode,
            Reserves = reserves,
            Oracle = row.Oracle,
            BaseDecimals = DecimalsOf(row.BaseUnit),
            SentinelAllows = version >= AaveVersion.V37 || row.Sentinel.IsZero || row.LiquidationAllowed || !legs.IsFresh(row.SentinelBlock, block),
        };
    }

    private AaveReserveState ReserveState(
        AaveVersion version, in Address user, ushort id, in ReserveRow reserve, in AccountRow account, in EModeCategory category, in Address source)
    {
        var (supply, debt, other) = legs.Balances(version, user, id, reserve);
        tables.Prices.TryGet(source, out var price);
        return new AaveReserveState
        {
            Id = id,
            Asset = reserve.Asset,
            Symbol = reserve.Symbol.ToString(),
            Configuration = reserve.Configuration,
            Indexes = reserve.Indexes,
            GraceUntil = reserve.GraceUntil,
            PriceSource = source,
            Price = price.Price,
            ScaledSupply = supply,
            ScaledDebt = debt,
            OtherDebt = other,
            Terms = legs.Terms(version, id, reserve, account, category),
        };
    }

    // 10^8 for US dollars on almost every market; a unit that is no power of ten is shown as it is.
    private static int DecimalsOf(in UInt256 unit)
    {
        for (var decimals = 0; decimals <= 36; decimals++)
        {
            if (UInt256.Pow10(decimals) == unit)
            {
                return decimals;
            }
        }

        return 0;
    }
}
