using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Judges many accounts at one instant. What all accounts share is worked out once a reserve: indexes, price, whether it can be judged with.
/// Allocates per call, never per account.
/// </summary>
internal sealed class BulkJudge(AaveMarket market, Legs legs, UnknownReasons reasons)
{
    private readonly AaveTables tables = market.Tables;

    private readonly Dictionary<Address, int> slots = [];
    private readonly List<Address> users = [];

    public int SlotOf(in Address user)
    {
        if (!slots.TryGetValue(user, out var slot))
        {
            slot = users.Count;
            slots.Add(user, slot);
            users.Add(user);
        }

        return slot;
    }

    public void Judge(ReadOnlySpan<int> accounts, BlockHeader block, Instant at, Span<Verdict> verdicts)
    {
        var version = market.Version;
        var isOpen = tables.Market.IsOpen;
        var shared = isOpen ? Shared(version, block, at) : [];
        for (var i = 0; i < accounts.Length; i++)
        {
            verdicts[i] = isOpen ? Judge(version, users[accounts[i]], shared, block) : Unknown;
        }
    }

    private static Verdict Unknown => new(MarginStatus.Unknown, UInt256.Zero);

    private Verdict Judge(AaveVersion version, in Address user, SharedReserve[] shared, BlockHeader block)
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
            foreach (ref readonly var reserve in shared.AsSpan())
            {
                if (account.Configuration.Uses(reserve.Id) && !Add(ref sum, version, user, account, category, reserve, block))
                {
                    return Unknown;
                }
            }

            return Verdicts.Of(sum, sum.HealthFactor(version));
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

    private SharedReserve[] Shared(AaveVersion version, BlockHeader block, Instant at)
    {
        var shared = new SharedReserve[tables.Reserves.Count];
        var i = 0;
        var needed = market.NeededOfReserve;
        foreach (var (id, row) in tables.Reserves)
        {
            tables.Prices.TryGet(row.Asset, out var price);
            var indexes = row.Indexes;
            shared[i++] = new SharedReserve(
                id,
                row,
                price,
                (row.Fields & needed) == needed,
                OrNone(() => indexes.NormalizedIncome(at.Seconds)),
                OrNone(() => indexes.NormalizedDebt(version, at.Seconds)));
        }

        Array.Sort(shared, static (a, b) => a.Id.CompareTo(b.Id));
        return shared;
    }

    private static UInt256? OrNone(Func<UInt256> index)
    {
        try
        {
            return index();
        }
        catch (ArithmeticException)
        {
            // Only who holds something of the reserve minds.
            return null;
        }
    }

    private static UInt256 Known(in UInt256? index) => index ?? throw new OverflowException("An index does not fit 256 bits.");

    private readonly record struct SharedReserve(ushort Id, ReserveRow Row, PriceRow Price, bool IsRead, UInt256? Income, UInt256? DebtIndex);
}
