using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.MorphoBlue;

/// <summary>
/// Folds the market's logs into its totals and positions. Every figure is in the logs, so nothing is computed twice: Morpho.sol emits what it adds and takes away.
/// </summary>
internal sealed class LogFolder
{
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> morpho;
    private readonly MorphoMarket market;
    private readonly MorphoTables tables;

    public LogFolder(MorphoMarket market)
    {
        this.market = market;
        tables = market.Tables;
        morpho = new()
        {
            [MorphoAbi.AccrueInterest.Topic0] = OnAccrue,
            [MorphoAbi.SetFee.Topic0] = OnFee,
            [MorphoAbi.Supply.Topic0] = OnSupply,
            [MorphoAbi.Withdraw.Topic0] = OnWithdraw,
            [MorphoAbi.Borrow.Topic0] = OnBorrow,
            [MorphoAbi.Repay.Topic0] = OnRepay,
            [MorphoAbi.SupplyCollateral.Topic0] = OnSupplyCollateral,
            [MorphoAbi.WithdrawCollateral.Topic0] = OnWithdrawCollateral,
            [MorphoAbi.Liquidate.Topic0] = OnLiquidate,
        };
        Filters =
        [
            new LogFilter([market.Deployment.Morpho], market.Deployment.PreLiquidations.Count > 0 ? [.. morpho.Keys, MorphoAbi.SetAuthorization.Topic0] : [.. morpho.Keys]),
            new LogFilter([market.Deployment.AdaptiveCurveIrm], [MorphoAbi.BorrowRateUpdate.Topic0]),
        ];
    }

    public IReadOnlyCollection<LogFilter> Filters { get; }

    /// <summary>Morpho and its rate model speak for every market of the chain: the first indexed word says for which.</summary>
    public bool IsOfMarket(Log log) => log.Topics.Count > 1 && log.Topics[1] == market.Deployment.MarketId;

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count == 0)
        {
            return;
        }

        var topic = log.Topics[0];
        if (log.Address == market.Deployment.Morpho && topic == MorphoAbi.SetAuthorization.Topic0)
        {
            OnAuthorization(MorphoAbi.SetAuthorization.Decode(log), touched);
            return;
        }

        // Without its market's word it can't be read, and may have been of this one.
        if (log.Topics.Count > 1 && !IsOfMarket(log))
        {
            return;
        }

        if (log.Address == market.Deployment.AdaptiveCurveIrm && topic == MorphoAbi.BorrowRateUpdate.Topic0)
        {
            tables.Market = tables.Market with { RateAtTarget = MorphoAbi.BorrowRateUpdate.Decode(log).RateAtTarget };
        }
        else if (log.Address == market.Deployment.Morpho && morpho.TryGetValue(topic, out var on))
        {
            on(block, log, touched);
        }
    }

    // Of the whole contract, not of a market.
    private void OnAuthorization(in SetAuthorization set, ISet<MarginAccountId> touched)
    {
        if (tables.Accounts.Contains(set.Authorizer) && market.Deployment.PreLiquidations.Contains(set.Authorized))
        {
            tables.Authorizations.Set(new AuthorizationKey(set.Authorizer, set.Authorized), set.NewIsAuthorized);
            touched.Add(market.IdOf(set.Authorizer));
        }
    }

    private void OnAccrue(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var accrued = MorphoAbi.AccrueInterest.Decode(log);
        Change(block, totals => totals with
        {
            SupplyAssets = Half(totals.SupplyAssets + accrued.Interest),
            SupplyShares = Half(totals.SupplyShares + accrued.FeeShares),
            BorrowAssets = Half(totals.BorrowAssets + accrued.Interest),
            LastUpdate = block.Timestamp,
        });
    }

    private void OnFee(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var set = MorphoAbi.SetFee.Decode(log);
        Change(block, totals => totals with { Fee = Half(set.NewFee) });
    }

    private void OnSupply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var supply = MorphoAbi.Supply.Decode(log);
        Change(block, totals => totals with
        {
            SupplyAssets = Half(totals.SupplyAssets + supply.Assets), SupplyShares = Half(totals.SupplyShares + supply.Shares),
        });
    }

    private void OnWithdraw(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var withdraw = MorphoAbi.Withdraw.Decode(log);
        Change(block, totals => totals with
        {
            SupplyAssets = Half(totals.SupplyAssets - withdraw.Assets), SupplyShares = Half(totals.SupplyShares - withdraw.Shares),
        });
    }

    private void OnBorrow(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var borrow = MorphoAbi.Borrow.Decode(log);
        Change(block, totals => totals with
        {
            BorrowAssets = Half(totals.BorrowAssets + borrow.Assets), BorrowShares = Half(totals.BorrowShares + borrow.Shares),
        });
        Change(block, borrow.OnBehalf, touched, row => row with { BorrowShares = Half(row.BorrowShares + borrow.Shares) });
    }

    private void OnRepay(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var repay = MorphoAbi.Repay.Decode(log);
        Change(block, totals => Repaid(totals, repay.Assets, repay.Shares));
        Change(block, repay.OnBehalf, touched, row => row with { BorrowShares = Half(row.BorrowShares - repay.Shares) });
    }

    private void OnSupplyCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var supply = MorphoAbi.SupplyCollateral.Decode(log);
        Change(block, supply.OnBehalf, touched, row => row with { Collateral = Half(row.Collateral + supply.Assets) });
    }

    private void OnWithdrawCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var withdraw = MorphoAbi.WithdrawCollateral.Decode(log);
        Change(block, withdraw.OnBehalf, touched, row => row with { Collateral = Half(row.Collateral - withdraw.Assets) });
    }

    private void OnLiquidate(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var liquidate = MorphoAbi.Liquidate.Decode(log);
        Change(block, totals =>
        {
            var repaid = Repaid(totals, liquidate.RepaidAssets, liquidate.RepaidShares);
            return repaid with
            {
                BorrowAssets = Half(repaid.BorrowAssets - liquidate.BadDebtAssets),
                BorrowShares = Half(repaid.BorrowShares - liquidate.BadDebtShares),
                SupplyAssets = Half(repaid.SupplyAssets - liquidate.BadDebtAssets),
            };
        });
        Change(block, liquidate.Borrower, touched, row => new AccountRow(
            Half(row.BorrowShares - liquidate.RepaidShares - liquidate.BadDebtShares), Half(row.Collateral - liquidate.SeizedAssets)));
    }

    private static MarketTotals Repaid(in MarketTotals totals, in UInt256 assets, in UInt256 shares) => totals with
    {
        BorrowAssets = Half(Liquidations.AfterRepaid(totals.BorrowAssets, assets)), BorrowShares = Half(totals.BorrowShares - shares),
    };

    private static UInt128 Half(in UInt256 value) => (UInt128)value;

    private void Change(BlockHeader block, Func<MarketTotals, MarketTotals> change)
    {
        var row = tables.Market;
        if (!row.IsOpen)
        {
            return;
        }

        try
        {
            tables.Market = row with { Totals = change(row.Totals) };
        }
        catch (ArithmeticException)
        {
            // The log does not follow from the totals that we have, so those are wrong: read them.
            market.Close(block.Number);
        }
    }

    private void Change(BlockHeader block, in Address user, ISet<MarginAccountId> touched, Func<AccountRow, AccountRow> change)
    {
        if (!tables.Accounts.TryGet(user, out var row))
        {
            return;
        }

        touched.Add(market.IdOf(user));
        try
        {
            tables.Accounts.Set(user, change(row));
        }
        catch (ArithmeticException)
        {
            tables.MarkPending(user, block.Number);
        }
    }
}
