using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>
/// Folds logs into the tables. Shares move by their transfers, figures by VaultStatus, settings by their own events. A debt is read again where it moved: whether a
/// Repay rounded what is left up to a whole unit (decreaseBorrow) or moved the exact debt (transferBorrow) the log does not tell.
/// </summary>
internal sealed class LogFolder
{
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> ofVault;
    private readonly Dictionary<Hash32, Action<BlockHeader, Log, ISet<MarginAccountId>>> ofEvc;
    private readonly EulerMarket market;
    private readonly EulerTables tables;
    private readonly TotalsWriter totals;
    private readonly AccountWriter accounts;

    public LogFolder(EulerMarket market, TotalsWriter totals, AccountWriter accounts)
    {
        this.market = market;
        this.totals = totals;
        this.accounts = accounts;
        tables = market.Tables;
        ofVault = new()
        {
            [EulerAbi.Borrow.Topic0] = (block, log, touched) => OnDebt(block, EulerAbi.Borrow.Decode(log).Account, touched),
            [EulerAbi.Repay.Topic0] = (block, log, touched) => OnDebt(block, EulerAbi.Repay.Decode(log).Account, touched),
            [EulerAbi.DebtSocialized.Topic0] = (block, log, touched) => OnDebt(block, EulerAbi.DebtSocialized.Decode(log).Account, touched),
            [EulerAbi.PullDebt.Topic0] = OnPull,
            [EulerAbi.Liquidate.Topic0] = OnLiquidate,
            [EulerAbi.GovSetLtv.Topic0] = OnLtv,
            [EulerAbi.GovSetMaxLiquidationDiscount.Topic0] = OnDiscount,
            [EulerAbi.GovSetLiquidationCoolOffTime.Topic0] = OnCoolOff,
            [EulerAbi.GovSetHookConfig.Topic0] = OnHooks,
            [EulerAbi.VaultStatus.Topic0] = OnStatus,
            [EulerAbi.GovSetInterestFee.Topic0] = OnFee,
        };
        ofEvc = new()
        {
            [EulerAbi.CollateralStatus.Topic0] = OnCollateral,
            [EulerAbi.ControllerStatus.Topic0] = OnController,
            [EulerAbi.AccountStatusCheck.Topic0] = OnCheck,
        };
    }

    private static IReadOnlyCollection<Hash32> CollateralTopics { get; } =
        [EulerAbi.Transfer.Topic0, EulerAbi.VaultStatus.Topic0, EulerAbi.GovSetInterestFee.Topic0, EulerAbi.GovSetHookConfig.Topic0];

    private static IReadOnlyCollection<Hash32> RouterTopics { get; } = [EulerAbi.ConfigSet.Topic0, EulerAbi.ResolvedVaultSet.Topic0, EulerAbi.FallbackOracleSet.Topic0];

