using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>A reserve at one block and instant, for everybody. Null for an index that can't be computed: only who holds something of it minds.</summary>
internal readonly record struct SharedReserve(ushort Id, ReserveRow Row, PriceRow Price, bool IsRead, UInt256? Income, UInt256? DebtIndex);

/// <summary>
/// What all accounts share at one block and instant, worked out once a pass: per reserve, and per category where its terms or its price differ. Some tens of
/// microseconds, so it is built anew for every pass rather than kept and invalidated. Read only once it is built.
/// </summary>
internal sealed class SharedMarket
{
    private const int None = -1;

    // By category: which row of factors, or none where the category can't be judged with.
    private readonly int[] rowOf = new int[256];
    private readonly List<(byte Category, EModeRow EMode)> categories = [];
    private readonly AaveMarket market;
    private readonly Legs legs;
    private readonly BlockHeader block;
    private ReserveMask[] blocked = [];
    private ReserveMask[] beyond = [];
    private LegFactors[] factors = [];
    private int stride;

    public SharedMarket(AaveMarket market, Legs legs, BlockHeader block, Instant at)
    {
        this.market = market;
        this.legs = legs;
        this.block = block;
        Version = market.Version;
        Reserves = ReservesAt(at);
        FindRows();
        FillRows();
    }

    public AaveVersion Version { get; }

    /// <summary>In the order of ids.</summary>
    public SharedReserve[] Reserves { get; }

    /// <summary>The row of a user's category; below 0 when the category is unread.</summary>
    public int RowOf(byte category) => rowOf[category];

    /// <summary>True when the account uses a reserve that nobody can judge with: unread, or without a price.</summary>
    public bool IsBlocked(int row, in MirrorEntry entry) => blocked[row].Meets(entry);

    /// <summary>True when the account uses a reserve whose figures the dense form does not hold.</summary>
    public bool IsBeyondDense(int row, in MirrorEntry entry) => beyond[row].Meets(entry);

    /// <summary>By leg number. Numbers of reserves that are not listed may lie outside: those are beyond the dense form.</summary>
    public ReadOnlySpan<LegFactors> FactorsOf(int row) => factors.AsSpan(row * stride, stride);

    private SharedReserve[] ReservesAt(Instant at)
    {
        var tables = market.Tables;
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
                OrNone(() => indexes.NormalizedDebt(Version, at.Seconds)));
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
            return null;
        }
    }

    // A category that covers no reserve is judged by the reserves' own terms: the first row.
    private void FindRows()
    {
        Array.Fill(rowOf, None);
        rowOf[0] = 0;
        categories.Add((0, default));
        var needed = market.NeededOfEMode;
        foreach (var (category, row) in market.Tables.EModes)
        {
            if (category == 0 || (row.Fields & needed) != needed)
            {
                continue;
            }

            rowOf[category] = 0;
            foreach (ref readonly var reserve in Reserves.AsSpan())
            {
                if (row.Category.Covers(Version, category, reserve.Id, reserve.Row.Configuration))
                {
                    rowOf[category] = categories.Count;
                    categories.Add((category, row));
                    break;
                }
            }
        }
    }

    private void FillRows()
    {
        stride = Reserves.Length == 0 ? 0 : 2 * (Reserves[^1].Id + 1);
        factors = new LegFactors[categories.Count * stride];
        blocked = new ReserveMask[categories.Count];
        beyond = new ReserveMask[categories.Count];
        for (var row = 0; row < categories.Count; row++)
        {
            var (category, emode) = categories[row];
            var unreadable = UInt128.Zero;
            var dense = UInt128.Zero;
            foreach (ref readonly var reserve in Reserves.AsSpan())
            {
                var bit = UInt128.One << reserve.Id;
                if (PriceOf(reserve, category, emode) is not { } price)
                {
                    unreadable |= bit;
                }
                else if (TryFill(reserve, category, emode, price, factors.AsSpan(row * stride, stride)))
                {
                    dense |= bit;
                }
            }

            blocked[row] = new ReserveMask(unreadable);
            beyond[row] = new ReserveMask(~dense);
        }
    }

    // Null where nobody can judge with the reserve.
    private UInt256? PriceOf(in SharedReserve reserve, byte category, in EModeRow emode)
    {
        var source = legs.PriceSource(Version, reserve.Row, new AccountRow { EMode = category }, emode);
        var price = reserve.Price;
        if (source != reserve.Row.Asset)
        {
            market.Tables.Prices.TryGet(source, out price);
        }

        return reserve.IsRead && price.State == PriceState.Read && legs.IsFresh(price.Block, block) ? price.Price : null;
    }

    private bool TryFill(in SharedReserve reserve, byte category, in EModeRow emode, in UInt256 price, Span<LegFactors> into)
    {
        var decimals = reserve.Row.Configuration.Decimals;
        if (reserve.Income is not { BitLength: <= 96 } income || reserve.DebtIndex is not { BitLength: <= 96 } debtIndex
            || price.BitLength > 64 || decimals > LegFactors.MaxDecimals)
        {
            return false;
        }

        var everything = new AccountRow { EMode = category, Configuration = new UserConfiguration(UInt256.MaxValue) };
        var terms = legs.Terms(Version, reserve.Id, reserve.Row, everything, emode.Category);
        into[MirrorLeg.SupplyOf(reserve.Id)] = LegFactors.OfSupply(Version, (UInt128)income, (ulong)price, decimals, terms);
        into[MirrorLeg.DebtOf(reserve.Id)] = LegFactors.OfDebt(Version, (UInt128)debtIndex, (ulong)price, decimals);
        return true;
    }

    /// <summary>Bit i = reserve i.</summary>
    private readonly struct ReserveMask(UInt128 bits)
    {
        private readonly ulong low = (ulong)bits;
        private readonly ulong high = (ulong)(bits >> 64);

        public bool Meets(in MirrorEntry entry) => ((entry.UsedLow & low) | (entry.UsedHigh & high)) != 0;
    }
}
