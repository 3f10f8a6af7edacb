using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Judges one account straight out of the tables, in 256 bits: the way of every account that the dense form does not hold. Allocates nothing, but costs microseconds.
/// </summary>
internal sealed class ExactJudge(AaveMarket market, Legs legs, UnknownReasons reasons)
{
    private readonly AaveTables tables = market.Tables;

    public static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    public Verdict Judge(in Address user, SharedMarket shared, BlockHeader block)
    {
        tables.Accounts.TryGet(user, out var account);
        if (reasons.CauseOf(user, account, block) != AccountCause.None)
        {
            return Unknown;
        }

        tables.EModes.TryGet(account.EMode, out var category);
        var sum = default(AccountSum);
        try
        {
            foreach (ref readonly var reserve in shared.Reserves.AsSpan())
            {
                if (account.Configuration.Uses(reserve.Id) && !Add(ref sum, shared.Version, user, account, category, reserve, block))
                {
                    return Unknown;
                }
            }

            return Verdicts.Of(sum, sum.HealthFactor(shared.Version));
        }
        catch (ArithmeticException)
        {
            // Where the contract would revert there is no verdict.
            return Unknown;
        }
    }

    private bool Add(
        ref AccountSum sum, AaveVersion version, in Address user, in AccountRow account, in EModeRow category, in SharedReserve reserve, BlockHeader block)
    {
        var source = legs.PriceSource(version, reserve.Row, account, category);
        var price = reserve.Price;
        if (source != reserve.Row.Asset)
        {
            tables.Prices.TryGet(source, out price);
        }

        if (!reserve.IsRead || price.State != PriceState.Read || !legs.IsFresh(price.Block, block) || !legs.AreDebtsKnown(version, user, reserve.Id, block))
        {
            return false;
        }

        var (supply, debt, other) = legs.Balances(version, user, reserve.Id, reserve.Row);
        sum.Add(version, new AccountLeg(
            reserve.Id,
            source,
            supply.IsZero ? UInt256.Zero : Balances.OfSupply(version, supply, Known(reserve.Income)),
            (debt.IsZero ? UInt256.Zero : Balances.OfDebt(version, debt, Known(reserve.DebtIndex))) + other,
            price.Price,
            reserve.Row.Configuration.Unit,
            legs.Terms(version, reserve.Id, reserve.Row, account, category.Category)));
        return true;
    }

    private static UInt256 Known(in UInt256? index) => index ?? throw new OverflowException("An index does not fit 256 bits.");
}
