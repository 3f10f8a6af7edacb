using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// Folds logs into the tables. A vault's events say which one changed, and no more than its tokens is taken from them: VaultOpened tells the type that was asked for, not the one that was
/// given, and no event tells the second of the last change. So the vault is read again.
/// </summary>
internal sealed class LogFolder
{
    private readonly Dictionary<Hash32, Action<Log, ISet<MarginAccountId>>> ofBook;
    private readonly Dictionary<Hash32, Action<Log, ISet<MarginAccountId>>> ofController;
    private readonly Dictionary<Hash32, Action<Log, ISet<MarginAccountId>>> ofCalculator;
    private readonly Dictionary<Hash32, Action<Log, ISet<MarginAccountId>>> ofOracle;
    private readonly GammaMarket market;
    private readonly GammaTables tables;

    public LogFolder(GammaMarket market)
    {
        this.market = market;
        tables = market.Tables;
        var closing = new VenueClosing(market);
        ofBook = new() { [GammaAbi.AddressAdded.Topic0] = (_, touched) => closing.Close(touched) };
        ofController = new()
        {
            [GammaAbi.Upgraded.Topic0] = (_, touched) => closing.Close(touched),
            [GammaAbi.VaultOpened.Topic0] = (log, touched) => OnOpened(GammaAbi.VaultOpened.Decode(log), touched),
            [GammaAbi.LongDeposited.Topic0] = (log, touched) => OnLong(GammaAbi.LongDeposited.Decode(log), touched),
            [GammaAbi.LongWithdrawn.Topic0] = (log, touched) => Changed(GammaAbi.LongWithdrawn.Decode(log).AccountOwner, GammaAbi.LongWithdrawn.Decode(log).VaultId, touched),
            [GammaAbi.Deposited.Topic0] = (log, touched) => OnDeposited(GammaAbi.Deposited.Decode(log), touched),
            [GammaAbi.Withdrawn.Topic0] = (log, touched) => Changed(GammaAbi.Withdrawn.Decode(log).AccountOwner, GammaAbi.Withdrawn.Decode(log).VaultId, touched),
            [GammaAbi.ShortMinted.Topic0] = (log, touched) => OnShort(GammaAbi.ShortMinted.Decode(log), touched),
            [GammaAbi.ShortBurned.Topic0] = (log, touched) => Changed(GammaAbi.ShortBurned.Decode(log).AccountOwner, GammaAbi.ShortBurned.Decode(log).VaultId, touched),
            [GammaAbi.VaultSettled.Topic0] = (log, touched) => Changed(GammaAbi.VaultSettled.Decode(log).AccountOwner, GammaAbi.VaultSettled.Decode(log).VaultId, touched),
            [GammaAbi.VaultLiquidated.Topic0] = (log, touched) => Changed(GammaAbi.VaultLiquidated.Decode(log).VaultOwner, GammaAbi.VaultLiquidated.Decode(log).VaultId, touched),
            [GammaAbi.SystemPartiallyPaused.Topic0] = (log, _) => tables.Venue = tables.Venue with { IsPartiallyPaused = GammaAbi.SystemPartiallyPaused.Decode(log).IsPaused },
            [GammaAbi.SystemFullyPaused.Topic0] = (log, _) => tables.Venue = tables.Venue with { IsFullyPaused = GammaAbi.SystemFullyPaused.Decode(log).IsPaused },
        };
        ofCalculator = new()
        {
            [GammaAbi.CollateralDustUpdated.Topic0] = (log, _) => OnDust(GammaAbi.CollateralDustUpdated.Decode(log)),
            [GammaAbi.MaxPriceAdded.Topic0] = (log, _) => OnStep(GammaAbi.MaxPriceAdded.Decode(log)),
            [GammaAbi.MaxPriceUpdated.Topic0] = (log, _) =>
                OnStep(new MaxPriceAdded(GammaAbi.MaxPriceUpdated.Decode(log).ProductHash, GammaAbi.MaxPriceUpdated.Decode(log).TimeToExpiry, GammaAbi.MaxPriceUpdated.Decode(log).NewValue)),
            [GammaAbi.SpotShockUpdated.Topic0] = (log, _) => OnShock(GammaAbi.SpotShockUpdated.Decode(log)),
            [GammaAbi.OracleDeviationUpdated.Topic0] = (log, _) => tables.Venue = tables.Venue with { OracleDeviation = GammaAbi.OracleDeviationUpdated.Decode(log).OracleDeviation },
        };
        ofOracle = new() { [GammaAbi.PricerUpdated.Topic0] = (log, _) => OnPricer(GammaAbi.PricerUpdated.Decode(log)) };
    }