    /// <summary>The vault from the start; the EVC, the collaterals and the routers once the market has been read.</summary>
    public IReadOnlyCollection<LogFilter> Filters
    {
        get
        {
            var filters = new List<LogFilter> { new([market.Vault], [.. ofVault.Keys]) };
            if (!tables.Market.Evc.IsZero)
            {
                filters.Add(new LogFilter([tables.Market.Evc], [.. ofEvc.Keys]));
            }

            var vaults = new HashSet<Address>();
            foreach (var (vault, _) in tables.Collaterals)
            {
                vaults.Add(vault);
            }

            foreach (var (vault, isEVault) in tables.EVaults)
            {
                if (isEVault)
                {
                    vaults.Add(vault);
                }
            }

            if (vaults.Count > 0)
            {
                filters.Add(new LogFilter(vaults, CollateralTopics));
            }

            var routers = new List<Address>();
            foreach (var (oracle, adapter) in tables.Adapters)
            {
                if (adapter.Kind == AdapterKind.Router)
                {
                    routers.Add(oracle);
                }
            }

            if (routers.Count > 0)
            {
                filters.Add(new LogFilter(routers, RouterTopics));
            }

            return filters;
        }
    }

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count == 0)
        {
            return;
        }

        if (log.Address == tables.Market.Evc)
        {
            if (ofEvc.TryGetValue(log.Topics[0], out var on))
            {
                on(block, log, touched);
            }

            return;
        }

        if (tables.Adapters.TryGet(log.Address, out var adapter) && adapter.Kind == AdapterKind.Router)
        {
            OnRerouting(block, log, adapter);
        }

        if (log.Topics[0] == EulerAbi.Transfer.Topic0)
        {
            if (tables.Collaterals.Contains(log.Address))
            {
                OnTransfer(block, log, touched);
            }
        }
        else if ((log.Address == market.Vault || IsCommon(log)) && ofVault.TryGetValue(log.Topics[0], out var on))
        {
            on(block, log, touched);
        }
    }

    private static bool IsCommon(Log log) => CollateralTopics.Contains(log.Topics[0]);

    private void OnTransfer(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var transfer = EulerAbi.Transfer.Decode(log);
        Move(block, new BalanceKey(transfer.From, log.Address), transfer.Value, isIn: false, touched);
        Move(block, new BalanceKey(transfer.To, log.Address), transfer.Value, isIn: true, touched);
    }

    private void Move(BlockHeader block, in BalanceKey key, in UInt256 value, bool isIn, ISet<MarginAccountId> touched)
    {
        if (!tables.Balances.TryGet(key, out var row))
        {
            return;
        }

        touched.Add(market.IdOf(key.Account));
        try
        {
            tables.Balances.Set(key, row with { Shares = (UInt128)(isIn ? row.Shares + value : row.Shares - value) });
        }
        catch (ArithmeticException)
        {
            // The transfer does not follow from the balance that we have, so that is wrong: read it.
            tables.Balances.Set(key, row with { IsRead = false });
            tables.MarkPending(key.Account, PendingParts.Balances, block.Number);
        }
    }

    private void OnDebt(BlockHeader block, in Address account, ISet<MarginAccountId> touched)
    {
        if (tables.Accounts.Contains(account))
        {
            tables.MarkPending(account, PendingParts.Debt, block.Number);
            touched.Add(market.IdOf(account));
        }
    }

    private void OnPull(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var pull = EulerAbi.PullDebt.Decode(log);
        OnDebt(block, pull.From, touched);
        OnDebt(block, pull.To, touched);
    }

    private void OnLiquidate(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var liquidate = EulerAbi.Liquidate.Decode(log);
        OnDebt(block, liquidate.Violator, touched);
        OnDebt(block, liquidate.Liquidator, touched);
    }

    private void OnLtv(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var set = EulerAbi.GovSetLtv.Decode(log);
        if (!tables.Collaterals.TryGet(set.Collateral, out var row))
        {
            accounts.Recognise(block, set.Collateral);
            row = new CollateralRow { Asset = set.Collateral };
        }

        var ltv = new LtvConfig(set.BorrowLTV, set.LiquidationLTV, set.InitialLiquidationLTV, set.TargetTimestamp, set.RampDuration);
        tables.Collaterals.Set(set.Collateral, row with { Ltv = ltv, HasLtv = true });
        market.CloseUnlessWhole(block.Number);
    }

    private void OnDiscount(BlockHeader block, Log log, ISet<MarginAccountId> touched) =>
        tables.Market = tables.Market with { MaxLiquidationDiscount = EulerAbi.GovSetMaxLiquidationDiscount.Decode(log).NewDiscount };

    private void OnCoolOff(BlockHeader block, Log log, ISet<MarginAccountId> touched) =>
        tables.Market = tables.Market with { CoolOffTime = EulerAbi.GovSetLiquidationCoolOffTime.Decode(log).NewCoolOffTime };

    private void OnHooks(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var set = EulerAbi.GovSetHookConfig.Decode(log);
        var hooks = new Hooks(set.NewHookTarget, set.NewHookedOps);
        if (log.Address == market.Vault)
        {
            tables.Market = tables.Market with { Hooks = hooks };
        }
        else if (tables.Collaterals.TryGet(log.Address, out var row))
        {
            tables.Collaterals.Set(log.Address, row with { Hooks = hooks });
        }
    }

    private void OnStatus(BlockHeader block, Log log, ISet<MarginAccountId> touched) => totals.Fold(block, log.Address, EulerAbi.VaultStatus.Decode(log));

    private void OnFee(BlockHeader block, Log log, ISet<MarginAccountId> touched) => totals.FoldFee(log.Address, EulerAbi.GovSetInterestFee.Decode(log).NewFee);

    private void OnCollateral(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var status = EulerAbi.CollateralStatus.Decode(log);
        if (tables.Accounts.Contains(status.Account) && tables.Collaterals.Contains(status.Collateral))
        {
            accounts.SetEnabled(block, status.Account, status.Collateral, status.Enabled);
            touched.Add(market.IdOf(status.Account));
        }
    }

    private void OnController(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var status = EulerAbi.ControllerStatus.Decode(log);
        if (status.Controller == market.Vault && tables.Accounts.TryGet(status.Account, out var row))
        {
            tables.Accounts.Set(status.Account, row with { IsController = status.Enabled });
            touched.Add(market.IdOf(status.Account));
        }
    }

    // Whoever the controller is: the time of the check stands with the account.
    private void OnCheck(BlockHeader block, Log log, ISet<MarginAccountId> touched)
    {
        var account = EulerAbi.AccountStatusCheck.Decode(log).Account;
        if (tables.Accounts.TryGet(account, out var row))
        {
            tables.Accounts.Set(account, row with { LastCheck = block.Timestamp });
            touched.Add(market.IdOf(account));
        }
    }

    // What the router says now stands in its event; where the new way leads past a contract that was never asked, the market is opened again.
    private void OnRerouting(BlockHeader block, Log log, in AdapterRow adapter)
    {
        var topic = log.Topics[0];
        if (topic == EulerAbi.ConfigSet.Topic0)
        {
            var set = EulerAbi.ConfigSet.Decode(log);
            tables.Configured.Set(new PairKey(log.Address, set.Asset0, set.Asset1), new AddressFact(set.Oracle, true));
            tables.Configured.Set(new PairKey(log.Address, set.Asset1, set.Asset0), new AddressFact(set.Oracle, true));
        }
        else if (topic == EulerAbi.ResolvedVaultSet.Topic0)
        {
            var set = EulerAbi.ResolvedVaultSet.Decode(log);
            tables.Resolved.Set(new ResolvedKey(log.Address, set.Vault), new AddressFact(set.Asset, true));
        }
        else if (topic == EulerAbi.FallbackOracleSet.Topic0)
        {
            tables.Adapters.Set(log.Address, adapter with { Fallback = EulerAbi.FallbackOracleSet.Decode(log).FallbackOracle });
        }

        market.CloseUnlessWhole(block.Number);
    }
}
