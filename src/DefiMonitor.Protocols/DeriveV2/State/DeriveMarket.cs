using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>One deployment's tables and what follows from them. Shared by the parts of <see cref="DeriveV2Protocol"/>; holds no state of its own.</summary>
internal sealed class DeriveMarket
{
    private readonly SubAccountKeys keys;

    public DeriveMarket(DeriveV2Deployment deployment, ProtocolOptions options)
    {
        Deployment = deployment;
        keys = new SubAccountKeys(deployment.Id);
        Held = new(Tables.Balances, static key => (key.Account, key));
        Answers = new Answers(Tables, options.MaxReadAgeBlocks);
        Calls = new DeriveCalls(deployment);
    }

    public DeriveV2Deployment Deployment { get; }

    public DeriveTables Tables { get; } = new();

    public Answers Answers { get; }

    public DeriveCalls Calls { get; }

    /// <summary>What each account holds, in the order of the keys.</summary>
    public OwnedKeys<BalanceKey, Int128, BalanceKey> Held { get; }

    public MarginAccountId IdOf(in Address key) => keys.IdOf(key);

    /// <inheritdoc cref="SubAccountKeys.KeyOf(MarginAccountId)"/>
    public Address KeyOf(MarginAccountId account) => keys.KeyOf(account);

    /// <summary>Of the cash; 0 where there is none.</summary>
    public Int128 CashOf(in Address account) =>
        Tables.Balances.TryGet(new BalanceKey(account, Deployment.Cash, UInt256.Zero), out var balance) ? balance : 0;

    public ManagerKind KindOf(in AccountRow row) => Deployment.KindOf(row.Manager);

    /// <summary>Spot, forward and volatility feed of a market of the Standard Manager; null before they are read.</summary>
    public (Address Spot, Address Forward, Address Volatility)? FeedsOf(ulong marketId) =>
        Answers.TryGet(Calls.MarketFeeds(marketId), out var row) && Feeds(row) is { } feeds ? feeds : null;

    /// <summary>The library that an account's margin is computed by: its own, or its manager's.</summary>
    public Address? LibraryOf(in Address account, in Address manager) =>
        Answers.Address(Calls.AccountLib(manager, Id(account))) ?? Answers.Address(DeriveAbi.Lib.Call(manager));

    /// <summary>What people call the underlying of a spot feed: the token that a market with this feed takes as base, and its symbol.</summary>
    public (Address Asset, string Symbol) UnderlyingOf(in Address spotFeed)
    {
        var markets = Answers.TryGet(Calls.LastMarketId, out var last) ? (ulong)UInt256.Min(last[0], DeriveCalls.MostMarkets) : 0;
        for (ulong id = 1; id <= markets; id++)
        {
            if (FeedsOf(id) is { } feeds && feeds.Spot == spotFeed)
            {
                return Answers.Address(Calls.AssetMap(id, AssetType.Base)) is { } wrapper && TokenOf(wrapper) is var (token, symbol) ? (token, symbol) : (spotFeed, $"market {id}");
            }
        }

        return (spotFeed, $"feed {spotFeed.ToHex()[..8]}");
    }

    /// <summary>The token inside a wrapped asset, and its symbol.</summary>
    public (Address Token, string Symbol) TokenOf(in Address wrapper)
    {
        var token = Answers.Address(DeriveAbi.WrappedAsset.Call(wrapper)) ?? wrapper;
        return (token, Tables.Symbols.TryGet(token, out var symbol) ? symbol.ToString() : $"{token.ToHex()[..6]}..{token.ToHex()[^4..]}");
    }

    public static ulong Id(in Address account) => SubAccountKeys.IsSubAccount(account, out var id)
        ? id
        : throw new ArgumentException($"{account} is an owner, no sub-account.", nameof(account));

    private static (Address, Address, Address)? Feeds(in AnswerRow row) =>
        DeriveV2.Answers.AddressIn(row[0]) is { } spot ? (spot, DeriveV2.Answers.AddressIn(row[1]) ?? Address.Zero, DeriveV2.Answers.AddressIn(row[2]) ?? Address.Zero) : null;
}