    public IReadOnlyCollection<LogFilter> Filters
    {
        get
        {
            var venue = tables.Venue;
            var book = new LogFilter([market.Deployment.AddressBook], [.. ofBook.Keys]);
            return venue.IsOpen
                ? [book, new([venue.Controller], [.. ofController.Keys]), new([venue.Calculator], [.. ofCalculator.Keys]), new([venue.Oracle], [.. ofOracle.Keys])]
                : [book];
        }
    }

    public void Apply(Log log, ISet<MarginAccountId> touched)
    {
        var venue = tables.Venue;
        var handlers = log.Address == market.Deployment.AddressBook ? ofBook
            : !venue.IsOpen ? null
            : log.Address == venue.Controller ? ofController
            : log.Address == venue.Calculator ? ofCalculator
            : log.Address == venue.Oracle ? ofOracle
            : null;
        if (handlers is not null && log.Topics.Count > 0 && handlers.TryGetValue(log.Topics[0], out var on))
        {
            on(log, touched);
        }
    }

    private void OnOpened(in VaultOpened opened, ISet<MarginAccountId> touched)
    {
        if (tables.Accounts.TryGet(opened.AccountOwner, out var account))
        {
            tables.Accounts.Set(opened.AccountOwner, account with { Counter = ReadWriter.Seconds(opened.VaultId) });
        }

        Changed(opened.AccountOwner, opened.VaultId, touched);
    }

    private void OnShort(in ShortOtokenMinted minted, ISet<MarginAccountId> touched)
    {
        var otoken = minted.Otoken;
        Changed(minted.AccountOwner, minted.VaultId, touched, row => row with { Short = otoken });
        EnterAnew(minted.AccountOwner, minted.Otoken);
    }

    private void OnDeposited(in CollateralAssetDeposited deposited, ISet<MarginAccountId> touched)
    {
        var asset = deposited.Asset;
        Changed(deposited.AccountOwner, deposited.VaultId, touched, row => row with { Collateral = asset });
    }

    private void OnLong(in LongOtokenDeposited deposited, ISet<MarginAccountId> touched)
    {
        Changed(deposited.AccountOwner, deposited.VaultId, touched);
        EnterAnew(deposited.AccountOwner, deposited.Otoken);
    }

    // The terms, tokens and product of an oToken that nobody had before take several rounds to read: an entry has them.
    private void EnterAnew(in Address owner, in Address otoken)
    {
        if (!tables.Series.Contains(otoken) && tables.Accounts.TryGet(owner, out var row))
        {
            tables.Accounts.Set(owner, row with { MustEnter = true });
        }
    }

    // The tokens are taken all the same: a liquidation before the next judged block is told in them.
    private void Changed(in Address owner, in UInt256 id, ISet<MarginAccountId> touched, Func<VaultRow, VaultRow>? with = null)
    {
        var key = new VaultKey(owner, ReadWriter.Seconds(id));
        var isKnown = tables.Vaults.TryGet(key, out var row);
        if (!isKnown && !tables.Accounts.Contains(owner))
        {
            return;
        }

        row = row with { IsRead = false };
        tables.Vaults.Set(key, with is null ? row : with(row));
        touched.Add(market.IdOf(owner));
    }

    private void OnDust(in CollateralDustUpdated updated)
    {
        if (tables.Tokens.TryGet(updated.Collateral, out var row))
        {
            tables.Tokens.Set(updated.Collateral, row with { Dust = updated.Dust });
        }
    }

    private void OnStep(in MaxPriceAdded added)
    {
        if (tables.Products.TryGet(added.ProductHash, out var product) && product.HasTimes)
        {
            tables.Steps.Set(new StepKey(added.ProductHash, ReadWriter.Seconds(added.TimeToExpiry)), new StepRow(added.Value, IsRead: true));
        }
    }

    private void OnShock(in SpotShockUpdated updated)
    {
        if (tables.Products.TryGet(updated.Product, out var product))
        {
            tables.Products.Set(updated.Product, product with { SpotShock = updated.SpotShock, HasShock = true });
        }
    }

    // A round of the former feed is none of the new one's.
    private void OnPricer(in PricerUpdated updated)
    {
        if (tables.Feeds.Contains(updated.Asset))
        {
            new SeriesWriter(market).ForgetFeed(updated.Asset);
            tables.Feeds.Set(updated.Asset, new FeedRow { Pricer = updated.Pricer });
        }
    }
}
