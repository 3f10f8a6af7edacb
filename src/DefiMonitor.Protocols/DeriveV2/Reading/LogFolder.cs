using System.Numerics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Folds logs into the tables: balances, owners and managers, which carry what they became; and what the Standard Manager lists. Margins and feeds are read.</summary>
internal sealed class LogFolder
{
    private const int SubIdBytes = 12;

    private readonly Dictionary<(Address, Hash32), Action<Log, ISet<MarginAccountId>>> handlers;
    private readonly DeriveMarket market;
    private readonly DeriveTables tables;

    public LogFolder(DeriveMarket market)
    {
        this.market = market;
        tables = market.Tables;
        var deployment = market.Deployment;
        handlers = new()
        {
            [(deployment.SubAccounts, DeriveAbi.BalanceAdjusted.Topic0)] = On(DeriveAbi.BalanceAdjusted, OnBalance, ReadEverybodyAgain),
            [(deployment.SubAccounts, DeriveAbi.Transfer.Topic0)] = On(DeriveAbi.Transfer, OnTransfer, ReadEverybodyAgain),
            [(deployment.SubAccounts, DeriveAbi.AccountManagerChanged.Topic0)] = On(DeriveAbi.AccountManagerChanged, OnManager, ReadEverybodyAgain),
            [(deployment.StandardManager, DeriveAbi.AssetWhitelisted.Topic0)] = On(DeriveAbi.AssetWhitelisted, (listed, _) => OnAsset(listed), _ => tables.Close()),

            // Which feeds a market has is asked again, of all of them: it happens once in months.
            [(deployment.StandardManager, DeriveAbi.OraclesSet.Topic0)] = (_, _) => tables.Close(),

            // Nothing of it is folded: it tells of liquidations.
            [(deployment.Auction, DeriveAbi.Bid.Topic0)] = static (_, _) => { },
        };
        Filters = [.. handlers.Keys.GroupBy(static key => key.Item1).Select(static group => new LogFilter([group.Key], [.. group.Select(static key => key.Item2)]))];
    }

    public IReadOnlyCollection<LogFilter> Filters { get; }

    public void Apply(Log log, ISet<MarginAccountId> touched)
    {
        if (log.Topics.Count > 0 && handlers.TryGetValue((log.Address, log.Topics[0]), out var on))
        {
            on(log, touched);
        }
    }

    /// <summary>The sub-account of an id in a log; null where it is no id that can be.</summary>
    public static Address? AccountIn(in UInt256 id) => id.IsZero || id > ulong.MaxValue ? null : SubAccountKeys.KeyOf((ulong)id);

    private static Action<Log, ISet<MarginAccountId>> On<T>(AbiEvent<T> definition, Action<T, ISet<MarginAccountId>> fold, Action<ISet<MarginAccountId>> doubt)
        where T : struct => (log, touched) =>
        {
            if (DeriveAbi.Read(definition, log) is { } read)
            {
                fold(read, touched);
            }
            else
            {
                doubt(touched);
            }
        };

    // Something moved, and the log does not say what: nobody is believed until he has entered again.
    private void ReadEverybodyAgain(ISet<MarginAccountId> touched)
    {
        foreach (var (account, _) in tables.Accounts)
        {
            touched.Add(market.IdOf(account));
        }

        tables.Accounts.RemoveAll();
    }

    private void OnBalance(BalanceAdjusted adjusted, ISet<MarginAccountId> touched)
    {
        if (AccountIn(adjusted.AccountId) is not { } account || !tables.Accounts.Contains(account))
        {
            return;
        }

        var packed = adjusted.AssetAndSubId.ToArray();
        var key = new BalanceKey(account, Address.FromBytes(packed.AsSpan(0, Address.Size)), UInt256.FromBigEndian(packed.AsSpan(Address.Size, SubIdBytes)));
        touched.Add(market.IdOf(account));
        if (adjusted.PostBalance.IsZero)
        {
            tables.Balances.Remove(key);
        }
        else if (BigInteger.Abs(adjusted.PostBalance) <= Int128.MaxValue)
        {
            tables.Balances.Set(key, (Int128)adjusted.PostBalance);
        }
        else
        {
            // Of no figure that is kept here: he is Unknown until he can be read whole.
            tables.Accounts.Remove(account);
        }
    }

    private void OnTransfer(Transfer moved, ISet<MarginAccountId> touched)
    {
        foreach (var owner in new[] { moved.From, moved.To })
        {
            if (tables.Accounts.Contains(owner))
            {
                touched.Add(market.IdOf(owner));
            }
        }

        if (AccountIn(moved.TokenId) is { } account && tables.Accounts.TryGet(account, out var row))
        {
            touched.Add(market.IdOf(account));
            if (moved.To.IsZero)
            {
                tables.Accounts.Remove(account);
            }
            else
            {
                tables.Accounts.Set(account, row with { Owner = moved.To });
            }
        }
    }

    private void OnManager(AccountManagerChanged changed, ISet<MarginAccountId> touched)
    {
        if (AccountIn(changed.AccountId) is { } account && tables.Accounts.TryGet(account, out var row))
        {
            tables.Accounts.Set(account, row with { Manager = changed.NewManager });
            touched.Add(market.IdOf(account));
        }
    }

    // One asset of a kind in a market: a new one takes the place of the old.
    private void OnAsset(AssetWhitelisted listed)
    {
        if (listed.MarketId > DeriveCalls.MostMarkets)
        {
            return;
        }

        var row = new AssetRow((ulong)listed.MarketId, (AssetType)listed.AssetType);
        var before = new List<Address>();
        foreach (var (asset, known) in tables.Assets)
        {
            if (known == row)
            {
                before.Add(asset);
            }
        }

        before.ForEach(asset => tables.Assets.Remove(asset));
        tables.Assets.Set(listed.Asset, row);
        tables.Close();
    }
}
