using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.CompoundV3;

/// <summary>
/// Folds the market's logs. Collaterals follow from them to the last unit. Principals do not (a Transfer tells the part that is supply and neither rounding nor debt), so
/// whoever a log names is read again. BuyCollateral changes no account and PauseAction stands in the totals that are read at every judged block, so neither is asked for.
/// </summary>
internal sealed class LogFolder
{
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> comet;
    private readonly CometMarket market;
    private readonly CometTables tables;

    public LogFolder(CometMarket market)
    {
        this.market = market;
        tables = market.Tables;
        comet = new()
        {
            [CometAbi.Supply.Topic0] = (block, log, touched) => Dirty(block, CometAbi.Supply.Decode(log).Dst, touched),
            [CometAbi.Withdraw.Topic0] = (block, log, touched) => Dirty(block, CometAbi.Withdraw.Decode(log).Src, touched),
            [CometAbi.Transfer.Topic0] = OnTransfer,
            [CometAbi.SupplyCollateral.Topic0] = OnSupplyCollateral,
            [CometAbi.WithdrawCollateral.Topic0] = OnWithdrawCollateral,
            [CometAbi.TransferCollateral.Topic0] = OnTransferCollateral,
            [CometAbi.AbsorbCollateral.Topic0] = OnAbsorbCollateral,
            [CometAbi.AbsorbDebt.Topic0] = OnAbsorbDebt,
            [CometAbi.Upgraded.Topic0] = OnUpgrade,
        };
        Filters = [new LogFilter([market.Deployment.Comet], [.. comet.Keys])];
    }

    public IReadOnlyCollection<LogFilter> Filters { get; }

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Address == market.Deployment.Comet && log.Topics.Count > 0 && comet.TryGetValue(log.Topics[0], out var on))
        {
            on(block, log, touched);
        }
    }

    /// <summary>Who ever got collateral: nobody can owe without, and a loan by a mere transfer of the base token tells its borrower in no log.</summary>
    public Address? Discover(Log log) => log.Address != market.Deployment.Comet ? null
        : CometAbi.SupplyCollateral.Matches(log) ? CometAbi.SupplyCollateral.Decode(log).Dst
        : CometAbi.TransferCollateral.Matches(log) ? CometAbi.TransferCollateral.Decode(log).To
        : null;

    /// <summary>One absorb, told by its AbsorbDebt; what it took stands in the logs before that one.</summary>
    public Liquidation? LiquidationOf(Log log)
    {
        if (log.Address != market.Deployment.Comet || !CometAbi.AbsorbDebt.Matches(log))
        {
            return null;
        }

        var absorb = CometAbi.AbsorbDebt.Decode(log);
        var known = tables.Absorb;
        var baseToken = tables.Market.Parameters.BaseToken;
        var taken = new List<TakenCollateral>();
        for (byte i = 0; known.Borrower == absorb.Borrower && tables.Absorbed.TryGet(i, out var row); i++)
        {
            taken.Add(new TakenCollateral(row.Asset, row.Amount));
        }

        // What is paid out beyond the debt becomes the account's own supply.
        var repaid = known.Borrower == absorb.Borrower && known.IsDebtKnown ? UInt256.Min(known.Debt, absorb.BasePaidOut) : absorb.BasePaidOut;
        var first = taken.Count > 0 ? taken[0] : new TakenCollateral(baseToken, UInt256.Zero);
        return new Liquidation(market.IdOf(absorb.Borrower), baseToken, repaid, first.Asset, first.Amount) { AlsoTaken = taken.Count > 1 ? taken[1..] : [] };
    }

    private void OnUpgrade(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        tables.Implementation = CometAbi.Upgraded.Decode(log).Implementation;
        market.Close(block.Number);
    }

    private void OnTransfer(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var transfer = CometAbi.Transfer.Decode(log);
        Dirty(block, transfer.From, touched);
        Dirty(block, transfer.To, touched);
    }

    private void OnSupplyCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var supply = CometAbi.SupplyCollateral.Decode(log);
        ChangeTotal(block, supply.Asset, total => total + supply.Amount);
        Change(supply.Dst, supply.Asset, touched, balance => balance + supply.Amount);
    }

    private void OnWithdrawCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var withdraw = CometAbi.WithdrawCollateral.Decode(log);
        ChangeTotal(block, withdraw.Asset, total => total - withdraw.Amount);
        Change(withdraw.Src, withdraw.Asset, touched, balance => balance - withdraw.Amount);
    }

    private void OnTransferCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var transfer = CometAbi.TransferCollateral.Decode(log);
        Change(transfer.From, transfer.Asset, touched, balance => balance - transfer.Amount);
        Change(transfer.To, transfer.Asset, touched, balance => balance + transfer.Amount);
    }

    private void OnAbsorbCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var absorb = CometAbi.AbsorbCollateral.Decode(log);
        ChangeTotal(block, absorb.Asset, total => total - absorb.CollateralAbsorbed);
        Change(absorb.Borrower, absorb.Asset, touched, balance => balance - absorb.CollateralAbsorbed);
        Begin(absorb.Borrower);
        tables.Absorbed.Set((byte)tables.Absorbed.Count, new AbsorbedRow(absorb.Asset, (UInt128)absorb.CollateralAbsorbed));
    }

    private void OnAbsorbDebt(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var absorb = CometAbi.AbsorbDebt.Decode(log);
        Begin(absorb.Borrower);
        var debt = DebtOf(absorb.Borrower, block);
        tables.Absorb = new AbsorbRow(absorb.Borrower, true, debt is not null, debt ?? 0);
        Dirty(block, absorb.Borrower, touched);
    }

    // The logs of one absorb follow each other: collaterals first, the debt last.
    private void Begin(in Address borrower)
    {
        var now = tables.Absorb;
        if (now.Borrower == borrower && !now.IsDone)
        {
            return;
        }

        for (var i = tables.Absorbed.Count - 1; i >= 0; i--)
        {
            tables.Absorbed.Remove((byte)i);
        }

        tables.Absorb = new AbsorbRow(borrower, false, false, 0);
    }

    private UInt128? DebtOf(in Address user, BlockHeader block)
    {
        var row = tables.Market;
        if (!row.IsOpen || !tables.Accounts.TryGet(user, out var account))
        {
            return null;
        }

        return Computed.OrNull<UInt128>(() => (UInt128)Int128.Max(0, -BaseBalance.Of(account.Principal, row.Totals.Accrue(row.Parameters.Rates, block.Timestamp))));
    }

    private void Dirty(BlockHeader block, in Address user, ISet<MarginAccountId> touched)
    {
        if (tables.Accounts.Contains(user))
        {
            tables.MarkPending(user, block.Number);
            touched.Add(market.IdOf(user));
        }
    }

    private void Change(in Address user, in Address asset, ISet<MarginAccountId> touched, Func<UInt256, UInt256> change)
    {
        if (!tables.Accounts.TryGet(user, out var row))
        {
            return;
        }

        touched.Add(market.IdOf(user));
        try
        {
            tables.SetCollateral(user, asset, (UInt128)change(tables.CollateralOf(user, asset)));
        }
        catch (ArithmeticException)
        {
            // The log does not follow from what we have, so that is wrong: without it, what we have is not what the contract's bits say, until it is read.
            tables.SetCollateral(user, asset, 0);
            tables.Accounts.Set(user, row with { IsWhole = false });
        }
    }

    private void ChangeTotal(BlockHeader block, in Address asset, Func<UInt256, UInt256> change)
    {
        if (!tables.Market.IsOpen || !tables.Supplied.TryGet(asset, out var row))
        {
            return;
        }

        try
        {
            tables.Supplied.Set(asset, row with { Total = (UInt128)change(row.Total) });
        }
        catch (ArithmeticException)
        {
            market.Close(block.Number);
        }
    }
}
